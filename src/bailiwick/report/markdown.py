"""Markdown for a pull request: the matrix, and what a change newly allows and newly denies.

GitHub's flavour (GFM): pipe tables, and HTML's ``details``. Whatever comes from a file is escaped: a name can neither
end a cell or a code span, nor become a link, a mention or an element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.claims.matrix import Matrix
from bailiwick.report.explanation import Quote
from bailiwick.report.openness import MEANINGS, Openness, axis_words, cell_words, openness
from bailiwick.report.plain import plain
from bailiwick.report.terminal import Marks

WORDY = 12
"""Columns up to which a cell has its words; beyond that its mark alone."""

_SPECIAL = re.compile(r"([\\`*_\[\]#!|~$])")
_TICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Change:
    """Packets that fare otherwise than before. ``words`` say which ("iot -> services: tcp/8080"), ``witness`` is one
    of them, ``before`` and ``after`` the lines that decide them then and now; either may be empty."""

    words: str
    witness: str = ""
    before: tuple[Quote, ...] = ()
    after: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a change of text changes in meaning; nothing of either kind when it changes none."""

    allowed: tuple[Change, ...] = ()
    denied: tuple[Change, ...] = ()


def changes_markdown(changes: Changes) -> str:
    """What is newly allowed first: that is what a reviewer looks for."""
    if not changes.allowed and not changes.denied:
        return "**Nothing changes in meaning**: every packet fares as before.\n"
    parts = [f"**{len(changes.allowed)} newly allowed, {len(changes.denied)} newly denied**", ""]
    for title, entries in (("Newly allowed", changes.allowed), ("Newly denied", changes.denied)):
        if entries:
            parts += [f"### {title}", "", *(line for entry in entries for line in _change(entry)), ""]
    return "\n".join(parts)


def matrix_markdown(matrix: Matrix, title: str = "Who reaches what") -> str:
    """A table; where it has more than ``WORDY`` columns, marks, and the words in a list that is folded away."""
    wordy = len(matrix.columns) <= WORDY
    marks = Marks()
    lines = [f"### {escaped(title)}", ""]
    lines.append("| from \\\\ to | " + " | ".join(escaped(axis_words(column)) for column in matrix.columns) + " |")
    lines.append("|---" * (len(matrix.columns) + 1) + "|")
    for row in matrix.rows:
        name = axis_words(row)
        head = f"&nbsp;&nbsp;{escaped(name)}" if row in matrix.within else f"**{escaped(name)}**"
        lines.append(f"| {head} | " + " | ".join(_cell(matrix, row, column, wordy) for column in matrix.columns) + " |")
    kinds = {openness(cell) for cell in matrix.cells.values()}
    key = [f"{marks.of(kind)} {words}" for kind, words in MEANINGS.items() if kind in kinds]
    lines += ["", f"{', '.join(key)}; (in brackets) opens by itself."]
    if matrix.alike:
        alike = ", ".join(escaped(axis_words(host)) for host in matrix.alike)
        lines += ["", f"In nothing different from their zone: {alike}."]
    if not wordy:
        lines += ["", "<details><summary>In words</summary>", "", *_words(matrix), "", "</details>"]
    return "\n".join([*lines, ""])


def escaped(text: str) -> str:
    """Text from a file as Markdown that shows it letter by letter, on one line."""
    one_line = " ".join(plain(text).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A mention or a bare address would become a link; as character references they do not.
    return (
        _SPECIAL.sub(r"\\\1", one_line).replace("@", "&#64;").replace("://", ":&#47;&#47;").replace("www.", "www&#46;")
    )


def code(text: str) -> str:
    """Text as a code span, with more ticks around it than are in it (CommonMark 0.31, section 6.1)."""
    one_line = " ".join(plain(text).split())
    ticks = "`" * (max((len(run) for run in _TICKS.findall(one_line)), default=0) + 1)
    pad = " " if one_line.startswith("`") or one_line.endswith("`") else ""
    return f"{ticks}{pad}{one_line}{pad}{ticks}" if one_line else ""


def _cell(matrix: Matrix, row: str, column: str, wordy: bool) -> str:
    cell = matrix.cells.get((row, column))
    kind = openness(cell)
    mark = Marks().of(kind).strip()
    words = escaped(cell_words(cell)) if cell is not None and wordy else ""
    return f"{mark} {words}".strip() if kind is not Openness.VOID else ""


def _words(matrix: Matrix) -> Iterator[str]:
    for row in matrix.rows:
        reached: dict[str, list[str]] = {}
        for column in matrix.columns:
            cell = matrix.cells.get((row, column))
            if cell is not None and (words := cell_words(cell)):
                reached.setdefault(words, []).append(escaped(axis_words(column)))
        for words, names in reached.items():
            yield f"- {escaped(axis_words(row))} → {', '.join(names)}: {escaped(words)}"


def _change(entry: Change) -> Iterator[str]:
    yield f"- {escaped(entry.words)}"
    if entry.witness:
        yield f"  - for example {code(entry.witness)}"
    for title, quotes in (("now decided by", entry.after), ("before decided by", entry.before)):
        for quote in quotes:
            text = f" {code(quote.text)}" if quote.text else ""
            yield f"  - {title} {code(quote.place)}{text}"
