"""Who reaches what, in a terminal: a table of words where it fits, else a grid of marks and a list of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.box import ASCII, SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.claims.wording import place_words
from bailiwick.report.tally import Tally, axis
from bailiwick.report.terminal import Terminal

Seen = Mapping[tuple[str, str], Tally]

CORNER = "from \\ to"
TALLEST = 6


def matrix_table(matrix: Matrix, terminal: Terminal, seen: Seen | None = None) -> str:
    """``seen`` puts beside each cell how many packets agreed with it, and how many did not."""
    rows = axis(matrix.rows, (row for row, _ in seen or ()))
    columns = axis(matrix.columns, (column for _, column in seen or ()))
    whole = Matrix(rows, columns, matrix.cells)
    cells = {(row, column): _cell(whole, row, column, terminal, seen) for row in rows for column in columns}
    table = _words(rows, columns, cells, terminal)
    if table is not None:
        return terminal.print(table)
    return "\n".join(
        [
            *_grids(whole, terminal, seen),
            "",
            *_sentences(whole, terminal),
            "",
            terminal.print(Text(_legend(terminal, seen is not None))),
        ]
    )


def _cell(matrix: Matrix, row: str, column: str, terminal: Terminal, seen: Seen | None) -> Text:
    marks = terminal.marks
    cell = matrix.cells.get((row, column))
    count = seen.get((row, column)) if seen is not None else None
    text = Text()
    if cell is not None and (cell.services or cell.derived):
        text.append(", ".join(cell.services), style="green")
        text.append(_derived(cell), style="dim")
    elif cell is not None or count is not None:
        text.append(marks.none, style="dim")
    else:
        text.append(marks.void)
    if count is not None:
        if count.agreed:
            text.append(f" {marks.agrees}{count.agreed}", style="dim")
        if count.differed:
            text.append(f" {marks.differs}{count.differed}", style="bold red")
        if count.lost:
            text.append(f" ?{count.lost}", style="yellow")
    return text


def _derived(cell: Cell) -> str:
    """What opens by itself, in brackets, with a space before it where other words stand there."""
    text = f"({', '.join(cell.derived)})" if cell.derived else ""
    return f" {text}" if text and cell.services else text


def _narrowest(column: str, rows: tuple[str, ...], cells: Mapping[tuple[str, str], Text]) -> int:
    """The narrowest that a column of words can be: no word broken, and no cell taller than ``TALLEST`` lines."""
    texts = [place_words(column), *(cells[row, column].plain for row in rows)]
    return max(max(-(-len(text) // TALLEST), *map(len, text.split(" "))) for text in texts)


def _words(
    rows: tuple[str, ...], columns: tuple[str, ...], cells: Mapping[tuple[str, str], Text], terminal: Terminal
) -> Table | None:
    """None where the terminal is too narrow for it."""
    widths = [_narrowest(column, rows, cells) for column in columns]
    names = max([len(CORNER), *(len(place_words(row)) for row in rows)])
    if names + sum(widths) + 3 * len(columns) > terminal.width:
        return None
    table = Table(box=SIMPLE_HEAD if terminal.unicode else ASCII, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column(CORNER, no_wrap=True, style="bold")
    for column, width in zip(columns, widths, strict=True):
        table.add_column(place_words(column), min_width=width)
    for row in rows:
        table.add_row(place_words(row), *(cells[row, column] for column in columns))
    return table


def _grids(matrix: Matrix, terminal: Terminal, seen: Seen | None) -> Iterator[str]:
    """The marks, cut into as many grids as the width asks for; columns go by number."""
    numbers = {column: str(number) for number, column in enumerate(matrix.columns, 1)}
    margin = max(len(place_words(row)) for row in matrix.rows) + 5
    step = len(str(len(matrix.columns))) + 1
    each = max(1, (terminal.width - margin) // step)
    for start in range(0, len(matrix.columns), each):
        part = matrix.columns[start : start + each]
        yield " " * margin + "".join(numbers[column].rjust(step) for column in part)
        for row in matrix.rows:
            number = numbers.get(row, "")
            marks = "".join(_mark(matrix, row, column, terminal, seen).rjust(step) for column in part)
            yield f"{number.rjust(3)} {place_words(row)}".ljust(margin) + marks
        yield ""
    unnamed = [column for column in matrix.columns if column not in matrix.rows]
    if unnamed:
        named = ", ".join(f"{numbers[column]} {place_words(column)}" for column in unnamed)
        yield terminal.print(Text(f"columns: {named}"))


def _mark(matrix: Matrix, row: str, column: str, terminal: Terminal, seen: Seen | None) -> str:
    marks = terminal.marks
    if seen is not None and (count := seen.get((row, column))) is not None and count.differed:
        return marks.differs
    cell = matrix.cells.get((row, column))
    if cell is None:
        return marks.void
    return marks.every if "any" in cell.services else marks.some if cell.services or cell.derived else marks.none


def _sentences(matrix: Matrix, terminal: Terminal) -> Iterator[str]:
    for row in matrix.rows:
        reached: dict[str, list[str]] = {}
        for column in matrix.columns:
            cell = matrix.cells.get((row, column), Cell())
            if words := f"{', '.join(cell.services)}{_derived(cell)}":
                reached.setdefault(words, []).append(place_words(column))
        for words, names in reached.items():
            line = Text(f"{place_words(row)} {terminal.marks.arrow} {', '.join(names)}: {words}")
            yield terminal.print(line)


def _legend(terminal: Terminal, tried: bool) -> str:
    marks = terminal.marks
    text = f"{marks.every} any service   {marks.some} some   {marks.none} nothing   (in brackets) opens by itself"
    return f"{text}   {marks.differs} seen otherwise than meant" if tried else text
