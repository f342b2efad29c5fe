"""Where something is written, and the account of every line that a reader saw: it adds up, or it is a defect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A line of a configuration; ``number`` from 1. ``text`` is shown to people and holds no secret."""

    file: str
    number: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


@dataclass(frozen=True, slots=True)
class Tally:
    """``lines`` were read. Each is understood, unknown (an answer may hang on it) or ignored for a reason.

    ``unknown`` pairs a line with what was not understood, ``ignored`` with why it changes no packet's fate.
    """

    lines: int = 0
    understood: int = 0
    unknown: tuple[tuple[Line, str], ...] = field(default=())
    ignored: tuple[tuple[Line, str], ...] = field(default=())

    @property
    def adds_up(self) -> bool:
        return self.lines == self.understood + len(self.unknown) + len(self.ignored)

    @classmethod
    def total(cls, tallies: Iterable[Tally]) -> Tally:
        all_ = tuple(tallies)
        return cls(
            sum(one.lines for one in all_),
            sum(one.understood for one in all_),
            tuple(entry for one in all_ for entry in one.unknown),
            tuple(entry for one in all_ for entry in one.ignored),
        )
