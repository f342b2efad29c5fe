"""The doors from the uplinks, and how they look from inside (``docs/semantics.md``, 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bailiwick.intent.meant import Kind, Meant
from bailiwick.intent.services import meaning, shifted, words
from bailiwick.network.model import Forward, Network
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.space import NO_PACKET, Cube, PacketSet


def through(forward: Forward) -> Meant:
    """The door itself: from its sources, by its uplinks, to the host as a destination NAT makes it."""
    side = Cube(Names(frozenset(forward.uplinks)), sources=forward.sources)
    packets = PacketSet([side]) & _doorstep(forward)
    text = f"{_service(forward)} from the uplink leads to {forward.host}"
    who = f" from {forward.sources_text}" if forward.sources_text else ""
    return Meant(forward.id, forward.span, text, packets, Kind.FORWARD, _service(forward) + who)


def hairpins(network: Network, forward: Forward, policy: Iterable[Cube]) -> Iterator[Meant]:
    """The door seen from inside: from the host's own zone unless it is isolated, and wherever ``policy`` lets reach it.

    ``policy`` are the accepted cubes that may lead to the host's zone. What they do not accept stays closed.
    """
    doorstep = _doorstep(forward)
    known = PacketSet(policy) & doorstep
    for zone in network.zones.values():
        if zone.id == forward.place:
            subnet = IntervalSet.networks([zone.subnet])
            allowed = NO_PACKET if zone.isolate else PacketSet([Cube(Names.of(zone.id), sources=subnet)]) & doorstep
        else:
            allowed = PacketSet(cube for cube in known.cubes() if zone.id in cube.ingress)
        if allowed:
            text = f"{zone.name} may reach {forward.host} by the uplink's address too ({_service(forward)})"
            name = f"derived:hairpin:{forward.name}:{zone.name}"
            words_there = f"{_service(forward)} to {forward.host}"
            yield Meant(name, forward.span, text, allowed, Kind.DERIVED, words_there)


def _service(forward: Forward) -> str:
    return forward.service or words(forward.matches)


def _doorstep(forward: Forward) -> PacketSet:
    """The forwarded packets as the filter sees them, whoever sent them."""
    host = Cube(egress=Names.of(forward.place), destinations=IntervalSet.addresses([forward.address]), translated=True)
    return PacketSet([host]) & meaning(shifted(match, forward.to_port) for match in forward.matches)
