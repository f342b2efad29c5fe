"""DHCP: who gets which address, and what a client is told beside it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from bailiwick.language.span import Span
from bailiwick.network.dhcp_values import encoded
from bailiwick.network.model import DhcpScope, Network, Zone
from bailiwick.plan.model import DhcpServer, Interface, Reservation


def dhcp_servers(network: Network, wires: dict[str, Interface]) -> tuple[DhcpServer, ...]:
    """One for each zone that serves DHCP, by zone name."""
    zones = [(zone, zone.dhcp) for _, zone in sorted(network.zones.items())]
    return tuple(_server(network, zone, scope, wires[zone.id]) for zone, scope in zones if scope is not None)


def _server(network: Network, zone: Zone, scope: DhcpScope, interface: Interface) -> DhcpServer:
    options = dict(sorted(network.options(zone).items()))
    return DhcpServer(
        id=f"dhcp:{zone.name}",
        spans=(scope.span,),
        place=zone.id,
        interface=interface.name,
        subnet=zone.subnet,
        pool=scope.pool,
        lease=scope.lease,
        router=zone.gateway,
        resolver=network.resolver.address or zone.gateway,
        domain=zone.domain,
        ntp=tuple(sorted(address for _, address in network.ntp)),
        options=options,
        reservations=tuple(sorted(_reservations(network, zone), key=lambda r: (r.address, r.mac))),
        static_only=scope.static_only,
        encoded={number: encoded(number, parts) for number, parts in options.items()},
    )


def _reservations(network: Network, zone: Zone) -> Iterator[Reservation]:
    """Hosts that are to have one, and every device that says both its card and its address."""
    for host in network.hosts.values():
        for leg in host.legs:
            if leg.place == zone.id and leg.reserved and leg.mac is not None:
                yield _reservation(zone, host.name, leg.mac, leg.address, host.span)
    for device in network.devices.values():
        if device.place == zone.id and device.mac is not None and device.address is not None:
            yield _reservation(zone, device.name, device.mac, device.address, device.span)


def _reservation(zone: Zone, name: str, mac: str, address: IPv4Address, span: Span) -> Reservation:
    return Reservation(f"reservation:{zone.name}:{name}", name, mac, address, (span,))
