"""What a host that is no longer the owner's can reach, by itself and by way of what it reaches next.

A host can give itself any address of its zone (no router sees two hosts of one zone swap theirs), so after the first
step what counts is the zone: whoever stands in it may speak as anyone in it. A service that can be reached is taken
to be taken over; the router is not, or every home would end there: it is named and not followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bailiwick.intent import Intent, Meant
from bailiwick.network.model import Host, Leg, Network, Place
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.space import Cube, PacketSet
from bailiwick.proof.difference import Meaning


class How(StrEnum):
    ITSELF = "itself"
    """From its own address."""
    NEIGHBOUR = "neighbour"
    """From the address of another in its zone."""
    SAME_ZONE = "same zone"
    """Beside it on the same network, where no router stands between."""


@dataclass(frozen=True, slots=True)
class Reached:
    """``target`` is a host's name, ``others in lan``, ``router``, ``internet`` or an uplink's name.

    ``origin`` is the host or zone that it is reached from, ``depth`` how many steps lie before it (1: directly).
    ``services`` are words; ``lines`` those of the home file that allow it: without them the step is gone.
    """

    target: str
    place: str
    origin: str
    depth: int
    how: How
    services: tuple[str, ...] = ()
    lines: tuple[Meaning, ...] = ()
    isolated: bool = False
    """``SAME_ZONE`` only: the zone says that its clients are kept apart."""


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """``spared`` are the zones of which nothing is reached."""

    host: str
    zones: tuple[str, ...]
    reached: tuple[Reached, ...]
    spared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    name: str
    place: str
    addresses: IntervalSet


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where the intruder stands, and the addresses that it speaks from there."""

    origin: str
    place: str
    sources: IntervalSet
    depth: int
    how: How


def blast_radius(intent: Intent, host: Host) -> BlastRadius:
    """Breadth first, zone by zone; each target once, by the first way that leads to it."""
    network = intent.network
    zones = {zone.id: zone for zone in network.zones.values()}
    targets = {(target.name, target.place): target for target in _targets(network)}
    found: dict[tuple[str, str], Reached] = {}

    seen: set[str] = set()

    def add(one: Reached) -> None:
        if one.target != host.name:
            found.setdefault((one.target, one.place), one)

    def enter(one: Reached, depth: int) -> None:
        for place in _legs(network, one):
            if place in zones and place not in seen:
                pending.append(_Stand(one.target, place, targets[one.target, place].addresses, depth, How.ITSELF))

    start = tuple(leg.place for leg in host.legs if leg.place in zones)
    pending = [_Stand(host.name, leg.place, _alone(leg), 1, How.ITSELF) for leg in host.legs if leg.place in zones]
    while pending:
        stand = pending.pop(0)
        if stand.place in seen:
            continue
        seen.add(stand.place)
        zone = zones[stand.place]
        everyone = replace(stand, sources=IntervalSet.networks([zone.subnet]), how=How.NEIGHBOUR)
        for own in (stand, everyone):
            for one in _reach(intent, targets.values(), own):
                add(one)
                enter(one, stand.depth + 1)
        for target in targets.values():
            if target.place == stand.place and target.name != stand.origin:
                beside = Reached(target.name, target.place, stand.origin, stand.depth, How.SAME_ZONE)
                add(replace(beside, isolated=zone.isolate))
                enter(beside, stand.depth + 1)
    order = list(How)
    reached = tuple(sorted(found.values(), key=lambda one: (one.depth, order.index(one.how))))
    touched = {one.place for one in reached} | set(start)
    return BlastRadius(host.name, start, reached, tuple(z.name for z in zones.values() if z.id not in touched))


def _reach(intent: Intent, targets: Iterable[_Target], stand: _Stand) -> Iterator[Reached]:
    sent = PacketSet([Cube(Names.of(stand.place), sources=stand.sources)])
    forbidden = [both for one in intent.hygiene if (both := one.packets & sent)]
    allowed: list[tuple[Meant, PacketSet]] = []
    for one in intent.meant:
        packets = one.packets & sent
        for barred in forbidden:
            packets -= barred
        if packets:
            allowed.append((one, packets))
    for target in targets:
        if target.place == stand.place:
            continue
        box = PacketSet([Cube(egress=Names.of(target.place), destinations=target.addresses)])
        lines = [one for one, packets in allowed if packets & box]
        if lines:
            services = tuple(dict.fromkeys(one.services or one.text for one in lines))
            meanings = tuple(dict.fromkeys(Meaning(one.span, one.text) for one in lines))
            yield Reached(target.name, target.place, stand.origin, stand.depth, stand.how, services, meanings)


def _targets(network: Network) -> Iterator[_Target]:
    """Every host that has a name, all others of each zone together, the router, and what lies beyond each uplink."""
    named: dict[str, list[Leg]] = {}
    for host in network.hosts.values():
        for leg in host.legs:
            yield _Target(host.name, leg.place, _alone(leg))
            named.setdefault(leg.place, []).append(leg)
    for zone in network.zones.values():
        own = [zone.gateway, zone.subnet.broadcast_address, *(leg.address for leg in named.get(zone.id, ()))]
        rest = IntervalSet.networks([zone.subnet]) - IntervalSet.addresses(own)
        if rest:
            yield _Target(f"others in {zone.name}", zone.id, rest)
    yield _Target("router", Place.ROUTER, EVERY_ADDRESS)
    for uplink in network.uplinks.values():
        beyond = EVERY_ADDRESS - network.inside()
        beyond -= IntervalSet.addresses(leg.address for leg in named.get(uplink.id, ()))
        yield _Target(uplink.name, uplink.id, beyond)


def _legs(network: Network, one: Reached) -> tuple[str, ...]:
    """Where a host that is held stands: a host with legs in two zones is a way between them."""
    host = network.hosts.get(one.target)
    return tuple(leg.place for leg in host.legs) if host else (one.place,)


def _alone(leg: Leg) -> IntervalSet:
    return IntervalSet.addresses([leg.address])
