"""Zones' subnets: apart from each other, of private addresses, with the gateway inside."""

from __future__ import annotations

from ipaddress import IPv4Network

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network, Zone
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import IntervalSet

UNUSABLE = {
    IPv4Network("0.0.0.0/8"): "this network (RFC 791)",
    IPv4Network("127.0.0.0/8"): "every machine's loopback (RFC 1122)",
    IPv4Network("169.254.0.0/16"): "link-local (RFC 3927)",
    IPv4Network("224.0.0.0/4"): "multicast (RFC 5771)",
    IPv4Network("240.0.0.0/4"): "reserved (RFC 1112)",
}


def check_subnets(network: Network, findings: Findings) -> None:
    """One pass over the zones by address: a subnet that overlaps any before it overlaps the one that ends last."""
    last: Zone | None = None
    for zone in sorted(network.zones.values(), key=lambda z: (z.subnet, z.name)):
        at = ("zones", zone.name, "subnet")
        if last and zone.subnet.network_address <= last.subnet.broadcast_address:
            findings.error(
                "subnet-overlap",
                f"Zones `{last.name}` ({last.subnet}) and `{zone.name}` ({zone.subnet}) overlap.",
                at,
                "give each zone addresses of its own",
                [(("zones", last.name, "subnet"), f"zone `{last.name}`")],
            )
        if last is None or zone.subnet.broadcast_address > last.subnet.broadcast_address:
            last = zone
        _check_purpose(zone, findings)
        _check_gateway(zone, findings)


def _check_purpose(zone: Zone, findings: Findings) -> None:
    at = ("zones", zone.name, "subnet")
    for special, meaning in UNUSABLE.items():
        if zone.subnet.overlaps(special):
            findings.error(
                "subnet-special",
                f"{zone.subnet} cannot be a zone: {special} is {meaning}.",
                at,
                "use a private network, as 192.168.40.0/24 (RFC 1918)",
            )
            return
    if IntervalSet.networks([zone.subnet]).overlaps(PUBLIC):
        findings.warn(
            "subnet-public",
            f"{zone.subnet} is somebody's on the internet: zone `{zone.name}` will never reach the real one.",
            at,
            "use a private network, as 192.168.40.0/24 (RFC 1918)",
        )


def _check_gateway(zone: Zone, findings: Findings) -> None:
    at = ("zones", zone.name, "gateway")
    if zone.gateway not in zone.subnet:
        findings.error(
            "gateway-outside",
            f"The gateway {zone.gateway} is not in {zone.subnet}.",
            at,
            f"write an address of the zone, as {zone.subnet.network_address + 1}",
        )
    elif zone.gateway in {zone.subnet.network_address, zone.subnet.broadcast_address}:
        which = "network" if zone.gateway == zone.subnet.network_address else "broadcast"
        findings.error("address-unusable", f"{zone.gateway} is the {which} address of {zone.subnet}.", at)
