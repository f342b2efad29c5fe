"""The matrix as a picture: one SVG, drawn from shapes, so that it looks the same wherever it is shown.

Up to ``WORDY`` columns a cell has its words beside its mark; beyond that the mark alone, and the words as its title.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import NamedTuple

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.report.openness import MEANINGS, Openness, axis_words, cell_words, openness
from bailiwick.report.plain import xml

WORDY = 10
LETTER = 6.6
"""Width of a letter in pixels, on average; the browser's own font decides, so cells have room to spare."""
WIDE, LINE, LINES, SMALL, MARGIN, KEY = 118, 15, 4, 24, 12, 28

STYLE = """
.matrix text { font: 12px system-ui, sans-serif; fill: #1d2733; }
.matrix .name { font-weight: 600; font-size: 13px; }
.matrix .host { font-weight: 400; }
.matrix .grid { fill: none; stroke: #cfd7de; }
.matrix .paper { fill: #ffffff; } .matrix .head { fill: #f3f6f8; }
.matrix .every { fill: #bfe5c9; } .matrix .some { fill: #e3f1c9; } .matrix .itself { fill: #eef0f7; }
.matrix .perhaps { fill: #fff0c2; } .matrix .none, .matrix .zone { fill: #ffffff; } .matrix .void { fill: #e4e8ec; }
.matrix .ink { fill: #1d2733; } .matrix .ring { fill: none; stroke: #1d2733; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  .matrix text { fill: #e3e9ef; }
  .matrix .grid { stroke: #3a4652; }
  .matrix .paper, .matrix .none, .matrix .zone { fill: #12181f; } .matrix .head { fill: #1c252e; }
  .matrix .every { fill: #1d5a34; } .matrix .some { fill: #34471c; } .matrix .itself { fill: #242b3d; }
  .matrix .perhaps { fill: #4d3d0b; } .matrix .void { fill: #2a333c; }
  .matrix .ink { fill: #e3e9ef; } .matrix .ring { stroke: #e3e9ef; }
}
"""


class Box(NamedTuple):
    """Pixels."""

    x: int
    y: int
    width: int
    height: int


def matrix_picture(matrix: Matrix, title: str = "Who reaches what") -> str:
    """An SVG document; the same matrix gives the same bytes."""
    wordy = len(matrix.columns) <= WORDY
    names = [axis_words(row) for row in matrix.rows]
    left = MARGIN + max(60, int(max(map(len, [*names, "from / to"]), default=0) * LETTER * 1.15) + 24)
    across = WIDE if wordy else SMALL
    longest = max((len(axis_words(column)) for column in matrix.columns), default=0)
    top = MARGIN + (28 if wordy else int(longest * LETTER * 1.15) + 14)
    texts = {pair: _wrapped(cell) for pair, cell in matrix.cells.items()} if wordy else {}
    body: list[str] = [*_heads(matrix, left, top, across, wordy)]
    y = top
    for row, name in zip(matrix.rows, names, strict=True):
        lines = max((len(texts.get((row, column), ())) for column in matrix.columns), default=1)
        height = max(SMALL, 10 + LINE * max(lines, 1)) if wordy else SMALL
        host = row in matrix.within
        body.append(_rect("head", MARGIN, y, left - MARGIN, height))
        body.append(_text("name host" if host else "name", MARGIN + (18 if host else 6), y + 17, name))
        for at, column in enumerate(matrix.columns):
            cell = matrix.cells.get((row, column))
            box = Box(left + at * across, y, across, height)
            body += _cell(cell, box, texts.get((row, column), ()), f"{name} → {axis_words(column)}")
        y += height
    width = max(left + across * len(matrix.columns) + MARGIN, 420)
    key, y = _key(matrix, y + 14, width, wordy)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="matrix" role="img" width="{width}" height="{y}"'
            f' viewBox="0 0 {width} {y}">',
            f"<title>{xml(title)}</title>",
            f"<style>{STYLE}</style>",
            _rect("paper", 0, 0, width, y),
            *body,
            *key,
            "</svg>",
            "",
        ]
    )


def _heads(matrix: Matrix, left: int, top: int, across: int, wordy: bool) -> Iterator[str]:
    yield _rect("head", MARGIN, MARGIN, left - MARGIN, top - MARGIN)
    yield _text("", MARGIN + 6, top - 9, "from / to")
    for at, column in enumerate(matrix.columns):
        x = left + at * across
        yield _rect("head", x, MARGIN, across, top - MARGIN)
        if wordy:
            yield _text("name", x + 6, top - 9, _cut(axis_words(column), int((across - 12) / LETTER / 1.1)))
        else:
            turned = f' transform="rotate(-90 {x + 16} {top - 6})"'
            yield f'<text class="name" x="{x + 16}" y="{top - 6}"{turned}>{xml(axis_words(column))}</text>'


def _cell(cell: Cell | None, box: Box, lines: tuple[str, ...], sides: str) -> Iterator[str]:
    kind = openness(cell)
    words = cell_words(cell) if cell is not None else ""
    said = words or MEANINGS.get(kind, "not routed")
    yield f"<g><title>{xml(f'{sides}: {said}')}</title>"
    yield _rect(kind.value, *box)
    yield from _mark(kind, box.x + 12, box.y + 12)
    for number, line in enumerate(lines):
        yield _text("", box.x + 24, box.y + 17 + LINE * number, line)
    yield "</g>"


def _mark(kind: Openness, x: int, y: int) -> Iterator[str]:
    """Told apart by shape alone, as the marks of a terminal are."""
    if kind is Openness.EVERY:
        yield f'<circle class="ink" cx="{x}" cy="{y}" r="6"/>'
    elif kind is Openness.SOME:
        yield f'<circle class="ring" cx="{x}" cy="{y}" r="5.5"/>'
        yield f'<path class="ink" d="M {x} {y - 5} a 5 5 0 0 0 0 10 z"/>'
    elif kind is Openness.ITSELF:
        yield f'<circle class="ring" cx="{x}" cy="{y}" r="5.5"/>'
    elif kind is Openness.NONE:
        yield f'<circle class="ink" cx="{x}" cy="{y}" r="1.2"/>'
    elif kind is Openness.PERHAPS:
        yield _text("", x - 3, y + 5, "?")
    elif kind is Openness.ZONE:
        yield _text("", x - 4, y + 5, "=")


def _wrapped(cell: Cell) -> tuple[str, ...]:
    room = int((WIDE - 30) / LETTER)
    lines = wrap(cell_words(cell), room, break_on_hyphens=False)
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], _cut(f"{lines[LINES - 1]} …", room)]
    return tuple(_cut(line, room) for line in lines)


def _key(matrix: Matrix, top: int, width: int, wordy: bool) -> tuple[list[str], int]:
    kinds = {openness(cell) for cell in matrix.cells.values()}
    entries = [(kind, words) for kind, words in MEANINGS.items() if kind in kinds]
    drawn: list[str] = []
    x, y = MARGIN, top
    for kind, words in entries:
        room = SMALL + 12 + int(len(words) * LETTER * 1.1)
        if x > MARGIN and x + room > width:
            x, y = MARGIN, y + KEY
        drawn += [_rect(kind.value, x, y, SMALL, SMALL), *_mark(kind, x + 12, y + 12)]
        drawn.append(_text("", x + SMALL + 6, y + 16, words))
        x += room + 10
    if not wordy:
        return drawn, y + SMALL + MARGIN
    drawn.append(_text("", MARGIN, y + KEY + 14, "(in brackets) opens by itself because of another line"))
    return drawn, y + KEY + 28


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(room - 1, 1)]}…"


def _rect(kind: str, x: int, y: int, width: int, height: int) -> str:
    fill = f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>'
    line = f'<rect class="grid" x="{x}.5" y="{y}.5" width="{width}" height="{height}"/>' if kind != "paper" else ""
    return fill + line


def _text(kind: str, x: int, y: int, text: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{xml(text)}</text>'
