"""DHCP: a server, a pool and what a client is told for each zone, and the addresses that are some hosts' own."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import DhcpServer, Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command


def servers(plan: Plan) -> Iterator[Line]:
    """Raises ValueError for options by number, which are not written yet."""
    for server in plan.dhcp:
        if server.options:
            raise ValueError(f"{server.id} gives options by number, which are not written for RouterOS yet")
        yield from _server(server)


def _server(server: DhcpServer) -> Iterator[Line]:
    ids, mark = (server.id,), tag(server.id)
    name = server.interface
    pooled = server.pool is not None and not server.static_only
    if server.pool is not None and pooled:
        ranges = f"{server.pool[0]}-{server.pool[1]}"
        yield command("/ip pool", "add", {"name": name, "ranges": ranges, **mark}, ids)
    told = {"address": str(server.subnet), "gateway": str(server.router), "dns-server": str(server.resolver)}
    told |= {"domain": server.domain}
    if server.ntp:
        told["ntp-server"] = ",".join(map(str, server.ntp))
    yield command("/ip dhcp-server network", "add", told | mark, ids)
    arguments = {
        "name": name,
        "interface": server.interface,
        "address-pool": name if pooled else "static-only",
        "lease-time": f"{server.lease}s",
        "disabled": "no",
    }
    yield command("/ip dhcp-server", "add", arguments | mark, ids)
    for one in server.reservations:
        lease = {"address": str(one.address), "mac-address": one.mac.upper(), "server": name, **tag(one.id)}
        yield command("/ip dhcp-server lease", "add", lease, (one.id,))
