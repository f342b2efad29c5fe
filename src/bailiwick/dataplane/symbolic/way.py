"""Where packets go: the fates that a step, a rule, a chain or a whole hook may give them, each with its packets.

A ``Way`` holds *may*-regions alone, in the coordinates of the packet as it came. Every packet has some fate, so it
certainly has one when no other is possible: ``certain`` needs no second bookkeeping.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from bailiwick.dataplane.symbolic.effect import NO_EFFECT, Effect, Effects, after
from bailiwick.dataplane.tally import Line
from bailiwick.packets.region import Region


class Kind(IntEnum):
    NEXT = 0
    """On to the rule's next step."""
    ON = 1
    """On to the next rule; after a chain's last one, the chain's end."""
    RETURN = 2
    ACCEPT = 3
    DROP = 4
    REJECT = 5
    TRANSLATE = 6
    """Accepted, with a translation."""
    CALLED = 7
    """Sent to a chain: only where somebody asks what comes there."""


class Landing(NamedTuple):
    """Which translation a packet met, and whether it changed anything (conntrack's status tells)."""

    kind: str
    line: Line


class Fate(NamedTuple):
    kind: Kind
    effect: Effect = NO_EFFECT
    landing: Landing | None = None
    again: bool = False
    """The device's own packet was changed, so its egress is looked up again once the hook is done with it."""


Way = dict[Fate, Region]
"""Empty regions are left out."""

ON, NEXT, RETURN, ACCEPT = Fate(Kind.ON), Fate(Kind.NEXT), Fate(Kind.RETURN), Fate(Kind.ACCEPT)
DROP, REJECT = Fate(Kind.DROP), Fate(Kind.REJECT)


def put(way: Way, fate: Fate, region: Region) -> None:
    """Adds packets to a fate; nothing where there are none."""
    if region:
        held = way.get(fate)
        way[fate] = region if held is None else held | region


def then(effects: Effects, first: Way, second: Way, by: Kind) -> Way:
    """``second`` for what ``first`` leaves with fate ``by``; its other fates stay."""
    way: Way = {}
    for fate, region in first.items():
        if fate.kind is not by:
            put(way, fate, region)
            continue
        happened = fate.effect
        plain = not happened.assigned and fate.landing is None and not fate.again
        for further, wanted in second.items():
            if plain:
                both = region & wanted
                if both:
                    put(way, further, both)
            else:
                landing, again = further.landing or fate.landing, further.again or fate.again
                joined = Fate(further.kind, after(happened, further.effect), landing, again)
                put(way, joined, region & effects.pull(wanted, happened))
    return way


def within(way: Way, region: Region) -> Way:
    """The fates of these packets alone."""
    found = {fate: held & region for fate, held in way.items()}
    return {fate: held for fate, held in found.items() if held}


def renamed(way: Way, change: Callable[[Fate], Fate]) -> Way:
    """The same with other fates; those that become one are joined."""
    result: Way = {}
    for fate, region in way.items():
        put(result, change(fate), region)
    return result


def of_kind(way: Way, nothing: Region, *kinds: Kind) -> Region:
    """The packets that may have a fate of one of these kinds."""
    for fate, region in way.items():
        if fate.kind in kinds:
            nothing = nothing | region
    return nothing
