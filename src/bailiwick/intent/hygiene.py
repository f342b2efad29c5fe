"""What no sentence can open: forged sources, impossible destinations, the wrong way out (``docs/semantics.md``)."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.intent.border import Border, members, neighbours
from bailiwick.intent.derived import (
    ASKS_A_LEASE,
    ASKS_A_NAME,
    UNSPECIFIED,
    exit_server,
    resolver_addresses,
    upstreams_by,
)
from bailiwick.intent.meant import Kind, Meant
from bailiwick.network.model import Addressing, Network, Place, RouteOut, Uplink, Zone
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.space import Cube, PacketSet

ROUTE_OUT = "hygiene:route-out:"
"""What the ids of the sentences about the way out begin with."""

# RFC 2131, section 4.1: a client sends from port 68 to a server's 67.
_DHCP_CLIENT = PacketSet([Cube(Names.of(Place.ROUTER), source_ports=IntervalSet.single(68))]) & ASKS_A_LEASE


def hygiene(network: Network, border: Border) -> Iterator[Meant]:
    """Sources of zones and uplinks, destinations of uplinks, the ways out, then forced DNS."""
    for zone in network.zones.values():
        yield _forged_inside(zone)
    for uplink in network.uplinks.values():
        yield from _uplink(network, border, uplink)
    for route in network.routes_out:
        yield from _route_out(network, border, route)
    for place in dict.fromkeys(route.uplink for route in network.routes_out):
        yield from _own_packets(network, border, place)
    for zone in network.zones.values():
        if zone.force_dns:
            yield _forced_dns(network, zone)


def _forged_inside(zone: Zone) -> Meant:
    forged = PacketSet([Cube(Names.of(zone.id), sources=EVERY_ADDRESS - members(zone))])
    if zone.dhcp is not None:
        client = Cube(Names.of(zone.id), Names.of(Place.ROUTER), sources=UNSPECIFIED)
        forged -= PacketSet([client]) & ASKS_A_LEASE
    text = f"what enters by {zone.name} has a source of that zone"
    return Meant(f"hygiene:source:{zone.id}", zone.span, text, forged, Kind.HYGIENE)


def _uplink(network: Network, border: Border, uplink: Uplink) -> Iterator[Meant]:
    known = neighbours(network, uplink)
    forged = PacketSet([Cube(Names.of(uplink.id), sources=border.foreign - known)])
    text = f"what enters by {uplink.name} has no private, special or inside source"
    yield Meant(f"hygiene:source:{uplink.id}", uplink.span, text, forged, Kind.HYGIENE)

    known |= IntervalSet.addresses(network.resolver.upstreams)
    stray = PacketSet([Cube(egress=Names.of(uplink.id), destinations=border.foreign - known)])
    if uplink.addressing is Addressing.DHCP:
        stray -= _DHCP_CLIENT
    text = f"nothing for a private, special or inside address leaves by {uplink.name}"
    yield Meant(f"hygiene:destination:{uplink.id}", uplink.span, text, stray, Kind.HYGIENE)


def _route_out(network: Network, border: Border, route: RouteOut) -> Iterator[Meant]:
    sides = [Cube(Names.of(extent.place), sources=extent.addresses) for extent in route.sources]
    elsewhere = PacketSet([Cube(egress=border.uplinks - Names.of(route.uplink))])
    text = f"{route.name} leaves by {route.uplink.removeprefix('uplink:')} or not at all"
    yield Meant(f"{ROUTE_OUT}{route.name}", route.span, text, PacketSet(sides) & elsewhere, Kind.HYGIENE)

    others = PacketSet([Cube(egress=Names.but(Place.ROUTER))]) & ASKS_A_NAME
    text = f"only the router answers the DNS queries of {route.name}"
    if (server := exit_server(network, route.uplink)) is not None:
        led = Cube(egress=Names.of(route.uplink), destinations=IntervalSet.addresses([server]))
        others -= PacketSet([led])
        text = f"only {server} answers the DNS queries of {route.name}, by its uplink"
    yield Meant(f"hygiene:exit-dns:{route.name}", route.span, text, PacketSet(sides) & others, Kind.HYGIENE)


def _own_packets(network: Network, border: Border, place: str) -> Iterator[Meant]:
    """What the router itself sends for an uplink that ``route-out`` names, its resolver's queries above all."""
    uplink = next(uplink for uplink in network.uplinks.values() if uplink.id == place)
    others = border.uplinks - Names.of(place)
    if uplink.address is not None:
        own = IntervalSet.addresses([uplink.address.ip])
        packets = PacketSet([Cube(Names.of(Place.ROUTER), others, own)])
        text = f"the router's own address on {uplink.name} leaves by {uplink.name} or not at all"
        yield Meant(f"{ROUTE_OUT}own:{uplink.name}", uplink.span, text, packets, Kind.HYGIENE)
    if network.router.routeros:
        return  # its one resolver asks for the home alone
    if resolver_addresses(network) and all(zone.dhcp is None for zone in network.zones.values()):
        # Only here does the router ask for nobody else: its other resolver would ask the same servers by the others.
        elsewhere = {
            one for route in network.routes_out if route.uplink != place for one in upstreams_by(network, route.uplink)
        }
        upstreams = IntervalSet.addresses(set(upstreams_by(network, place)) - elsewhere)
        packets = PacketSet([Cube(Names.of(Place.ROUTER), others, destinations=upstreams)]) & ASKS_A_NAME
        text = f"the router's queries for {uplink.name} leave by {uplink.name} or not at all"
        if packets:
            yield Meant(f"{ROUTE_OUT}queries:{uplink.name}", uplink.span, text, packets, Kind.HYGIENE)


def _forced_dns(network: Network, zone: Zone) -> Meant:
    """A query that was not redirected reaches nobody but the resolver; the resolver's own may leave, and so may those
    for whom another answers."""
    resolver = resolver_addresses(network)
    strays = Cube(
        Names.of(zone.id),
        Names.but(Place.ROUTER),
        EVERY_ADDRESS - resolver,
        EVERY_ADDRESS - resolver,
        translated=False,
    )
    text = f"only the home's resolver answers the DNS queries of {zone.name}"
    led = PacketSet(_led(network, zone))
    packets = (PacketSet([strays]) & ASKS_A_NAME) - led
    return Meant(f"hygiene:dns:{zone.id}", zone.span, text, packets, Kind.HYGIENE)


def _led(network: Network, zone: Zone) -> Iterator[Cube]:
    """Whoever leaves by an uplink of ``route-out`` may ask whom its queries are led to, where the router has no
    resolver for it."""
    for route in network.routes_out:
        server = exit_server(network, route.uplink)
        for extent in route.sources:
            if server is not None and extent.place == zone.id:
                there = IntervalSet.addresses([server])
                yield Cube(Names.of(zone.id), Names.of(route.uplink), extent.addresses, there)
