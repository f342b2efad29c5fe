"""One thing that is so on the device."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import total_ordering


@total_ordering
@dataclass(frozen=True, slots=True)
class Fact:
    """``subject`` is what it is about, ``value`` how that is, in words; several facts may share a subject.

    ``exact`` tells values apart that the words do not. ``link`` is the interface it hangs on, if any; ``whose`` is
    who makes it come and go, of facts that are listed and never compared.
    """

    subject: str
    value: str = ""
    exact: str = ""
    link: str = ""
    whose: str = ""

    def __lt__(self, other: Fact) -> bool:
        mine = (self.subject, self.value, self.exact, self.link, self.whose)
        return mine < (other.subject, other.value, other.exact, other.link, other.whose)

    def __str__(self) -> str:
        return f"{self.subject}: {self.value}" if self.value else self.subject


@dataclass(slots=True)
class Side:
    """``lasting`` is compared, ``passing`` is listed beside it. Both are in the order that they are to be told in."""

    lasting: list[Fact] = field(default_factory=list)
    passing: list[Fact] = field(default_factory=list)

    def add(self, fact: Fact) -> None:
        (self.passing if fact.whose else self.lasting).append(fact)

    def sort(self) -> Side:
        self.lasting.sort()
        self.passing.sort()
        return self


def flags(names: Iterable[tuple[str, object]], between: str = " ") -> str:
    """``name value`` of each that is there."""
    return between.join(f"{name} {value}" if name else str(value) for name, value in names if value not in (None, ""))
