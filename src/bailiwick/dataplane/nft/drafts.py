"""Tables while their listing is read, and the account of its objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bailiwick.dataplane.nft.sets import Elements
from bailiwick.dataplane.tally import Line, Tally
from bailiwick.dataplane.unreadable import Unreadable


@dataclass(slots=True)
class Draft:
    """A table while it is read."""

    family: str
    name: str
    line: Line
    chains: dict[str, tuple[Mapping[str, object], Line]] = field(default_factory=dict)
    rules: dict[str, list[tuple[Mapping[str, object], Line]]] = field(default_factory=dict)
    sets: dict[str, Elements] = field(default_factory=dict)
    dormant: bool | None = False
    """None: the listing does not tell."""


@dataclass(slots=True)
class Account:
    lines: int = 0
    unknown: list[tuple[Line, str]] = field(default_factory=list)
    ignored: list[tuple[Line, str]] = field(default_factory=list)

    def tally(self) -> Tally:
        rest = self.lines - len(self.unknown) - len(self.ignored)
        return Tally(self.lines, rest, tuple(self.unknown), tuple(self.ignored))


def text_of(place: str, inner: Mapping[str, object], key: str) -> str:
    """A value that must be there. Raises Unreadable."""
    value = inner.get(key)
    if not isinstance(value, str) or not value:
        raise Unreadable(place, f"has no `{key}`")
    return value


def listed(value: object) -> list[object]:
    """One value or several, as a list; None is none."""
    return [] if value is None else value if isinstance(value, list) else [value]
