"""Ways out: a PPPoE session, a tunnel, an address by DHCP or one of its own. They come up last, when the filter stands.

A session is made with the other interfaces, for the rules name it, but it dials when ``dial`` says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import Interface, LinkKind, Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros import wireguard
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.routing import table, tables_of
from bailiwick.targets.routeros.syntax import command

METRIC_STEP = 100
"""The plan's metrics are hundreds; a distance of RouterOS is 1 to 255."""


def sessions(plan: Plan) -> Iterator[Line]:
    """PPPoE clients, not yet in force."""
    for one in plan.interfaces:
        if one.kind is LinkKind.PPP:
            arguments = {
                "name": one.name,
                "interface": one.parent or "",
                "user": one.ppp_user,
                "password": placeholder(one.ppp_secret),
                **({"service-name": one.ppp_service} if one.ppp_service else {}),
                "max-mtu": str(one.mtu),
                "max-mru": str(one.mtu),
                **_default(one),
                "use-peer-dns": "no",
                "disabled": "yes",
                **tag(one.id),
            }
            yield command("/interface pppoe-client", "add", arguments, (one.id,))


def placeholder(secret: str) -> str:
    """What stands for a secret's value, between double quotes."""
    return f"@SECRET:{secret}@"


def secrets(plan: Plan) -> dict[str, str]:
    """Placeholder to the secret's name."""
    dialled = {placeholder(i.ppp_secret): i.ppp_secret for i in plan.interfaces if i.kind is LinkKind.PPP}
    return dialled | wireguard.secrets(plan)


def dial(plan: Plan) -> Iterator[Line]:
    """Every uplink comes up."""
    for one in plan.interfaces:
        if one.place is None or not one.place.startswith("uplink:"):
            continue
        if one.kind is LinkKind.PPP:
            where = f"[ find name={one.name} ]"
            yield command("/interface pppoe-client", "set", {"disabled": "no"}, (one.id,), of=where)
        elif one.dhcp:
            tables = {"default-route-tables": f"main,{table(one.place)}"} if one.place in tables_of(plan) else {}
            arguments = {"interface": one.name, **_default(one), **tables, "use-peer-dns": "no", "use-peer-ntp": "no"}
            yield command("/ip dhcp-client", "add", arguments | {"disabled": "no"} | tag(one.id), (one.id,))
        elif one.address is not None:
            if one.wireguard is not None:
                where = f"[ find name={one.name} ]"
                yield command("/interface wireguard", "set", {"disabled": "no"}, (one.id,), of=where)
            arguments = {"address": one.address.with_prefixlen, "interface": one.name, **tag(one.id)}
            yield command("/ip address", "add", arguments, (one.id,))
            if one.metric is not None and one.gateway is not None:
                yield _route("0.0.0.0/0", str(one.gateway), one, one.metric)


def _route(to: str, gateway: str, one: Interface, metric: int) -> Line:
    arguments = {"dst-address": to, "gateway": gateway, "distance": str(metric // METRIC_STEP), **tag(one.id)}
    return command("/ip route", "add", arguments, (one.id,))


def _default(one: Interface) -> dict[str, str]:
    if one.metric is None:
        return {"add-default-route": "no"}
    return {"add-default-route": "yes", "default-route-distance": str(one.metric // METRIC_STEP)}
