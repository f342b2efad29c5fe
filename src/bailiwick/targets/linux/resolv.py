"""The router's own lookups (resolv.conf(5)); no other program writes this file any more."""

from __future__ import annotations

from ipaddress import IPv4Address

from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner

MOST = 3
"""How many servers the C library reads (MAXNS)."""


def resolv(plan: Plan) -> tuple[Artifact, ...]:
    """The router asks whoever its clients ask: itself, or the host that serves DNS, as DHCP names it."""
    ids = tuple(r.id for r in plan.resolvers if r.exit is None)
    servers = _servers(plan)
    if not servers:
        return ()
    lines = [Line(f"nameserver {server}", ids) for server in servers[:MOST]]
    search = Line(f"search {plan.domain}")
    return (artifact("/etc/resolv.conf", (*banner("Whom the router itself asks", plan.router), search, *lines)),)


def _servers(plan: Plan) -> tuple[IPv4Address, ...]:
    main = next((r for r in plan.resolvers if r.exit is None), None)
    if main is not None and main.serves:
        return (IPv4Address("127.0.0.1"),)
    told = tuple(dict.fromkeys(server.resolver for server in plan.dhcp))
    return told or (main.upstreams if main is not None else ())
