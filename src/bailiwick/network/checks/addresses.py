"""Addresses of hosts and devices: in their zone, usable, and each somebody's alone.

An address inside a DHCP pool is legal: a server that reserved it hands it to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.language.span import Path, Span
from bailiwick.network.findings import Findings
from bailiwick.network.model import Network


@dataclass(frozen=True, slots=True)
class Holder:
    """One address of a named thing in one place."""

    text: str
    place: str
    address: IPv4Address
    at: Path | Span


def check_addresses(network: Network, findings: Findings) -> None:
    """``address-outside``, ``address-unusable``, ``duplicate-address``, ``uplink-collides``."""
    zones = {zone.id: zone for zone in network.zones.values()}
    held: dict[tuple[str, IPv4Address], Holder] = {}
    for own in zones.values():
        held[own.id, own.gateway] = Holder("the router", own.id, own.gateway, ("zones", own.name, "gateway"))
    for holder in (*_hosts(network), *_devices(network)):
        zone = zones.get(holder.place)
        if zone is None:
            _check_outer(network, holder, findings)
        elif holder.address not in zone.subnet:
            findings.error(
                "address-outside",
                f"{holder.address} of {holder.text} is not in zone `{zone.name}` ({zone.subnet}).",
                holder.at,
                "write an address of the zone, or another zone",
            )
        elif holder.address in {zone.subnet.network_address, zone.subnet.broadcast_address}:
            which = "network" if holder.address == zone.subnet.network_address else "broadcast"
            findings.error("address-unusable", f"{holder.address} is the {which} address of {zone.subnet}.", holder.at)
        first = held.setdefault((holder.place, holder.address), holder)
        if first is not holder and not {first.place, holder.place} & {u.id for u in network.uplinks.values()}:
            findings.error(
                "duplicate-address",
                f"{holder.address} is the address of {first.text} and of {holder.text}.",
                holder.at,
                "give each its own",
                [(first.at, first.text)],
            )


def _hosts(network: Network) -> Iterator[Holder]:
    for host in network.hosts.values():
        for leg in host.legs:
            kind, _, place = leg.place.partition(":")
            legs = ("hosts", host.name, "legs", place, "address")
            at = legs if kind == "zone" and len(host.legs) > 1 else ("hosts", host.name, "address")
            yield Holder(f"`{host.name}`", leg.place, leg.address, at)


def _devices(network: Network) -> Iterator[Holder]:
    for device in network.devices.values():
        if device.place and device.address:
            yield Holder(f"`{device.name}`", device.place, device.address, ("devices", device.name, "address"))


def _check_outer(network: Network, holder: Holder, findings: Findings) -> None:
    zone = next((z for z in network.zones.values() if holder.address in z.subnet), None)
    if zone:
        findings.error(
            "uplink-collides",
            f"{holder.address} of {holder.text} is beyond an uplink and inside zone `{zone.name}` ({zone.subnet}).",
            holder.at,
            "an address is on one side of the router: change the zone's subnet, or the host's place",
            [(("zones", zone.name, "subnet"), f"zone `{zone.name}`")],
        )
