"""Policy routing: who leaves by one uplink alone, and by nothing when that one is gone (manual, "Policy Routing").

A table for each exit, whose last route is a black hole that needs no link, and rules that look there and nowhere else.
Never by a mark alone: what is not marked would leave by the usual way. A source meets, in this order: the router's own
addresses, the home's subnets by the main table without its defaults, and the exit's table. Whom no exit leads meets who
is named beyond a further uplink by that one's table: a route in the main one could not name a lease's gateway.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import collapse_addresses

from bailiwick.plan.model import Exit, Interface, Plan, Return
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command

LAST = "254"
"""The distance of the black hole: 255 would be never."""

_ANYWHERE = "0.0.0.0/0"


def routing(plan: Plan) -> Iterator[Line]:
    """Tables with their black holes, then the rules: before any route leads out."""
    for uplink, ids in tables_of(plan).items():
        name, mark = table(uplink), tag(*ids)
        yield command("/routing table", "add", {"name": name, "fib": "yes", **mark}, ids)
        hole = {"dst-address": _ANYWHERE, "blackhole": "yes", "distance": LAST, "routing-table": name}
        yield command("/ip route", "add", hole | mark, ids)
    everyone = tuple(one.id for one in plan.exits)
    for subnet in collapse_addresses(plan.home_subnets) if plan.exits else ():
        near = {"dst-address": str(subnet), "action": "lookup-only-in-table", "table": "main", "min-prefix": "0"}
        yield command("/routing rule", "add", near | tag(*everyone), everyone)
    for one in plan.exits:
        for source in one.sources.cidrs():
            away = {"src-address": str(source), "action": "lookup-only-in-table", "table": table(one.uplink)}
            yield command("/routing rule", "add", away | tag(one.id), (one.id,))
    for interface in plan.interfaces:
        for address in interface.reaches:
            there = {
                "dst-address": f"{address}/32",
                "action": "lookup-only-in-table",
                "table": table(_uplink(interface)),
            }
            yield command("/routing rule", "add", there | tag(interface.id), (interface.id,))


def ways_out(plan: Plan) -> Iterator[Line]:
    """The tables' own default routes, when everything else stands. That of a lease comes with it."""
    for uplink, ids in tables_of(plan).items():
        interface = plan.interface_of(uplink)
        if interface.dhcp:
            continue
        gateway = str(interface.gateway) if interface.gateway else interface.name
        route = {"dst-address": _ANYWHERE, "gateway": gateway, "distance": "1", "routing-table": table(uplink)}
        yield command("/ip route", "add", route | tag(*ids), ids)


def tables_of(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Uplinks that have a table of their own, and who asks for it."""
    found: dict[str, tuple[str, ...]] = {}
    asking: tuple[Exit | Return, ...] = (*plan.exits, *plan.returns)
    for one in asking:
        found[one.uplink] = (*found.get(one.uplink, ()), one.id)
    for interface in plan.interfaces:
        if interface.reaches:
            found[_uplink(interface)] = (*found.get(_uplink(interface), ()), interface.id)
    return found


def _uplink(interface: Interface) -> str:
    """Raises ValueError for an interface that is none."""
    if interface.place is None:
        raise ValueError(f"{interface.id} is no uplink, and leads to nobody")
    return interface.place


def table(uplink: str) -> str:
    """What the table of an uplink is called."""
    return f"by-{uplink.split(':', 1)[1]}"
