"""A self-contained page: no font, no picture, no script from elsewhere; works from a mail attachment.

Its content security policy allows exactly the styles and the one script that are in it, by their hashes (CSP Level 3,
"script-src" with a hash source), so that nothing that slipped into the text could ever run.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from bailiwick.claims.matrix import Cell
from bailiwick.report.explanation import CellExplanation
from bailiwick.report.openness import MEANINGS, Openness, asked_words, axis_words, cell_words, openness
from bailiwick.report.plain import plain
from bailiwick.report.sections import Drawing, Page
from bailiwick.report.tally import Tally, axis
from bailiwick.report.terminal import Marks

_ODD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Square:
    """One cell as the page shows it; ``anchor`` is where its explanation stands, "" where there is none."""

    row: str
    column: str
    anchor: str
    kind: str
    mark: str
    asked: str
    derived: str
    words: str
    meaning: str
    tally: Tally
    possible: bool
    why: CellExplanation | None

    @property
    def title(self) -> str:
        return f"{self.row} → {self.column}: {self.words}"


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    host: bool
    squares: tuple[Square, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The matrix, laid out. ``columns``: (name, whether a host). ``key``: (kind, mark, words) of the legend."""

    rows: tuple[Row, ...]
    columns: tuple[tuple[str, bool], ...]
    key: tuple[tuple[str, str, str], ...]
    alike: str
    tried: bool
    brackets: bool


def render(page: Page) -> str:
    """HTML, with everything in it escaped; drawings are markup of our own."""
    environment = Environment(
        loader=PackageLoader("bailiwick.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Both are texts of ours, without a value from outside: they are no HTML, so they are not escaped.
    style = Markup(environment.get_template("style.css").render())
    script = Markup(environment.get_template("script.js").render())
    styles = [style, *dict.fromkeys(drawing.style for drawing in page.drawings if drawing.style)]
    return environment.get_template("report.html.j2").render(
        page=page,
        board=_board(page),
        drawings=[Drawing(one.title, Markup(one.svg), one.style) for one in page.drawings],
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_hashes(styles)}; script-src {_hashes([script])}; base-uri 'none'; "
        "form-action 'none'",
    )


def _shown(value: object) -> str:
    """Every text that the template writes, but for markup of our own."""
    return value if isinstance(value, Markup) else plain(str(value))


def _hashes(texts: Iterable[str]) -> str:
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)


def _board(page: Page) -> Board:
    pairs = (*page.tallies, *page.explanations)
    rows = axis(page.matrix.rows, (row for row, _ in pairs))
    columns = axis(page.matrix.columns, (column for _, column in pairs))
    anchors = _Anchors()
    laid = tuple(
        Row(
            axis_words(row),
            row in page.matrix.within,
            tuple(_square(page, row, column, anchors.of(row, column)) for column in columns),
        )
        for row in rows
    )
    kinds = {square.kind for row in laid for square in row.squares}
    marks = Marks()
    key = [(str(kind), marks.of(kind), words) for kind, words in MEANINGS.items() if kind in kinds]
    if "differs" in kinds:
        key.append(("differs", marks.differs, "seen otherwise than meant"))
    brackets = any(square.derived for row in laid for square in row.squares)
    heads = tuple((axis_words(column), column in page.matrix.within) for column in columns)
    alike = ", ".join(axis_words(host) for host in page.matrix.alike)
    return Board(laid, heads, tuple(key), alike, bool(page.tallies), brackets)


class _Anchors:
    """A name for each cell that can stand in an address and that no other cell has, whatever the places are called."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, row: str, column: str) -> str:
        plain = "--".join(_ODD.sub("-", place.lower()).strip("-") or "place" for place in (row, column))
        name, number = plain, 1
        while name in self._given:
            number += 1
            name = f"{plain}-{number}"
        self._given.add(name)
        return name


def _square(page: Page, row: str, column: str, anchor: str) -> Square:
    cell = page.matrix.cells.get((row, column))
    why = page.explanations.get((row, column))
    count = page.tallies.get((row, column), Tally())
    possible = cell is not None or (row, column) in page.tallies
    kind = Openness.NONE if cell is None and possible else openness(cell)
    said = cell or Cell()
    meaning = MEANINGS.get(kind, "not routed")
    derived = ", ".join(said.derived)
    return Square(
        row=axis_words(row),
        column=axis_words(column),
        anchor=anchor if why is not None else "",
        kind="differs" if count.differed else kind.value,
        mark=Marks().of(kind),
        asked=", ".join(asked_words(said)),
        derived=derived,
        words=cell_words(said) or meaning,
        meaning=meaning,
        tally=count,
        possible=possible,
        why=why,
    )
