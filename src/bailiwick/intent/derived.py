"""What opens by itself, each opening with the line that asked for it (``docs/semantics.md``, 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from bailiwick.intent.border import Border, neighbours
from bailiwick.intent.meant import Kind, Meant
from bailiwick.intent.services import meaning
from bailiwick.network.model import Extent, Match, Network, Place, Zone
from bailiwick.packets.interval import NOTHING, IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.space import Cube, PacketSet

UNSPECIFIED = IntervalSet.single(0)
LIMITED_BROADCAST = IPv4Address("255.255.255.255")
ASKS_A_LEASE = meaning([Match(UDP, (67, 67))])  # RFC 2131, section 4.1
# A redirected query keeps port 53 here: the port where its resolver listens is the plan's to choose.
ASKS_A_NAME = meaning([Match(UDP, (53, 53)), Match(TCP, (53, 53))])  # RFC 7766: both transports
# What a router says of a packet that it did not let through, to whoever sent it (RFC 1812, section 4.3).
REPORTS = meaning([Match(ICMP, icmp_type=3), Match(ICMP, icmp_type=11), Match(ICMP, icmp_type=12)])
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
        sides = [side for extent in route.sources for side in _to_exit_resolver(network, extent, route.uplink)]
        if sides:
            who = exit_server(network, route.uplink) or "the router"
            text = f"the DNS queries of {route.name} are answered by {who}, over its own uplink"
            packets = PacketSet(sides) & ASKS_A_NAME
            yield Meant(f"derived:exit-dns:{route.name}", route.span, text, packets, Kind.DERIVED, "dns")


def router(network: Network) -> Meant:
    """What the box opens of its own: to every zone and uplink, its DHCP client included."""
    egress = Names.of(*(zone.id for zone in network.zones.values()), *(u.id for u in network.uplinks.values()))
    packets = PacketSet([Cube(Names.of(Place.ROUTER), egress)])
    text = "the router may open connections to every zone and every uplink"
    packets |= PacketSet([Cube(Names.of(Place.ROUTER), Names.of(Place.UNKNOWN))]) & REPORTS
    return Meant("derived:router", network.router.span, text, packets, Kind.ROUTER, "any")


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
    packets = (PacketSet([_from(zone, routed)]) & _to_resolver(network, zone)) & ASKS_A_NAME
    if packets and resolver.place != zone.id:
        text = f"{zone.name} may ask {resolver.host or 'the router'} for names"
        yield Meant(f"derived:dns:{zone.name}", resolver.span, text, packets, Kind.DERIVED, "dns")


def _redirected(network: Network, zone: Zone, routed: IntervalSet) -> Iterator[Meant]:
    """The resolver's own queries must not come back to it."""
    if not zone.force_dns:
        return
    askers = replace(_from(zone, routed | resolver_addresses(network)), translated=True)
    packets = (PacketSet([askers]) & _to_resolver(network, zone)) & ASKS_A_NAME
    if packets:
        text = f"every DNS query of {zone.name} is answered by {network.resolver.host or 'the router'}"
        yield Meant(f"derived:redirect:{zone.name}", zone.span, text, packets, Kind.DERIVED, "dns")


def upstreams_by(network: Network, place: str) -> list[IPv4Address]:
    """Those of the home's that are no neighbour of another uplink than this."""
    near = [neighbours(network, uplink) for uplink in network.uplinks.values() if uplink.id != place]
    return [one for one in network.resolver.upstreams if not any(int(one) in others for others in near)]


def exit_server(network: Network, place: str) -> IPv4Address | None:
    """Who answers the queries of those that leave by an uplink of ``route-out``, where the router has no resolver for
    it: RouterOS has one alone, which asks by the usual way. None: the router has one for each."""
    return next(iter(upstreams_by(network, place)), None) if network.router.routeros else None


def _to_exit_resolver(network: Network, extent: Extent, uplink: str) -> Iterator[Cube]:
    if (server := exit_server(network, uplink)) is not None:
        there = IntervalSet.addresses([server])
        yield Cube(Names.of(extent.place), Names.of(uplink), extent.addresses, there)
        return
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
    packets = (PacketSet([_from(zone)]) & sides) & ASKS_THE_TIME
    yield Meant(f"derived:ntp:{zone.name}", spans[0], text, packets, Kind.DERIVED, "ntp")


def resolver_addresses(network: Network) -> IntervalSet:
    """The address of the host that serves DNS; none where the router does."""
    return IntervalSet.addresses([network.resolver.address] if network.resolver.address else [])


def _to_resolver(network: Network, zone: Zone) -> PacketSet:
    destinations = resolver_addresses(network) or IntervalSet.addresses([zone.gateway])
    return PacketSet([Cube(egress=Names.of(network.resolver.place), destinations=destinations)])


def _from(zone: Zone, but: IntervalSet = NOTHING) -> Cube:
    return Cube(Names.of(zone.id), sources=IntervalSet.networks([zone.subnet]) - but)
