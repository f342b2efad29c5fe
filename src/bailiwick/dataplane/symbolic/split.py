"""First match without side effects: to each exit the packets that may take it."""

from __future__ import annotations

from collections.abc import Iterable

from bailiwick.packets.balanced import balanced
from bailiwick.packets.region import Region

LOCAL, NOWHERE, MISS, THROWN = 0, -1, -2, -3
"""Exits that are no interface's number: to the device itself, refused or without a route, not found, stop looking."""

Split = dict[int, Region]


def first_match(parts: Iterable[Split], everything: Region) -> Split:
    """Each part sees what every one before it missed."""
    return balanced(list(parts), _then, {MISS: everything})


def joined(split: Split, exits: dict[int, int]) -> Split:
    """The same with some exits renamed."""
    result: Split = {}
    for exit_, region in split.items():
        name = exits.get(exit_, exit_)
        result[name] = result[name] | region if name in result else region
    return result


def ambiguous(split: Split, nothing: Region) -> Region:
    """The packets that more than one exit may take."""
    seen = twice = nothing
    for region in split.values():
        twice = twice | (seen & region)
        seen = seen | region
    return twice


def _then(first: Split, second: Split) -> Split:
    missed = first.get(MISS)
    if missed is None:
        return first
    result = {exit_: region for exit_, region in first.items() if exit_ != MISS}
    for exit_, region in second.items():
        both = missed & region
        if both:
            result[exit_] = result[exit_] | both if exit_ in result else both
    return result
