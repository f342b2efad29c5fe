"""Routes, tables and the rules that choose among them.

The order of the decision: MikroTik's manual, "Routing Decision" (v7: mangle's mark, local, the user's rules, main) and
"Manual:IP/Route" (v6: local, the mark, the user's rules, main).
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from bailiwick.dataplane.model import Address, Interface, Route, Routing, RoutingRule
from bailiwick.dataplane.routeros.interfaces import carrier
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.dataplane.routeros.marks import FIELDS, Marks
from bailiwick.dataplane.routeros.values import number, prefix

_KINDS = frozenset({"unicast", "blackhole", "unreachable", "prohibit"})
_ACTIONS = {"drop": "blackhole", "unreachable": "unreachable", "lookup": "lookup", "lookup-only-in-table": "lookup"}
_LEARNING = ("routing/bgp", "routing/ospf", "routing/ospf-v3", "routing/rip", "routing/ripng", "routing/isis")
_ORDER = {6: ("local", "mangle", "user", "main"), 7: ("mangle", "local", "user", "main")}
_COMES_AND_GOES = frozenset({"tunnel", "ppp"})
"""Kinds of interfaces that are taken away, or down, while the router runs; a static route by one is then no more."""
_UNREAD = "of an unread rule"
"""The table of rules that could not be read: what is in it may be any route."""
_DEFAULTS = {"4": "0.0.0.0/0", "6": "::/0"}


def read_routing(configuration: Configuration, interfaces: dict[str, Interface], marks: Marks) -> Routing:
    """Everything that decides where a packet leaves; ``known`` is False for a text that says nothing of it."""
    routes = [*_connected(interfaces)]
    for version, menu in ((4, "ip/route"), (6, "ipv6/route")):
        for item in configuration.of(menu):
            configuration.understand(item)
            routes.extend(_static(configuration, item, version, marks, interfaces))
    routes.extend(_learned(configuration, interfaces))
    told = bool(routes) or any(one.dynamic for one in interfaces.values())
    settled = tuple(_resolved(configuration, route, routes, interfaces) for route in routes)
    forwarding = configuration.setting("ip/settings").yes("ip-forward", True)
    rules = _rules(configuration, marks)
    unread = (rule for rule in rules if rule.table == _UNREAD)
    anywhere = (Route(None, lasting=False, table=_UNREAD, line=rule.line, unsure=rule.unsure) for rule in unread)
    return Routing((*settled, *anywhere), rules, forwarding, told)


def _connected(interfaces: dict[str, Interface]) -> list[Route]:
    routes: list[Route] = []
    for one in interfaces.values():
        for address in one.addresses if one.up else ():
            own = ip_network(address.ip)
            routes.append(Route(address.network, "unicast", one.name, line=one.line))
            routes.append(Route(own, "local", one.name, table="local", line=one.line))
    return routes


def _static(
    configuration: Configuration, item: Item, version: int, marks: Marks, interfaces: dict[str, Interface]
) -> list[Route]:
    try:
        wanted = prefix(item.get("dst-address"), version)
        metric = number(item.get("distance", "1"), 255)
    except ValueError as error:
        configuration.doubt(item, str(error))
        return [Route(None, line=item.line)]
    table = item.get("routing-table") or item.get("routing-mark") or "main"
    if table != "main":
        marks.number("routing", table)
    if item.get("vrf-interface") or item.get("vrf"):
        configuration.doubt(item, "this route belongs to a routing table of some interfaces' own")
    kind = "blackhole" if item.yes("blackhole") else item.get("type", "unicast")
    if kind not in _KINDS:
        configuration.doubt(item, f"`{kind}` is no kind of route")
        kind = "unicast"
    lasting = item.get("check-gateway", "none") == "none"
    if kind != "unicast":
        return [Route(wanted, kind, metric=metric, table=table, line=item.line)]
    if not item.get("gateway"):
        configuration.doubt(item, "this route has no gateway")
        return []
    routes = []
    for gateway in item.get("gateway").split(","):
        address, interface = _gateway(gateway)
        if address is None and interface is not None and interface.startswith("*"):
            configuration.doubt(item, "the gateway's interface is gone")
            continue
        if interface is not None and interface not in interfaces:
            configuration.doubt(item, f"no line describes the interface `{interface}`")
        routes.append(Route(wanted, kind, interface, address, metric, table, lasting, item.line))
    return routes


def _gateway(text: str) -> tuple[Address | None, str | None]:
    """``address``, ``interface``, ``address%interface``, each perhaps ``@table``."""
    text, _, interface = text.partition("%")
    at = interface or text
    at = at.partition("@")[0]
    try:
        return ip_address(text.partition("@")[0]), at if interface else None
    except ValueError:
        return None, at


def _learned(configuration: Configuration, interfaces: dict[str, Interface]) -> list[Route]:
    routes: list[Route] = []
    for menu, rows in configuration.items.items():
        client = menu in ("ip/dhcp-client", "ipv6/dhcp-client")
        if not client and not (menu.endswith("-client") and menu.startswith("interface/")) and menu != "interface/lte":
            continue
        for item in rows:
            name = carrier(interfaces, item.get("interface")) if client else item.get("name")
            usual = "yes" if menu in ("ip/dhcp-client", "interface/lte") else "no"
            if item.disabled or item.get("add-default-route", usual) == "no":
                continue
            version = "6" if menu.startswith("ipv6") else "4"
            distance = item.get("default-route-distance", "1")
            metric = int(distance) if distance.isascii() and distance.isdigit() and len(distance) < 4 else 1
            wanted = ip_network(_DEFAULTS[version])
            for table in item.get("default-route-tables", "main").split(","):
                routes.append(Route(wanted, "unicast", name, None, metric, table.partition(":")[0], False, item.line))
    for menu, lines in configuration.active.items():
        if menu.startswith(_LEARNING):
            routes.append(Route(None, lasting=False, line=lines[0]))
    return routes


def _resolved(
    configuration: Configuration, route: Route, routes: list[Route], interfaces: dict[str, Interface]
) -> Route:
    """The route with the interface that its gateway is reached by; one that hangs on a session comes and goes."""
    interface, gateway = route.interface, route.gateway
    for _ in range(4):
        if interface is not None or gateway is None:
            break
        by = _towards(gateway, routes)
        if by is None:
            break
        interface, gateway = by.interface, by.gateway
    carried = interfaces.get(interface or "")
    lasting = route.lasting and not (carried is not None and (carried.dynamic or carried.kind in _COMES_AND_GOES))
    if interface is None and route.gateway is not None and route.line is not None:
        configuration.ledger.unknown(route.line, "which interface leads to this gateway cannot be told")
    return Route(route.prefix, route.kind, interface, route.gateway, route.metric, route.table, lasting, route.line)


def _towards(gateway: Address, routes: list[Route]) -> Route | None:
    best: Route | None = None
    for route in routes:
        net: IPv4Network | IPv6Network | None = route.prefix
        if net is None or route.table != "main" or route.gateway == gateway or net.version != gateway.version:
            continue
        if gateway in net and (best is None or best.prefix is None or net.prefixlen > best.prefix.prefixlen):
            best = route
    return best


# ---- rules


def _rules(configuration: Configuration, marks: Marks) -> tuple[RoutingRule, ...]:
    tables = [*configuration.of("routing/table")]
    for item in tables:
        configuration.understand(item)
        if item.get("name") and item.get("name") != "main":
            marks.number("routing", item.get("name"))
    user: list[RoutingRule] = []
    for menu in ("routing/rule", "ip/route/rule"):
        for item in configuration.of(menu):
            configuration.understand(item)
            user.extend(_rule(configuration, item, marks))
    if not user and not marks.names["routing"]:
        return ()
    shift, mask = FIELDS["routing"][1], FIELDS["routing"][2] or 0
    mangle = [RoutingRule(0, table=name, mark=(value << shift, mask)) for name, value in marks.names["routing"].items()]
    parts = {"local": [RoutingRule(0, table="local")], "mangle": mangle, "user": user, "main": [RoutingRule(0)]}
    major = configuration.version[0] if configuration.version else 7
    order = configuration.setting("routing/settings").get("policy-rules")
    chosen = [name for name in order.split(",") if name in parts] if order else _ORDER[min(max(major, 6), 7)]
    rules = (rule for name in chosen for rule in parts[name])
    return tuple(replace(rule, priority=100 * index) for index, rule in enumerate(rules))


def _rule(configuration: Configuration, item: Item, marks: Marks) -> list[RoutingRule]:
    try:
        version = 6 if ":" in item.get("src-address") + item.get("dst-address") else 4
        source = prefix(item.get("src-address"), version) if item.get("src-address") else None
        destination = prefix(item.get("dst-address"), version) if item.get("dst-address") else None
        suppressed = number(item.get("min-prefix"), 128) if item.get("min-prefix") else None
        action = item.get("action", "lookup")
        if action not in _ACTIONS:
            raise ValueError(f"`{action}` is no action of a routing rule")
    except ValueError as error:
        configuration.doubt(item, str(error))
        return [RoutingRule(0, table=_UNREAD, line=item.line, unsure=str(error))]
    unsure = ""
    if item.get("chain", "user") != "user" or item.get("vrf") or item.get("realm"):
        unsure = "when this routing rule is asked cannot be told"
        configuration.doubt(item, unsure)
    mark = item.get("routing-mark")
    field = (marks.value("routing", mark), FIELDS["routing"][2] or 0) if mark else None
    table = item.get("table", "main")
    if table != "main":
        marks.number("routing", table)
    rule = RoutingRule(
        0,
        _ACTIONS[action],
        table,
        source,
        destination,
        item.get("interface") or None,
        None,
        field,
        suppressed,
        line=item.line,
        family=4 if item.menu == "ip/route/rule" else None,
        unsure=unsure,
    )
    if action != "lookup-only-in-table":
        return [rule]
    return [rule, replace(rule, action="unreachable", table="main", suppress_prefix=None)]
