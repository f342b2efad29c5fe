"""What a host that is no longer its owner's would try: everything its blast radius claims, and everything it denies.

From each zone that it comes to stand in it speaks as itself and as a neighbour, to every host that has a name, to the
others of each zone, to the router on each of its addresses and to what lies beyond each uplink, on every port that the
home file names and on some that it does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.intent import Intent
from bailiwick.network.model import Host, Network, Place, Zone
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.proof.blast_radius import BlastRadius, How, Reached, blast_radius
from bailiwick.twin.aim.points import OTHER_PROTOCOL, QUESTIONS, Point
from bailiwick.twin.aim.probes import SPECIMENS, UNNAMED_PORTS, Aimer
from bailiwick.twin.aim.scans import TCP_PORTS, UDP_PORTS
from bailiwick.twin.aim.steps import Step
from bailiwick.twin.aim.subnets import members
from bailiwick.twin.aim.ways import Ways
from bailiwick.twin.script import Probe

OTHERS = "others in "


@dataclass(frozen=True, slots=True)
class Raid:
    host: str
    probes: tuple[Probe, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    name: str
    place: str
    addresses: IntervalSet
    samples: tuple[IPv4Address, ...]


def _targets(network: Network, ways: Ways) -> Iterator[_Target]:
    zones = {zone.id: zone for zone in network.zones.values()}
    named: defaultdict[str, list[IPv4Address]] = defaultdict(list)
    for host in network.hosts.values():
        for leg in host.legs:
            named[leg.place].append(leg.address)
            yield _Target(host.name, leg.place, IntervalSet.addresses([leg.address]), (leg.address,))
    for place, zone in zones.items():
        rest = members(zone) - IntervalSet.addresses(named[place])
        if rest:
            ends = dict.fromkeys((rest.first(), rest.spans[-1][1]))
            yield _Target(f"{OTHERS}{zone.name}", place, rest, tuple(map(IPv4Address, ends)))
    own = tuple(sorted(ways.router_addresses | set(ways.uplink_addresses)))
    yield _Target(Place.ROUTER, Place.ROUTER, EVERY_ADDRESS, own)
    for line in ways.lines:
        beyond = EVERY_ADDRESS - network.inside() - IntervalSet.addresses(named[line.uplink])
        name = line.uplink.removeprefix("uplink:")
        yield _Target(name, line.uplink, beyond, (*SPECIMENS, line.far))


def _services(network: Network) -> Iterator[tuple[int, int]]:
    """(protocol, port or ICMP type) of everything that anyone named, its neighbours, and what scanners look for."""
    matches = [match for sentence in (*network.policy, *network.deny, *network.accept) for match in sentence.matches]
    matches += [match for forward in network.forwards for match in forward.matches]
    named = {
        port for match in matches if match.ports for port in (match.ports[0] - 1, *match.ports, match.ports[1] + 1)
    }
    named |= {forward.to_port for forward in network.forwards if forward.to_port}
    ports = sorted({port for port in (*named, *UNNAMED_PORTS, *TCP_PORTS, *UDP_PORTS, 53, 67) if 0 < port < 1 << 16})
    yield from ((protocol, port) for protocol in (TCP, UDP) for port in ports)
    yield from ((ICMP, kind) for kind in QUESTIONS)
    yield OTHER_PROTOCOL, 0


def _stands(network: Network, host: Host, radius: BlastRadius) -> dict[str, tuple[int, ...]]:
    """Zone to the sources that are spoken from there: at home itself and a neighbour, elsewhere whoever is there."""
    zones = {zone.id: zone for zone in network.zones.values()}
    own = {leg.place: int(leg.address) for leg in host.legs if leg.place in zones}
    places = dict.fromkeys((*own, *(one.place for one in radius.reached if one.place in zones)))
    return {place: tuple(dict.fromkeys(_sources(network, zones[place], own.get(place)))) for place in places}


def _sources(network: Network, zone: Zone, own: int | None) -> Iterator[int]:
    legs = [int(leg.address) for host in network.hosts.values() for leg in host.legs if leg.place == zone.id]
    yield from () if own is None else (own,)
    yield from legs
    rest = members(zone) - IntervalSet.addresses(map(IPv4Address, legs))
    if rest:
        yield rest.first()


def _zones_of(network: Network, name: str, reached: Iterable[Reached]) -> set[str]:
    """Where an origin stands: a host on all its legs, "others in lan" in that zone."""
    host = network.hosts.get(name)
    return {leg.place for leg in host.legs} if host else {one.place for one in reached if one.target == name}


def raid_of(network: Network, intent: Intent, ways: Ways, host: Host) -> Raid:
    """The packets, and each pair of an origin and a target with those among them that try it."""
    radius = blast_radius(intent, host)
    targets = tuple(_targets(network, ways))
    services = tuple(_services(network))
    aimer = Aimer(network, intent, ways)
    probes: list[Probe] = []
    for place, sources in _stands(network, host, radius).items():
        for target in targets:
            if target.place == place:
                continue
            for source in sources:
                for sample in target.samples:
                    for protocol, number in services:
                        port, kind = (0, number) if protocol == ICMP else (number, 0)
                        probe = aimer.probe(place, Point(source, int(sample), protocol, port, kind))
                        if probe is not None:
                            probes.append(probe)
    return Raid(host.name, tuple(probes), tuple(_steps(network, radius, targets, probes)))


def _steps(
    network: Network, radius: BlastRadius, targets: Iterable[_Target], probes: Iterable[Probe]
) -> Iterator[Step]:
    """Each target once, as the radius has it: by the way that leads there first, or by none from anywhere."""
    by_target: defaultdict[tuple[str, str], list[Probe]] = defaultdict(list)
    targets = tuple(targets)
    for probe in probes:
        for target in targets:
            if probe.packet.egress == target.place and int(probe.packet.destination) in target.addresses:
                by_target[target.name, target.place].append(probe)
                break
    claimed = {(one.target, one.place): one for one in radius.reached}
    for one in radius.reached:
        if one.how is How.SAME_ZONE:
            continue  # beside it on the same wire: no router stands between
        zones = _zones_of(network, one.origin, radius.reached)
        tries = [probe.serial for probe in by_target[one.target, one.place] if probe.packet.ingress in zones]
        yield Step(one.origin, one.target, True, one.services, tuple(tries))
    for target in targets:
        tries = [probe.serial for probe in by_target[target.name, target.place]]
        if target.name != radius.host and (target.name, target.place) not in claimed and tries:
            yield Step(radius.host, target.name, False, (), tuple(tries))
