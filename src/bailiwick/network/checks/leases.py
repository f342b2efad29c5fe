"""DHCP: pools inside their subnet and clear of the gateway, and somebody for whom to answer."""

from __future__ import annotations

from ipaddress import IPv4Address

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network, Zone


def check_leases(network: Network, findings: Findings) -> None:
    """``pool-reversed``, ``pool-outside``, ``pool-gateway``, ``address-unusable``; ``dhcp-idle`` warns."""
    reserved = {leg.place for host in network.hosts.values() for leg in host.legs if leg.reserved}
    for zone in network.zones.values():
        if zone.dhcp and zone.dhcp.pool:
            _check_pool(zone, *zone.dhcp.pool, findings)
        if zone.dhcp and (zone.dhcp.static_only or not zone.dhcp.pool) and zone.id not in reserved:
            findings.warn(
                "dhcp-idle",
                f"DHCP in zone `{zone.name}` answers nobody: it has no pool and no host with a reservation.",
                zone.dhcp.span,
                "add `range: .100-.199`, or hosts with `mac`",
            )


def _check_pool(zone: Zone, first: IPv4Address, last: IPv4Address, findings: Findings) -> None:
    at = ("zones", zone.name, "dhcp", "range")
    if first > last:
        findings.error(
            "pool-reversed", f"The pool runs backwards, from {first} to {last}.", at, f"write `{last}-{first}`"
        )
        return
    outside = next((address for address in (first, last) if address not in zone.subnet), None)
    if outside:
        findings.error("pool-outside", f"{outside} is not in {zone.subnet}.", at, "a pool lies within its zone")
    elif first == zone.subnet.network_address or last == zone.subnet.broadcast_address:
        edge = first if first == zone.subnet.network_address else last
        which = "network" if edge == zone.subnet.network_address else "broadcast"
        findings.error("address-unusable", f"{edge} is the {which} address of {zone.subnet}.", at)
    if first <= zone.gateway <= last:
        findings.error(
            "pool-gateway",
            f"The pool {first}-{last} holds the router's own address {zone.gateway}.",
            at,
            "leave the gateway out of the pool",
        )
