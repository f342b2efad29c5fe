"""Real DHCP clients in the zones, and whether what they were given is what the home file says."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from bailiwick.network.model import Network, Zone
from bailiwick.twin.layout import Client, Layout
from bailiwick.twin.result import Lease
from bailiwick.twin.scene.namespaces import within

LEASES = Path("/run/stage/lease")
SCRIPT = Path("/run/stage/udhcpc")
TRIES = 4  # one a second


@dataclass(frozen=True, slots=True)
class Asking:
    """A client that has been started."""

    client: Client
    process: subprocess.Popen[bytes]


def ask(layout: Layout) -> list[Asking]:
    """Start every client; none of them sets the address it is given."""
    LEASES.mkdir(parents=True, exist_ok=True)
    SCRIPT.write_text(f'#!/bin/sh\n[ "$1" = bound ] && env > {LEASES}/$(basename "$LEASE")\nexit 0\n')
    SCRIPT.chmod(0o755)
    asking: list[Asking] = []
    for client in layout.clients:
        command = ["busybox", "udhcpc", "-i", "eth0", "-f", "-n", "-q", "-t", str(TRIES), "-T", "1", "-s", str(SCRIPT)]
        with within(client.station.name):
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": "/usr/bin:/bin", "LEASE": client.station.name},
            )
        asking.append(Asking(client, process))
    return asking


def _address(text: str | None) -> IPv4Address | None:
    return IPv4Address(text.split()[0]) if text else None


def _holds(zone: Zone, client: Client, lease: dict[str, str], network: Network) -> bool:
    scope = zone.dhcp
    address = _address(lease.get("ip"))
    if scope is None or ((scope.static_only or scope.pool is None) and client.reserved is None):
        return address is None
    if address is None or _address(lease.get("router")) != zone.gateway:
        return False
    taken = {leg.address for host in network.hosts.values() for leg in host.legs if leg.reserved}
    right = address == client.reserved
    if client.reserved is None and scope.pool:
        right = scope.pool[0] <= address <= scope.pool[1] and address not in taken
    resolver = network.resolver.address or zone.gateway
    right = right and lease.get("subnet") == str(zone.subnet.netmask) and lease.get("lease") == str(scope.lease)
    return right and _address(lease.get("dns")) == resolver and lease.get("domain", "") == zone.domain


def leases(asking: list[Asking], network: Network) -> tuple[Lease, ...]:
    """Wait for every client to have an answer or to give up."""
    found: list[Lease] = []
    for one in asking:
        one.process.wait()
        zone = network.zones[one.client.zone]
        path = LEASES / one.client.station.name
        lines = path.read_text().splitlines() if path.exists() else []
        lease = dict(line.split("=", 1) for line in lines if "=" in line)
        found.append(
            Lease(
                zone=zone.name,
                mac=one.client.station.mac,
                address=_address(lease.get("ip")),
                router=_address(lease.get("router")),
                resolver=_address(lease.get("dns")),
                domain=lease.get("domain", ""),
                holds=_holds(zone, one.client, lease, network),
            )
        )
    return tuple(found)
