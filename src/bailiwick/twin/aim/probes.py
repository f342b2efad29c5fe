"""From what was meant to the packets that try it.

Every ordered pair of places, every sentence that touches it, the corners of its set; for each pair also a few
packets that no sentence is about, and the sets that hygiene denies. What is meant of each comes from intent alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from itertools import chain

from bailiwick.intent import Intent
from bailiwick.network.model import Network, Place
from bailiwick.network.special import PUBLIC
from bailiwick.packets.cube import Cube
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet
from bailiwick.twin.aim.adversaries import attacks
from bailiwick.twin.aim.points import ECHO, OTHER_PROTOCOL, OTHER_PROTOCOLS, TIMESTAMP, Point, corners
from bailiwick.twin.aim.subnets import broadcasts, machines, members
from bailiwick.twin.aim.ways import LIMITED_BROADCAST, Aim, Ways
from bailiwick.twin.layout import Layout, Line
from bailiwick.twin.result import Fate
from bailiwick.twin.script import Probe

UNNAMED_PORTS = (1, 1023, 8080, 33434, 65535)
"""Ports tried between every pair beside those that the home file names."""
FIRST_SOURCE_PORT, SOURCE_PORTS = 33000, 32000
SPECIMENS = (IPv4Address("9.9.9.9"), IPv4Address("185.199.108.153"))
"""Two public addresses that stand for the rest of the internet, where the home file names no other."""
NOBODY = IntervalSet.single(0)
"""0.0.0.0, as whom a DHCP client speaks before it has an address (RFC 2131 §4.1)."""
MULTICAST = IntervalSet.networks([IPv4Network("224.0.0.0/4")])
UNSENDABLE = MULTICAST | IntervalSet.networks(
    IPv4Network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", f"{LIMITED_BROADCAST}/32")
)
"""Destinations that no router forwards whatever its filter says (RFC 1812 §5.3.7): trying them proves nothing.
240.0.0.0/4 is none of these: Linux forwards it."""


class Aims:
    """Which addresses each place can send from and be reached at."""

    def __init__(self, network: Network, lines: tuple[Line, ...], ways: Ways) -> None:
        self.network = network
        self.ways = ways
        self.zones = {zone.id: zone for zone in network.zones.values()}
        self.lines = {line.uplink: line for line in lines}
        self.ingresses = (*self.zones, *self.lines, Place.UNKNOWN, Place.ROUTER)
        self.egresses = (*self.zones, Place.ROUTER, *self.lines)
        self._home = IntervalSet.networks(zone.subnet for zone in self.zones.values())
        self._wires = IntervalSet.networks(line.address.network for line in lines)
        self._router = IntervalSet.addresses([*ways.router_addresses, *ways.uplink_addresses])

    def sources(self, place: str) -> IntervalSet:
        """Addresses that somebody at this place can rightly have; the router's own for itself."""
        if zone := self.zones.get(place):
            return members(zone)
        if place == Place.ROUTER:
            return self._router
        # A provider's own end is a sender too, whatever its address.
        own = self.lines.get(place)
        wire = machines(own.address.network) & PUBLIC if own else IntervalSet()
        end = IntervalSet.addresses([own.far] if own else [])
        return (PUBLIC - self._wires | wire) - self._home - self._router | end

    def destinations(self, place: str) -> IntervalSet:
        """Addresses that lead to this place and that somebody there can hold."""
        if place in self.zones:
            return self.sources(place)
        if place == Place.ROUTER:
            return self._router | IntervalSet.single(int(LIMITED_BROADCAST))
        return EVERY_ADDRESS - UNSENDABLE - self._home - self._router

    def anywhere(self, place: str) -> tuple[int, ...]:
        """A few sources at this place: its lowest and highest address, and each host that has a name."""
        allowed = self.sources(place)
        if place in self.zones:
            named = {
                int(leg.address) for host in self.network.hosts.values() for leg in host.legs if leg.place == place
            }
            return tuple(sorted({allowed.first(), allowed.spans[-1][1], *(a for a in named if a in allowed)}))
        if place == Place.ROUTER:
            return tuple(first for first, _ in allowed.spans[:1])
        ends = [int(line.far) for line in self.lines.values() if line.uplink == place]
        return (*(int(address) for address in SPECIMENS), *ends)


def _pieces(intent: Intent) -> Iterator[Cube]:
    for meant in chain(intent.meant, intent.hygiene):
        yield from meant.packets.cubes()
    for _, packets in chain(intent.assurances, intent.denials):
        yield from packets.cubes()


def _ports(cubes: Iterable[Cube], most: int = 40) -> tuple[int, ...]:
    """Ports that some sentence is about, and a few that none is."""
    named = {first for cube in cubes for first, last in cube.destination_ports.spans if first > 0}
    return tuple(sorted({*UNNAMED_PORTS, *sorted(named)[:most]}))


def _points_of(aims: Aims, cube: Cube) -> Iterator[tuple[str, Point]]:
    for ingress in aims.ingresses:
        if ingress not in cube.ingress:
            continue
        rightful = aims.sources(ingress) | (NOBODY if ingress in aims.zones else IntervalSet())
        sources = rightful if rightful & cube.sources else EVERY_ADDRESS
        if cube.translated is not True:
            for egress in aims.egresses:
                if egress in cube.egress and egress != ingress:
                    for point in corners(cube, sources, aims.destinations(egress)):
                        yield ingress, point
        if cube.translated is not False:
            for door in _doors(aims, cube, ingress):
                for point in corners(door, sources, EVERY_ADDRESS):
                    yield ingress, point


def _doors(aims: Aims, cube: Cube, ingress: str) -> Iterator[Cube]:
    """The cube as it is aimed before a destination NAT: at an uplink's address and the port that is forwarded."""
    lines = aims.lines.values()
    addresses = [line.address.ip for line in lines if ingress == line.uplink or ingress in aims.zones]
    for forward in aims.network.forwards:
        if int(forward.address) not in cube.destinations or forward.place not in cube.egress:
            continue
        for match in forward.matches:
            if match.ports is None or match.protocol is None or match.protocol not in cube.protocols:
                continue
            shift = 0 if forward.to_port is None else match.ports[0] - forward.to_port
            shifted = ((first + shift, last + shift) for first, last in cube.destination_ports.spans)
            ports = IntervalSet.of((max(0, a), b) for a, b in shifted if b >= 0) & IntervalSet.span(*match.ports)
            if ports and addresses:
                yield replace(
                    cube,
                    destinations=IntervalSet.addresses(addresses),
                    protocols=IntervalSet.single(match.protocol),
                    destination_ports=ports,
                )


def _points_between(aims: Aims, ports: tuple[int, ...]) -> Iterator[tuple[str, Point]]:
    """Every pair of places, every service that anyone named, whether or not a sentence is about it."""
    for ingress in aims.ingresses:
        for egress in aims.egresses:
            if egress == ingress and egress not in aims.zones:
                continue
            # Back into its own zone by way of the router: one sender shows it.
            sources = aims.anywhere(ingress)[: 1 if egress == ingress else None]
            targets = aims.anywhere(egress)
            if egress == Place.ROUTER:
                targets = tuple(int(address) for address in (*aims.ways.router_addresses, *aims.ways.uplink_addresses))
            for source in sources:
                for target in targets:
                    yield ingress, Point(source, target, ICMP, 0, ECHO)
                    yield ingress, Point(source, target, TCP, UNNAMED_PORTS[0])
            for target in targets[:8]:
                for port in ports:
                    yield ingress, Point(sources[0], target, TCP, port)
                    yield ingress, Point(sources[0], target, UDP, port)
                yield ingress, Point(sources[0], target, ICMP, 0, TIMESTAMP)
                yield ingress, Point(sources[0], target, OTHER_PROTOCOL)


def _sendable(ingress: str, destination: int) -> bool:
    """The router itself may speak to a group (RFC 1112 §6), beyond an uplink too if nothing stops it."""
    if ingress == Place.ROUTER and destination in MULTICAST:
        return True
    return destination == int(LIMITED_BROADCAST) or destination not in UNSENDABLE


class Aimer:
    """Turns points into probes, each once, with what is meant of it."""

    def __init__(self, network: Network, intent: Intent, ways: Ways) -> None:
        self.network = network
        self.intent = intent
        self.ways = ways
        self._done: set[tuple[str, Point]] = set()
        self._made = 0  # probes, not points: a serial has 16 bits (frames)
        self._ours = network.inside() | IntervalSet.addresses(ways.uplink_addresses)
        self._others: dict[tuple[int, ...], int] = {}
        self._rejecting = {zone.id for zone in network.zones.values() if zone.reject}
        self._denied = tuple(meant.packets for meant in intent.hygiene)

    def probe(self, ingress: str, point: Point) -> Probe | None:
        """None for a packet already taken, and for one that nobody can send."""
        if (ingress, point) in self._done:
            return None
        self._done.add((ingress, point))
        serial = self._made + 1
        ported = point.protocol in (TCP, UDP)
        if not _sendable(ingress, point.destination):
            return None
        protocol = self._other(point) if point.protocol == OTHER_PROTOCOL else point.protocol
        aim = Aim(
            ingress,
            IPv4Address(point.source),
            IPv4Address(point.destination),
            protocol,
            FIRST_SOURCE_PORT + serial % SOURCE_PORTS if ported else 0,
            point.port if ported else 0,
            point.icmp_type,
        )
        if ingress == Place.ROUTER and not self._router_may_send(aim):
            return None
        packet, claims = self._meant(aim)
        if claims and self._kernel_refuses(aim):
            return None
        if packet.egress == Place.ROUTER and packet.ingress == Place.ROUTER:
            return None
        expected = Fate.ARRIVED if claims else self._refusal(packet)
        self._made = serial
        return Probe(
            serial=serial,
            station="",
            packet=packet,
            destination=aim.destination,
            port=aim.port,
            expected=expected,
            row=ingress,
            column=packet.egress,
            claims=claims,
        )

    def _kernel_refuses(self, aim: Aim) -> bool:
        """Whether Linux drops the packet before any filter sees it, so that a door for it cannot be shown open: a
        source that is one of its own addresses, or 0.0.0.0 to a single host (``ip_route_input_slow``, route.c); where
        it has rules for routing, a link's broadcast address too (``__fib_validate_source``, fib_frontend.c).
        """
        if aim.ingress == Place.ROUTER:
            return False
        if int(aim.source) in NOBODY:
            return aim.destination != LIMITED_BROADCAST
        return self.ways.own(aim.source) or aim.source in self.ways.broadcasts

    def _other(self, point: Point) -> int:
        """A protocol that no earlier packet between these two has: without ports, the kernel would take this one
        for a reply of that connection, and could not translate two sources at once."""
        outer = [address for address in (point.source, point.destination) if address not in self._ours]
        pair = (outer[0],) if outer else (min(point.source, point.destination), max(point.source, point.destination))
        used = self._others.setdefault(pair, 0)
        self._others[pair] = used + 1
        return OTHER_PROTOCOLS[used % len(OTHER_PROTOCOLS)]

    def _meant(self, aim: Aim) -> tuple[Packet, tuple[str, ...]]:
        candidates = self.ways.candidates(aim)
        for packet in candidates:
            if accepted := self.intent.accepts(packet):
                return packet, tuple(meant.id for meant in accepted)
        return candidates[-1], ()

    def _refusal(self, packet: Packet) -> Fate:
        if packet.ingress not in self._rejecting or any(packet in denied for denied in self._denied):
            return Fate.DROPPED
        return Fate.REFUSED

    def _router_may_send(self, aim: Aim) -> bool:
        """The router's own packets bear the address of the interface that they leave by."""
        way = self.ways.egress(Place.ROUTER, aim.source, aim.destination)
        for zone in self.network.zones.values():
            if zone.id == way:
                return aim.source == zone.gateway
        return any(line.uplink == way and aim.source == line.address.ip for line in self.ways.lines)


def probes_of(network: Network, intent: Intent, ways: Ways, limit: int) -> tuple[Probe, ...]:
    """At most ``limit`` probes, the sentences' own first; their stations are not chosen yet."""
    aims = Aims(network, ways.lines, ways)
    cubes = tuple(_pieces(intent))
    aimer = Aimer(network, intent, ways)
    found: list[Probe] = []
    wanted = chain(
        chain.from_iterable(_points_of(aims, cube) for cube in cubes),
        attacks(network, ways.lines),
        _points_between(aims, _ports(cubes)),
    )
    for ingress, point in wanted:
        probe = aimer.probe(ingress, point)
        if probe is not None:
            found.append(probe)
            if len(found) >= limit:
                break
    return tuple(found)


def held_by(probes: Iterable[Probe], network: Network, lines: tuple[Line, ...]) -> dict[str, set[IPv4Address]]:
    """The addresses of each zone and uplink subnet that somebody must hold, so that a packet let through is seen."""
    held: dict[str, set[IPv4Address]] = {zone.id: set() for zone in network.zones.values()}
    held |= {line.uplink: set() for line in lines}
    for zone in network.zones.values():
        allowed = members(zone)
        held[zone.id] |= {IPv4Address(allowed.first()), IPv4Address(allowed.spans[-1][1])}
    for host in network.hosts.values():
        for leg in host.legs:
            if leg.place in held:
                held[leg.place].add(leg.address)
    subnets = [(zone.id, zone.subnet) for zone in network.zones.values()]
    subnets += [(line.uplink, line.address.network) for line in lines]
    everybodys = broadcasts(subnet for _, subnet in subnets)
    for probe in probes:
        for place, subnet in subnets:
            for address in (probe.destination, probe.packet.destination):
                if address in subnet and address not in everybodys:
                    held[place].add(address)
    return held


def stationed(probes: Iterable[Probe], layout: Layout) -> tuple[Probe, ...]:
    """The same probes, each given to a station of its place: to every station in turn."""
    given: list[Probe] = []
    for number, probe in enumerate(probes):
        if probe.packet.ingress == Place.ROUTER:
            given.append(replace(probe, station="router"))
            continue
        candidates = layout.at(probe.packet.ingress)
        if candidates:
            given.append(replace(probe, station=candidates[number % len(candidates)].name))
    return tuple(given)
