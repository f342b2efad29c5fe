"""What comes in by the uplinks' own addresses, as it was sent: the half of a door that the filter does not see.

A filter sees packets after destination NAT. Two routers may let the same packets pass there, and yet lead different
ports to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.dataplane.symbolic.delivery import Deliveries
from bailiwick.dataplane.symbolic.interfaces import Interfaces
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.network.special import PUBLIC
from bailiwick.packets import engine, header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space
from bailiwick.proof.audit.services import words
from bailiwick.proof.comparison import Side, renumbered, symbols_of
from bailiwick.proof.universe import Universe

_LEFT_OPEN = (header.IIF, header.OIF, header.MARK, header.CT_MARK, header.STATUS, header.STATE, header.DIRECTION)


@dataclass(frozen=True, slots=True)
class Entrance:
    """What is sent to an uplink's address and leads into a zone on one side alone. ``newly``: on the new one."""

    ingress: str
    egress: str
    words: tuple[str, ...]
    newly: bool


def entrances(old: Side, new: Side) -> tuple[Entrance, ...]:
    """Of public sources alone. Raises TooMany where the two have more interfaces than can be told apart."""
    interfaces = Interfaces.of(old.device, new.device, also={*old.places.by_interface, *new.places.by_interface})
    space = engine.space(header.widths(4))
    symbols = symbols_of(interfaces, (old.places, new.places))
    before, after = (dict(_entering(one, interfaces, symbols, space)) for one in (old, new))
    found = []
    for pair in sorted({*before, *after}):
        here, there = (ways.get(pair, space.nothing) for ways in (before, after))
        for region, newly in ((there - here, True), (here - there, False)):
            if region:
                found.append(Entrance(*pair, words(space, region), newly))
    return tuple(found)


def _entering(
    side: Side, interfaces: Interfaces, symbols: dict[int, int], space: Space
) -> Iterator[tuple[tuple[str, str], Region]]:
    universe = Universe(Pipeline(side.device, 4, interfaces, space), side.places, IntervalSet())
    sent = Deliveries(universe.pipeline).foreign.sent.possible & universe.possible
    sent = sent & space.among(header.SOURCE, PUBLIC)
    for name, place in side.places.by_interface.items():
        if not place.startswith("uplink:") or name not in side.device.interfaces:
            continue
        one = side.device.interfaces[name]
        if one.dynamic:
            own = space.among(header.DYNAMIC, IntervalSet.single(interfaces.dynamic[name]))
        else:
            lasting = IntervalSet.of((int(a.ip), int(a.ip)) for a in one.addresses if a.version == 4)
            own = space.box({header.DYNAMIC: IntervalSet.single(0), header.DESTINATION: lasting})
        entering = sent & own & space.among(header.IIF, universe.numbers[place])
        for target, leaving in universe.numbers.items():
            if target.startswith("zone:"):
                piece = (entering & space.among(header.OIF, leaving)).without(*_LEFT_OPEN)
                yield (place, target), space.union(renumbered(piece, n, to, space) for n, to in symbols.items())
