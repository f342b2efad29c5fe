"""Who reaches what, in a terminal: a table of words where it fits, else a grid of marks and a list of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.box import ASCII, SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.report.openness import MEANINGS, Openness, asked_words, axis_words, cell_words, openness
from bailiwick.report.tally import Tally, axis
from bailiwick.report.terminal import Terminal

Seen = Mapping[tuple[str, str], Tally]

CORNER = "from \\ to"
TALLEST = 6
LONGEST = 12
"""Letters of a name that stands on its side above a column of marks."""
FEWEST = 8
"""Columns that a grid must show at once to be worth its place; below that the list alone is easier to read."""

_STYLES = {
    Openness.EVERY: "bold green",
    Openness.SOME: "green",
    Openness.PERHAPS: "yellow",
    Openness.ITSELF: "dim",
    Openness.NONE: "dim",
    Openness.ZONE: "dim",
    Openness.VOID: "",
}


def matrix_table(matrix: Matrix, terminal: Terminal, seen: Seen | None = None) -> str:
    """``seen`` puts beside each cell how many packets agreed with it, and how many did not."""
    rows = axis(matrix.rows, (row for row, _ in seen or ()))
    columns = axis(matrix.columns, (column for _, column in seen or ()))
    whole = Matrix(rows, columns, matrix.cells, matrix.within, matrix.alike)
    cells = {(row, column): _cell(whole, row, column, terminal, seen) for row in rows for column in columns}
    table = _words(whole, cells, terminal)
    if table is not None:
        parts = [terminal.print(table)]
        if any(cell.as_zone for cell in matrix.cells.values()):
            parts.append(terminal.print(Text(f"{terminal.marks.zone} as its zone")))
    else:
        parts = [
            *_grids(whole, terminal, seen),
            "\n".join(_sentences(whole, terminal)),
            terminal.print(Text(_legend(whole, terminal, seen is not None))),
        ]
    return "\n\n".join(part for part in (*parts, _alike(matrix, terminal)) if part)


def _cell(matrix: Matrix, row: str, column: str, terminal: Terminal, seen: Seen | None) -> Text:
    cell = matrix.cells.get((row, column))
    count = seen.get((row, column)) if seen is not None else None
    text = Text()
    if cell is not None and cell_words(cell):
        asked = ", ".join(asked_words(cell))
        text.append(asked, style="green")
        text.append(cell_words(cell)[len(asked) :], style="dim")
    elif cell is not None or count is not None:
        text.append(terminal.marks.of(Openness.NONE if cell is None else openness(cell)), style="dim")
    else:
        text.append(terminal.marks.void)
    if count is not None:
        text.append_text(_count(count, terminal))
    return text


def _count(count: Tally, terminal: Terminal) -> Text:
    text = Text()
    if count.agreed:
        text.append(f" {terminal.marks.agrees}{count.agreed}", style="dim")
    if count.differed:
        text.append(f" {terminal.marks.differs}{count.differed}", style="bold red")
    if count.lost:
        text.append(f" ?{count.lost}", style="yellow")
    return text


def _name(matrix: Matrix, row: str) -> str:
    """A host stands under its zone, a step to the right."""
    return ("  " if row in matrix.within else "") + axis_words(row)


def _widths(matrix: Matrix, cells: Mapping[tuple[str, str], Text], room: int) -> list[int] | None:
    """A width for each column, which fit in ``room`` together; None where they cannot.

    No word is broken and no cell is taller than ``TALLEST`` lines; what is left goes where most is wrapped.
    """
    texts = [[axis_words(c), *(cells[row, c].plain for row in matrix.rows)] for c in matrix.columns]
    widths = [
        max(max(-(-cell_len(text) // TALLEST), *map(cell_len, text.split(" "))) for text in column) for column in texts
    ]
    wanted = [max(map(cell_len, column)) for column in texts]
    if sum(widths) > room:
        return None
    while sum(widths) < min(room, sum(wanted)):
        lacks = [want - width for want, width in zip(wanted, widths, strict=True)]
        widths[lacks.index(max(lacks))] += 1
    return widths


def _words(matrix: Matrix, cells: Mapping[tuple[str, str], Text], terminal: Terminal) -> Table | None:
    """None where the terminal is too narrow for it."""
    names = max([len(CORNER), *(cell_len(_name(matrix, row)) for row in matrix.rows)])
    widths = _widths(matrix, cells, terminal.width - names - 3 * len(matrix.columns))
    if widths is None:
        return None
    table = Table(box=SIMPLE_HEAD if terminal.unicode else ASCII, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column(CORNER, no_wrap=True, style="bold", width=names)
    for column, width in zip(matrix.columns, widths, strict=True):
        table.add_column(Text(axis_words(column)), width=width)
    for row in matrix.rows:
        table.add_row(Text(_name(matrix, row)), *(cells[row, column] for column in matrix.columns))
    return table


def _grids(matrix: Matrix, terminal: Terminal, seen: Seen | None) -> Iterator[str]:
    """The marks, below names that stand on their side; cut into as many grids as the width asks for."""
    margin = max(cell_len(_name(matrix, row)) for row in matrix.rows) + 1
    each = (terminal.width - margin) // 2
    if each < min(FEWEST, len(matrix.columns)):
        return
    for start in range(0, len(matrix.columns), each):
        part = matrix.columns[start : start + each]
        lines = [Text(" " * margin + " ".join(letters)) for letters in _upright(part)]
        for row in matrix.rows:
            name = _name(matrix, row)
            line = Text(name + " " * (margin - cell_len(name)))
            for place, column in enumerate(part):
                line.append(" " if place else "")
                line.append(*_mark(matrix, row, column, terminal, seen))
            lines.append(line)
        yield terminal.print(*lines)


def _upright(columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Each name letter by letter downwards, ending just above its column; a wide letter would shift the marks."""
    names = ["".join(letter if cell_len(letter) == 1 else "_" for letter in axis_words(place)) for place in columns]
    short = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}~" for name in names]
    height = max(map(len, short))
    return list(zip(*(name.rjust(height) for name in short), strict=True))


def _mark(matrix: Matrix, row: str, column: str, terminal: Terminal, seen: Seen | None) -> tuple[str, str]:
    if seen is not None and (count := seen.get((row, column))) is not None and count.differed:
        return terminal.marks.differs, "bold red"
    kind = openness(matrix.cells.get((row, column)))
    return terminal.marks.of(kind), _STYLES[kind]


def _sentences(matrix: Matrix, terminal: Terminal) -> Iterator[str]:
    for row in matrix.rows:
        reached: dict[str, list[str]] = {}
        for column in matrix.columns:
            cell = matrix.cells.get((row, column), Cell())
            if words := cell_words(cell):
                reached.setdefault(words, []).append(axis_words(column))
        for words, names in reached.items():
            line = Text(f"{axis_words(row)} {terminal.marks.arrow} {', '.join(names)}: {words}")
            yield terminal.print(line)
        if not reached and not any(matrix.cells.get((row, column), Cell()).as_zone for column in matrix.columns):
            yield terminal.print(Text(f"{axis_words(row)} {terminal.marks.arrow} nothing"))


def _legend(matrix: Matrix, terminal: Terminal, tried: bool) -> str:
    kinds = {openness(cell) for cell in matrix.cells.values()}
    parts = [f"{terminal.marks.of(kind)} {words}" for kind, words in MEANINGS.items() if kind in kinds]
    parts.append("(in brackets) opens by itself")
    return "   ".join([*parts, f"{terminal.marks.differs} seen otherwise than meant"] if tried else parts)


def _alike(matrix: Matrix, terminal: Terminal) -> str:
    if not matrix.alike:
        return ""
    names = ", ".join(axis_words(host) for host in matrix.alike)
    return terminal.print(Text(f"In nothing different from their zone: {names}."))
