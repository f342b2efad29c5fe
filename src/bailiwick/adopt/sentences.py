"""What is accepted, in few sentences: the same said of several is said once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bailiwick.adopt.accepted import Accepted, Side
from bailiwick.adopt.nouns import Nouns
from bailiwick.packets.interval import IntervalSet

Row = tuple[Side, Side, tuple[str, ...]]
_EXCEPT = " except "


def policy(accepted: Iterable[Accepted], nouns: Nouns) -> Iterator[str]:
    """Sentences of a home file, as ``lan, mgmt -> services: any``; what the device accepts, and no more."""
    for source, target, services in _fewest([(a.source, a.target, a.services) for a in accepted]):
        yield f"{_said(source, nouns)} -> {_said(target, nouns)}: {', '.join(services)}"


def _fewest(rows: list[Row]) -> list[Row]:
    """Rows with two parts alike become one, until none do. Every step is exact: a row is a product of its sides."""
    while True:
        before = len(rows)
        for part in (0, 1, 2):
            rows = _joined(rows, part)
        if len(rows) == before:
            return rows


def _joined(rows: Sequence[Row], part: int) -> list[Row]:
    found: dict[tuple[object, ...], Row] = {}
    for row in rows:
        value = row[part]
        # Words, and services with exceptions, are not joined: a word is no set here.
        apart = isinstance(value, str) or (isinstance(value, tuple) and _EXCEPT in value[-1])
        key = (*(row[n] for n in range(3) if n != part), value if apart else None)
        if key in found:
            found[key] = _with(found[key], part, value)
        else:
            found[key] = row
    return list(found.values())


def _with(row: Row, part: int, more: Side | tuple[str, ...]) -> Row:
    source, target, services = row
    if part == 2:
        return source, target, _services(services, more)
    if part == 0:
        return _both(source, more), target, services
    return source, _both(target, more), services


def _both(held: Side, more: object) -> Side:
    return held | more if isinstance(held, IntervalSet) and isinstance(more, IntervalSet) else held


def _services(held: tuple[str, ...], more: object) -> tuple[str, ...]:
    several = tuple(dict.fromkeys((*held, *(more if isinstance(more, tuple) else ()))))
    return ("any",) if "any" in several else several


def _said(side: Side, nouns: Nouns) -> str:
    if isinstance(side, str):
        return side
    return nouns.side(side)
