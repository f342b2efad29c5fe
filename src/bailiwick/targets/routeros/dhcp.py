"""DHCP: a server, a pool and what a client is told for each zone, and the addresses that are some hosts' own.

Options of the home file are objects, in bytes, which a zone's network names: whoever asks for one is told it, as
dnsmasq does (MikroTik's manual, "DHCP", DHCP Options; without ``force`` nobody else).
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import DhcpServer, Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command

NTP_SERVERS = 42
"""The option that the network has a word of its own for: what goes before which is not said."""


def servers(plan: Plan) -> Iterator[Line]:
    """What each is made of stands before it."""
    for server in plan.dhcp:
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
    clocks = server.options.get(NTP_SERVERS, tuple(map(str, server.ntp)))
    if clocks:
        told["ntp-server"] = ",".join(clocks)
    named: list[str] = []
    for number, value in server.encoded.items():
        if number != NTP_SERVERS:
            named.append(f"{name}-{number}")
            option = {"name": named[-1], "code": str(number), "value": f"0x{value.hex()}", "force": "no"}
            yield command("/ip dhcp-server option", "add", option | mark, ids)
    if named:
        told["dhcp-option"] = ",".join(named)
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
