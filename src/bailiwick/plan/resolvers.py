"""DNS resolvers on the router, and the names they know."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from bailiwick.language.span import Span
from bailiwick.network.model import Network, Zone
from bailiwick.plan.ids import short
from bailiwick.plan.model import Exit, Interface, Record, ResolverInstance
from bailiwick.plan.openings import DNS_PORT, exit_servers, subnet


def resolvers(network: Network, exits: tuple[Exit, ...], wires: dict[str, Interface]) -> tuple[ResolverInstance, ...]:
    """The main instance, which also serves DHCP, then one for each exit; RouterOS has the main one alone."""
    known = records(network)
    serves = network.resolver.address is None
    zones = [zone for _, zone in sorted(network.zones.items()) if serves or zone.dhcp is not None]
    instances = []
    if zones:
        instances.append(_instance(network, known, zones, wires))
    for exit_ in () if network.router.routeros else exits:
        askers = [zone for _, zone in sorted(network.zones.items()) if exit_.sources.overlaps(subnet(zone))]
        instances.append(_instance(network, known, askers, wires, exit_))
    return tuple(instances)


def records(network: Network) -> tuple[Record, ...]:
    """Every name of the home, by name; each inside address has one of them as its canonical one."""
    by_address: dict[IPv4Address, list[str]] = {}
    for name, address in network.resolver.records.items():
        by_address.setdefault(address, []).append(name)
    preferred = _preferred(network)
    spans = _spans(network)
    inside = network.inside()
    canonical = {
        address: next((name for name in preferred.get(address, ()) if name in names), min(names, key=_plainness))
        for address, names in by_address.items()
        if int(address) in inside
    }
    return tuple(
        Record(name, address, canonical.get(address) == name, spans.get(address, (network.resolver.span,)))
        for name, address in sorted(network.resolver.records.items())
    )


def _instance(
    network: Network,
    known: tuple[Record, ...],
    zones: list[Zone],
    wires: dict[str, Interface],
    exit_: Exit | None = None,
) -> ResolverInstance:
    resolver = network.resolver
    return ResolverInstance(
        id="resolver:main" if exit_ is None else f"resolver:{short(exit_.uplink)}",
        spans=(resolver.span,) if exit_ is None else exit_.spans,
        exit=None if exit_ is None else exit_.id,
        port=DNS_PORT if exit_ is None else exit_.resolver_port,
        interfaces=tuple(wires[zone.id].name for zone in zones),
        addresses=tuple(zone.gateway for zone in zones),
        upstreams=resolver.upstreams if exit_ is None else exit_servers(network, exit_),
        upstream_interface=None if exit_ is None else exit_.interface,
        domain=network.domain,
        zone_domains=_zone_domains(network),
        records=known,
        cache=resolver.cache,
        rebind_protection=resolver.rebind_protection,
        rebind_ok=tuple(sorted(resolver.rebind_ok)),
        serves=exit_ is not None or resolver.address is None,
    )


def _zone_domains(network: Network) -> tuple[tuple[str, IPv4Network], ...]:
    own = (zone for zone in network.zones.values() if zone.domain != network.domain)
    return tuple(sorted((zone.domain, zone.subnet) for zone in own))


def _preferred(network: Network) -> dict[IPv4Address, tuple[str, ...]]:
    """By address, the host's own names, in the order in which they would be its canonical one."""
    zones = {zone.id: zone for zone in network.zones.values()}
    found: dict[IPv4Address, tuple[str, ...]] = {}
    for _, host in sorted(network.hosts.items()):
        for leg in host.legs:
            domain = zones[leg.place].domain if leg.place in zones else network.domain
            found.setdefault(leg.address, (f"{host.name}.{domain}", f"{host.name}.{network.domain}"))
    for zone in zones.values():
        own = network.router.name
        found.setdefault(zone.gateway, (f"{own}.{zone.domain}", f"{own}.{zone.name}.{network.domain}"))
    return found


def _spans(network: Network) -> dict[IPv4Address, tuple[Span, ...]]:
    found: dict[IPv4Address, tuple[Span, ...]] = {}
    for address, span in _places(network):
        found[address] = tuple(sorted({*found.get(address, ()), span}))
    return found


def _places(network: Network) -> Iterator[tuple[IPv4Address, Span]]:
    for host in network.hosts.values():
        for leg in host.legs:
            yield leg.address, host.span
    for zone in network.zones.values():
        yield zone.gateway, zone.span


def _plainness(name: str) -> tuple[int, str]:
    return len(name), name
