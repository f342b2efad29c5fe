"""What a hostile sender would try at each place, besides the corners of what was meant.

Forged sources from every zone, addresses that are nobody's from every uplink, a neighbour on the uplink's wire who
routes straight at a zone, the Ethernet under a PPPoE session, a new connection from a tunnel's far end, a host that
aims at another zone's gateway: each aimed at the doors that are open to somebody, where a hole would matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from bailiwick.network.model import Network, Place, Zone
from bailiwick.network.special import SPECIAL_NETWORKS
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.aim.points import ECHO, Point
from bailiwick.twin.aim.subnets import machines, member
from bailiwick.twin.layout import Line

SSH, DNS, HTTPS = 22, 53, 443
STRANGER = int(IPv4Address("198.41.0.4"))


def _doors(network: Network, lines: tuple[Line, ...]) -> Iterator[tuple[int, int, int]]:
    """(address, protocol, port) of whatever is open from beyond an uplink, on each address of the router there."""
    matches = [match for forward in network.forwards for match in forward.matches]
    beyond = {Place.OUTSIDE, *(line.uplink for line in lines)}
    for sentence in network.policy:
        extents = sentence.source.extents, sentence.target.extents
        sources, targets = ({extent.place for extent in side} for side in extents)
        if Place.ROUTER in targets and sources & beyond:
            matches += sentence.matches
    for line in lines:
        for match in matches:
            if match.ports and match.protocol:
                for port in dict.fromkeys(match.ports):
                    yield int(line.address.ip), match.protocol, port
            elif match.protocol in (None, ICMP):
                yield int(line.address.ip), ICMP, 0


def _targets(network: Network, lines: tuple[Line, ...]) -> list[tuple[int, int, int]]:
    """Everything worth reaching: the doors, a host of each zone, the router on each of its addresses."""
    found = list(_doors(network, lines))
    hosts = [leg.address for host in network.hosts.values() for leg in host.legs if leg.place.startswith("zone:")]
    for zone in network.zones.values():
        hosts.append(member(zone, 2))
    for address in dict.fromkeys(hosts):
        found += [(int(address), TCP, HTTPS), (int(address), ICMP, 0)]
    for address in (*(zone.gateway for zone in network.zones.values()), *(line.address.ip for line in lines)):
        found += [(int(address), TCP, SSH), (int(address), UDP, DNS), (int(address), ICMP, 0)]
    return found


def _opened(network: Network, zone: Zone) -> list[tuple[int, int, int]]:
    """(address, protocol, port) of something that each sentence opens to somebody of the zone."""
    found: dict[tuple[int, int, int], None] = {}
    for sentence in network.policy:
        if all(extent.place != zone.id for extent in sentence.source.extents):
            continue
        for extent in sentence.target.extents:
            if not extent.addresses:
                continue
            first, last = extent.addresses.spans[0]
            for match in sentence.matches:
                port = match.ports[0] if match.ports else HTTPS if match.protocol in (None, TCP, UDP) else 0
                found[(first + last) // 2, match.protocol or TCP, port] = None
    return list(found)


def _point(source: int, target: tuple[int, int, int]) -> Point:
    address, protocol, port = target
    return Point(source, address, protocol, port, ECHO if protocol == ICMP else 0)


def _nobodys() -> Iterator[int]:
    """First and last of each special range, and of each /8 in a wider one: a filter may keep those apart."""
    for special in SPECIAL_NETWORKS:
        for part in special.subnets(new_prefix=8) if special.prefixlen < 8 else (special,):
            yield int(part.network_address) + 1
            yield int(part.broadcast_address) - 1


def _outsiders(network: Network, lines: tuple[Line, ...]) -> list[int]:
    """Sources that no stranger rightly has: of every special range, of every zone, the router's own."""
    found = list(_nobodys())
    found += [int(member(zone, 5)) for zone in network.zones.values()]
    found += [int(line.address.ip) for line in lines]
    return found


def _neighbour(line: Line) -> Iterator[int]:
    """Somebody else on the uplink's wire, where there is room for one."""
    others = machines(line.address.network) - IntervalSet.addresses([line.address.ip, line.far])
    if others:
        yield others.first()


def attacks(network: Network, lines: tuple[Line, ...]) -> Iterator[tuple[str, Point]]:
    """(where it enters, packet). What is meant of each is for intent to say."""
    targets = _targets(network, lines)
    doors = list(_doors(network, lines))
    for line in lines:
        for source in (STRANGER, int(line.far), *_neighbour(line)):
            for target in targets:
                yield line.uplink, _point(source, target)
        for source in _outsiders(network, lines):
            for target in doors or targets[:1]:
                yield line.uplink, _point(source, target)
    for forward in network.forwards:
        for match in forward.matches:
            # Who may use the door, and routes straight at what is behind it.
            shift = 0 if forward.to_port is None or match.ports is None else forward.to_port - match.ports[0]
            if match.ports and match.protocol:
                target = int(forward.address), match.protocol, match.ports[0] + shift
                for uplink in forward.uplinks:
                    yield uplink, _point(forward.sources.spans[-1][0] + 1, target)
    for source in (STRANGER, *_outsiders(network, lines)[-len(network.zones) - len(lines) :]):
        for target in targets:
            yield Place.UNKNOWN, _point(source, target)
    for line in lines:
        for nobody in _nobodys():
            yield Place.ROUTER, _point(int(line.address.ip), (nobody, TCP, HTTPS))
    for route in network.routes_out:
        for extent in route.sources:
            for nobody in _nobodys():
                yield extent.place, _point(extent.addresses.spans[-1][0], (nobody, TCP, HTTPS))
    beyond = (int(IPv4Address("9.9.9.9")), TCP, HTTPS)
    for zone in network.zones.values():
        forged = [STRANGER, int(zone.gateway), int(zone.subnet.broadcast_address), 0, (127 << 24) + 1]
        forged += [int(member(other, 5)) for other in network.zones.values() if other is not zone]
        forged += [int(other.gateway) for other in network.zones.values() if other is not zone]
        forged += [int(line.address.ip) for line in lines]
        for source in forged:
            for target in (beyond, *targets[:: max(1, len(targets) // 12)]):
                yield zone.id, _point(source, target)
        for target in _opened(network, zone):
            for source in (STRANGER, int(zone.subnet.broadcast_address)):
                yield zone.id, _point(source, target)
        for nobody in _nobodys():
            yield zone.id, _point(int(member(zone, 5)), (nobody, TCP, HTTPS))
        for address in (*(other.gateway for other in network.zones.values()), *(line.address.ip for line in lines)):
            for protocol, port in ((TCP, SSH), (TCP, HTTPS), (TCP, DNS), (UDP, DNS), (UDP, 67), (ICMP, 0)):
                yield zone.id, _point(int(member(zone, 5)), (int(address), protocol, port))
