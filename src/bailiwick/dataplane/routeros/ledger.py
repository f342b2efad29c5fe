"""What became of every physical line of an export."""

from __future__ import annotations

from bailiwick.dataplane.routeros.source import Source
from bailiwick.dataplane.tally import Line, Tally

UNREAD = "nothing here reads this line"


class Ledger:
    """Collects fates; the worst one of a line counts: unknown, then understood, then ignored.

    A line that nobody claims is unknown. Lines that a command wraps onto share its fate, and an unknown command counts
    once.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._unknown: dict[int, tuple[Line, list[str]]] = {}
        self._understood: set[int] = set()
        self._ignored: dict[int, str] = {}
        self._owner: dict[int, int] = {}

    def spans(self, line: Line, last: int) -> None:
        """The command at ``line`` ends on line ``last``."""
        for number in range(line.number + 1, last + 1):
            self._owner[number] = line.number

    def understood(self, line: Line) -> None:
        self._understood.add(line.number)

    def ignored(self, line: Line, why: str) -> None:
        self._ignored.setdefault(line.number, why)

    def unknown(self, line: Line, what: str) -> None:
        _, said = self._unknown.setdefault(line.number, (line, []))
        if what not in said:
            said.append(what)

    def tally(self) -> Tally:
        """The account of all lines of the text; it adds up."""
        understood = 0
        unknown: list[tuple[Line, str]] = []
        ignored: list[tuple[Line, str]] = []
        for number in range(1, self._source.lines + 1):
            owner = self._owner.get(number, number)
            if number in self._understood and number not in self._unknown:
                understood += 1
                continue
            line = self._source.line(number, *self._source.span(number))
            if number in self._unknown:
                line, said = self._unknown[number]
                unknown.append((line, "; ".join(said)))
            elif number in self._ignored:
                ignored.append((line, self._ignored[number]))
            elif not line.text.strip("\\; \t"):
                ignored.append((line, "blank"))
            elif owner in self._unknown and owner != number:
                ignored.append((line, f"goes on from line {owner}, and is counted there"))
            elif owner in self._understood:
                understood += 1
            elif owner in self._ignored:
                ignored.append((line, self._ignored[owner]))
            else:
                unknown.append((line, UNREAD))
        return Tally(self._source.lines, understood, tuple(unknown), tuple(ignored))
