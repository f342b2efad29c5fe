"""Hardware addresses: each on one card. A host may have the same on its legs in several zones (VLANs on one card)."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.language.span import Path
from bailiwick.network.findings import Findings
from bailiwick.network.model import Network


def check_hardware(network: Network, findings: Findings) -> None:
    """``duplicate-mac``."""
    first: dict[str, tuple[str, Path]] = {}
    for mac, owner, at in _cards(network):
        known = first.setdefault(mac, (owner, at))
        if known[0] != owner:
            findings.error(
                "duplicate-mac",
                f"{mac} is the hardware address of {known[0]} and of {owner}.",
                at,
                "look the address up on the card: each has its own",
                [(known[1], known[0])],
            )


def _cards(network: Network) -> Iterator[tuple[str, str, Path]]:
    for uplink in network.uplinks.values():
        if uplink.mac:
            yield uplink.mac, f"port `{uplink.port}`", ("uplinks", uplink.name, "mac")
    for port in network.router.ports:
        if port.mac:
            yield port.mac, f"port `{port.name}`", ("hosts", network.router.name, "ports", port.name, "mac")
    for switch in network.switches.values():
        for port in switch.ports:
            if port.mac:
                yield port.mac, f"port `{port.name}` of `{switch.name}`", ("hosts", switch.name, "ports", port.name)
    for host in network.hosts.values():
        for leg in host.legs:
            place = leg.place.partition(":")[2]
            several = len(host.legs) > 1
            if leg.mac:
                at = ("hosts", host.name, *(("legs", place) if several else ()), "mac")
                yield leg.mac, f"`{host.name}`", at
    for device in network.devices.values():
        if device.mac:
            yield device.mac, f"`{device.name}`", ("devices", device.name, "mac")
