"""What opens by itself: DHCP, DNS, NTP, and what the router sends of its own."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from bailiwick.network.model import Match, Network, Place, Zone
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.packet import TCP, UDP
from bailiwick.plan.hygiene import neighbours
from bailiwick.plan.ids import short, way
from bailiwick.plan.model import Exit, Flow, Hook
from bailiwick.plan.ways import Ways

DNS_PORT, DHCP_SERVER_PORT, NTP_PORT = 53, 67, 123

UNSPECIFIED = IntervalSet.single(0)
"""0.0.0.0: who a DHCP client is before it has an address (RFC 2131 §4.1)."""

LIMITED_BROADCAST = IntervalSet.single(int(IPv4Address("255.255.255.255")))


def dns_matches(port: int = DNS_PORT) -> tuple[Match, Match]:
    """DNS on both of its transports (RFC 7766), TCP first."""
    return Match(TCP, ports=(port, port)), Match(UDP, ports=(port, port))


def derived_flows(network: Network, ways: Ways, exits: tuple[Exit, ...]) -> Iterator[Flow]:
    """Every opening that no sentence asks for by name, each pointing to the line that wants it."""
    for zone in network.zones.values():
        yield from _dhcp(zone)
        yield from _dns(network, zone, ways)
        yield from _exit_dns(network, zone, exits)
        yield from _ntp(network, zone)
    yield from _router(network)


def subnet(zone: Zone) -> IntervalSet:
    """Every address of the zone."""
    return IntervalSet.networks((zone.subnet,))


def _dhcp(zone: Zone) -> Iterator[Flow]:
    if zone.dhcp is None:
        return
    yield Flow(
        id=f"flow:derived:dhcp/{way(zone.id, None)}",
        spans=(zone.dhcp.span,),
        hook=Hook.INPUT,
        ingress=zone.id,
        egress=None,
        sources=subnet(zone) | UNSPECIFIED,
        destinations=IntervalSet.addresses((zone.gateway,)) | LIMITED_BROADCAST,
        matches=(Match(UDP, ports=(DHCP_SERVER_PORT, DHCP_SERVER_PORT)),),
        reason=f"DHCP in zone {zone.name}",
    )


def _dns(network: Network, zone: Zone, ways: Ways) -> Iterator[Flow]:
    """To the home's resolver. Whom ``route-out`` names asks its exit's resolver instead, and never this one."""
    resolver = network.resolver
    sources = subnet(zone) - ways.routed_in(zone.id)
    if not sources:
        return
    if resolver.address is None:
        yield Flow(
            id=f"flow:derived:dns/{way(zone.id, None)}",
            spans=(resolver.span,),
            hook=Hook.INPUT,
            ingress=zone.id,
            egress=None,
            sources=sources,
            destinations=IntervalSet.addresses((zone.gateway,)),
            matches=dns_matches(),
            reason=f"DNS for zone {zone.name}, answered by the router",
        )
    elif resolver.place != zone.id or zone.force_dns:
        within = resolver.place == zone.id
        yield Flow(
            id=f"flow:derived:dns/{way(zone.id, resolver.place)}",
            spans=(zone.span if within else resolver.span,),
            hook=Hook.FORWARD,
            ingress=zone.id,
            egress=resolver.place,
            sources=sources,
            destinations=IntervalSet.addresses((resolver.address,)),
            matches=dns_matches(),
            reason=f"DNS of zone {zone.name}, sent to {resolver.host} in the same zone"
            if within
            else f"DNS for zone {zone.name}, answered by {resolver.host}",
            translated=within,
        )


def _exit_dns(network: Network, zone: Zone, exits: tuple[Exit, ...]) -> Iterator[Flow]:
    """Redirected queries, on the port of the exit's own resolver. A redirect aims at the zone's gateway address.

    Of a router that runs RouterOS the server beyond the exit is asked instead.
    """
    for exit_ in exits:
        sources = exit_.sources & subnet(zone)
        if sources and network.router.routeros:
            yield Flow(
                id=f"flow:derived:dns-{short(exit_.uplink)}/{way(zone.id, exit_.uplink)}",
                spans=exit_.spans,
                hook=Hook.FORWARD,
                ingress=zone.id,
                egress=exit_.uplink,
                sources=sources,
                destinations=IntervalSet.addresses(exit_servers(network, exit_)[:1]),
                matches=dns_matches(),
                reason=f"DNS of those in zone {zone.name} who leave by {short(exit_.uplink)} alone",
            )
        elif sources:
            yield Flow(
                id=f"flow:derived:dns-{short(exit_.uplink)}/{way(zone.id, None)}",
                spans=exit_.spans,
                hook=Hook.INPUT,
                ingress=zone.id,
                egress=None,
                sources=sources,
                destinations=IntervalSet.addresses((zone.gateway,)),
                matches=dns_matches(exit_.resolver_port),
                reason=f"DNS of those in zone {zone.name} who leave by {short(exit_.uplink)} alone",
                translated=True,
            )


def exit_servers(network: Network, exit_: Exit) -> tuple[IPv4Address, ...]:
    """Those of the home that can be met by the exit's uplink: no neighbour of another."""
    others = [near for place, near in neighbours(network).items() if place != exit_.uplink]
    return tuple(u for u in network.resolver.upstreams if not any(int(u) in near for near in others))


def _ntp(network: Network, zone: Zone) -> Iterator[Flow]:
    places = sorted({place for place, _ in network.ntp if place not in (zone.id, Place.ROUTER)})
    for place in places:
        servers = IntervalSet.addresses(address for at, address in network.ntp if at == place)
        yield Flow(
            id=f"flow:derived:ntp/{way(zone.id, place)}",
            spans=tuple(
                sorted(
                    host.span
                    for host in network.hosts.values()
                    if "ntp" in host.serves and any(leg.place == place for leg in host.legs)
                )
            ),
            hook=Hook.FORWARD,
            ingress=zone.id,
            egress=place,
            sources=subnet(zone),
            destinations=servers,
            matches=(Match(UDP, ports=(NTP_PORT, NTP_PORT)),),
            reason=f"NTP for zone {zone.name}",
        )


def _router(network: Network) -> Iterator[Flow]:
    places = [(zone.id, zone.name) for zone in network.zones.values()]
    places += [(uplink.id, uplink.name) for uplink in network.uplinks.values()]
    for place, name in places:
        yield Flow(
            id=f"flow:derived:router/{way(None, place)}",
            spans=(network.router.span,),
            hook=Hook.OUTPUT,
            ingress=None,
            egress=place,
            sources=EVERY_ADDRESS,
            destinations=EVERY_ADDRESS,
            matches=(Match(),),
            reason=f"the router's own connections to {name}",
        )
