"""What opens by itself, each opening with the line that asked for it (``docs/semantics.md``, 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from bailiwick.intent.border import Border
from bailiwick.intent.meant import Kind, Meant
from bailiwick.intent.services import meaning, shifted, words
from bailiwick.network.model import Extent, Forward, Match, Network, Place, Zone
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.packet import TCP, UDP
from bailiwick.packets.space import Cube, PacketSet

UNSPECIFIED = IntervalSet.single(0)
LIMITED_BROADCAST = IPv4Address("255.255.255.255")
ASKS_A_LEASE = meaning([Match(UDP, (67, 67))])  # RFC 2131, section 4.1
# A redirected query keeps port 53 here: the port where its resolver listens is the plan's to choose.
ASKS_A_NAME = meaning([Match(UDP, (53, 53)), Match(TCP, (53, 53))])  # RFC 7766: both transports
ASKS_THE_TIME = meaning([Match(UDP, (123, 123))])  # RFC 5905


def openings(network: Network, border: Border) -> Iterator[Meant]:
    """DHCP, DNS, redirected DNS and NTP, zone by zone; then the resolvers of ``route-out``."""
    for zone in network.zones.values():
        yield from _dhcp(zone)
        routed = IntervalSet.union(sources for _, sources in border.routed.get(zone.id, ()))
        yield from _dns(network, zone, routed)
        yield from _redirected(network, zone, routed)
        yield from _ntp(network, zone)
    for route in network.routes_out:
        sides = [side for extent in route.sources for side in _to_exit_resolver(network, extent)]
        if sides:
            text = f"the DNS queries of {route.name} are answered by the router, over its own uplink"
            packets = PacketSet(sides) & ASKS_A_NAME
            yield Meant(f"derived:exit-dns:{route.name}", route.span, text, packets, Kind.DERIVED, "dns")


def router(network: Network) -> Meant:
    """What the box opens of its own: to every zone and uplink, its DHCP client included."""
    egress = Names.of(*(zone.id for zone in network.zones.values()), *(u.id for u in network.uplinks.values()))
    packets = PacketSet([Cube(Names.of(Place.ROUTER), egress)])
    text = "the router may open connections to every zone and every uplink"
    return Meant("derived:router", network.router.span, text, packets, Kind.ROUTER, "any")


def through(forward: Forward) -> Meant:
    """The door itself: from its sources, by its uplinks, to the host as a destination NAT makes it."""
    side = Cube(Names(frozenset(forward.uplinks)), sources=forward.sources)
    packets = PacketSet([side]) & _doorstep(forward)
    text = f"{_service(forward)} from the uplink leads to {forward.host}"
    return Meant(forward.id, forward.span, text, packets, Kind.FORWARD, _service(forward))


def hairpins(network: Network, forward: Forward, policy: Iterable[Cube]) -> Iterator[Meant]:
    """The door seen from inside: from the host's own zone unless it is isolated, and wherever ``policy`` lets reach it.

    ``policy`` are the accepted cubes that may lead to the host's zone. What they do not accept stays closed.
    """
    doorstep = _doorstep(forward)
    known = PacketSet(policy) & doorstep
    for zone in network.zones.values():
        if zone.id == forward.place:
            subnet = IntervalSet.networks([zone.subnet])
            allowed = PacketSet() if zone.isolate else PacketSet([Cube(Names.of(zone.id), sources=subnet)]) & doorstep
        else:
            allowed = PacketSet(cube for cube in known.cubes() if zone.id in cube.ingress)
        if allowed:
            text = f"{zone.name} may reach {forward.host} by the uplink's address too ({_service(forward)})"
            name = f"derived:hairpin:{forward.name}:{zone.name}"
            words_there = f"{_service(forward)} to {forward.host}"
            yield Meant(name, forward.span, text, allowed, Kind.DERIVED, words_there)


def _dhcp(zone: Zone) -> Iterator[Meant]:
    if zone.dhcp is None:
        return
    sources = IntervalSet.networks([zone.subnet]) | UNSPECIFIED
    destinations = IntervalSet.addresses([zone.gateway, LIMITED_BROADCAST])
    packets = PacketSet([Cube(Names.of(zone.id), Names.of(Place.ROUTER), sources, destinations)]) & ASKS_A_LEASE
    text = f"{zone.name} may ask the router for an address"
    yield Meant(f"derived:dhcp:{zone.name}", zone.dhcp.span, text, packets, Kind.DERIVED, "dhcp")


def _dns(network: Network, zone: Zone, routed: IntervalSet) -> Iterator[Meant]:
    """Whom ``route-out`` names is answered by the resolver of its own uplink, and never by this one."""
    resolver = network.resolver
    packets = (PacketSet([_asking(zone, routed)]) & _to_resolver(network, zone)) & ASKS_A_NAME
    if packets and resolver.place != zone.id:
        text = f"{zone.name} may ask {resolver.host or 'the router'} for names"
        yield Meant(f"derived:dns:{zone.name}", resolver.span, text, packets, Kind.DERIVED, "dns")


def _redirected(network: Network, zone: Zone, routed: IntervalSet) -> Iterator[Meant]:
    """The resolver's own queries must not come back to it."""
    if not zone.force_dns:
        return
    askers = replace(_asking(zone, routed | resolver_addresses(network)), translated=True)
    packets = (PacketSet([askers]) & _to_resolver(network, zone)) & ASKS_A_NAME
    if packets:
        text = f"every DNS query of {zone.name} is answered by {network.resolver.host or 'the router'}"
        yield Meant(f"derived:redirect:{zone.name}", zone.span, text, packets, Kind.DERIVED, "dns")


def _to_exit_resolver(network: Network, extent: Extent) -> Iterator[Cube]:
    for zone in network.zones.values():
        if zone.id == extent.place:
            gateway = IntervalSet.addresses([zone.gateway])
            yield Cube(Names.of(zone.id), Names.of(Place.ROUTER), extent.addresses, gateway, translated=True)


def _ntp(network: Network, zone: Zone) -> Iterator[Meant]:
    servers = [(place, address) for place, address in network.ntp if place != zone.id]
    if not servers:
        return
    sides = PacketSet(Cube(egress=Names.of(p), destinations=IntervalSet.addresses([a])) for p, a in servers)
    spans = [host.span for host in network.hosts.values() if "ntp" in host.serves]
    text = f"{zone.name} may ask the home's time servers"
    packets = (_from(zone) & sides) & ASKS_THE_TIME
    yield Meant(f"derived:ntp:{zone.name}", spans[0], text, packets, Kind.DERIVED, "ntp")


def resolver_addresses(network: Network) -> IntervalSet:
    """The address of the host that serves DNS; none where the router does."""
    return IntervalSet.addresses([network.resolver.address] if network.resolver.address else [])


def _to_resolver(network: Network, zone: Zone) -> PacketSet:
    resolver = network.resolver
    return PacketSet(
        [
            Cube(
                egress=Names.of(resolver.place),
                destinations=resolver_addresses(network) or IntervalSet.addresses([zone.gateway]),
            )
        ]
    )


def _asking(zone: Zone, but: IntervalSet) -> Cube:
    return Cube(Names.of(zone.id), sources=IntervalSet.networks([zone.subnet]) - but)


def _from(zone: Zone) -> PacketSet:
    return PacketSet([Cube(Names.of(zone.id), sources=IntervalSet.networks([zone.subnet]))])


def _doorstep(forward: Forward) -> PacketSet:
    """The forwarded packets as the filter sees them, whoever sent them."""
    host = Cube(egress=Names.of(forward.place), destinations=IntervalSet.addresses([forward.address]), translated=True)
    return PacketSet([host]) & meaning(shifted(match, forward.to_port) for match in forward.matches)


def _service(forward: Forward) -> str:
    return words(forward.matches)
