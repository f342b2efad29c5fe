"""The device's routing tables, asked as the kernel asks them: policy rules, longest prefix, local addresses.

From ip-rule(8), ip-route(8), net/ipv4/fib_frontend.c (``__inet_dev_addr_type``, ``fib_add_ifaddr``), fib_rules.c
and fib_trie.c: a route that says ``unreachable`` ends the search before ``suppress_prefixlength`` looks at it,
``throw`` goes on with the next rule, and a subnet's first address is an ordinary one (since Linux 5.14).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network

from bailiwick.dataplane.interpreter.oracle import Undecided
from bailiwick.dataplane.interpreter.packet import Address
from bailiwick.dataplane.model import Device, Interface, Network, Route, RoutingRule
from bailiwick.dataplane.rules import Unknown
from bailiwick.dataplane.tally import Line

Ask = Callable[[Unknown], bool]
LOOPBACK = "lo"
ANYWHERE = ""
"""The interface of a route that could not be read: any."""
_NUMBERED = {"255": "local", "254": "main", "253": "default"}
_KERNEL = ((0, "local"), (32766, "main"), (32767, "default"))
_ERRORS = frozenset({"unreachable", "blackhole", "prohibit"})


@dataclass(frozen=True, slots=True)
class Found:
    """What a lookup gave. ``kind`` is a route's; ``unreachable``, ``blackhole`` and ``prohibit`` are refusals."""

    kind: str
    interface: str | None = None
    gateway: Address | None = None
    line: Line | None = None

    @property
    def refused(self) -> bool:
        return self.kind in _ERRORS

    def elsewhere(self, interface: str | None, ask: Ask | None) -> bool:
        """Whether it leads by another interface than this one."""
        if self.interface == ANYWHERE:
            return _may(ask, f"{self.line} leads by another interface than {interface}")
        return self.interface != interface


class Fib:
    """``down``: interfaces that are down or gone, with every route over them. A changing address goes too."""

    def __init__(self, device: Device, down: frozenset[str] = frozenset()) -> None:
        self._device, self._down = device, down
        self.known = device.routing.known
        self._dynamic = {name for name, one in device.interfaces.items() if one.dynamic and name not in down}
        self._tables = _tables(device, down)
        self.rules = _rules(device.routing.rules)
        self.custom_rules = {
            version: any(
                _of(version, rule) and (rule.priority, rule.table) not in _KERNEL for rule in device.routing.rules
            )
            for version in (4, 6)
        }

    def up(self, name: str | None) -> bool:
        one = self._device.interfaces.get(name) if name else None
        return name == LOOPBACK or (one is not None and one.up and name not in self._down)

    def lookup(
        self,
        destination: Address,
        source: Address | None,
        iif: str,
        mark: int = 0,
        oif: str | None = None,
        *,
        symbol: str | None = None,
        ask: Ask | None = None,
    ) -> Found | None:
        """Where a packet goes; None: no route. ``iif`` is ``lo`` for the device's own. ``symbol``: the destination is
        this interface's changing address. ``oif`` is what the sender is bound to."""
        for rule in self.rules:
            if not _matches(rule, destination, source, (iif, oif), mark, ask=ask):
                continue
            if rule.action in _ERRORS:
                return Found(rule.action, line=rule.line)
            if rule.action != "lookup":
                continue
            hit = self._search(rule.table, destination, oif, symbol, ask)
            if hit is None or hit.kind == "throw":
                continue
            found = self._found(hit, destination, ask)
            if not found.refused and _suppressed(rule, hit, destination, ask):
                continue
            return found
        return None

    def _found(self, hit: Route, destination: Address, ask: Ask | None) -> Found:
        """A route that could not be read may be any."""
        if hit.prefix is not None or hit.interface is not None or hit.gateway is not None:
            return Found(hit.kind, hit.interface, hit.gateway, hit.line)
        for kind in ("local", "unreachable"):
            if _asked(ask, f"{hit.line} is {kind} for {destination}"):
                return Found(kind, LOOPBACK if kind == "local" else None, line=hit.line)
        return Found("unicast", ANYWHERE, line=hit.line)

    def kind(
        self, address: Address, interface: str | None = None, symbol: str | None = None, ask: Ask | None = None
    ) -> str:
        """``__inet_dev_addr_type``: the local table's word alone; with ``interface``, only of that one."""
        if isinstance(address, IPv4Address) and symbol is None:
            if int(address) in (0, 0xFFFFFFFF):
                return "broadcast"
            if address.is_multicast:
                return "multicast"
        hit = self._search("local", address, None, symbol, ask)
        if hit is None or (interface is not None and hit.interface != interface):
            return "unicast"
        return hit.kind

    def _search(
        self, table: str, destination: Address, oif: str | None, symbol: str | None, ask: Ask | None
    ) -> Route | None:
        if symbol is not None:
            if table == "local" and symbol in self._dynamic:
                return Route(ip_network(destination), "local", symbol, table="local")
            return None if table == "local" else self._plain(table, destination, oif, ask)
        return self._plain(table, destination, oif, ask)

    def _plain(self, table: str, destination: Address, oif: str | None, ask: Ask | None) -> Route | None:
        routes = self._tables.get((table, destination.version), ())
        for at, route in enumerate(routes):
            if oif is not None and route.interface not in (None, oif):
                continue
            if route.prefix is None:
                if _asked(ask, f"a learned route over {route.interface} covers {destination}"):
                    return route
            elif destination in route.prefix and not (route.unsure and not _may(ask, route.unsure)):
                if (
                    self._device.platform == "routeros"
                    and table != "local"
                    and _has_equal(route, routes[at + 1 :], oif)
                ):
                    text = f"{route.line} is taken among equal routes for {destination}"
                    if not _asked(ask, text):
                        continue
                return route
        return None


def _has_equal(route: Route, others: Sequence[Route], oif: str | None) -> bool:
    """Whether another way follows that is as good: RouterOS takes any of them, or several in turn (manual, "Routing
    Decision": route selection, multipath); Linux takes the one that came first (net/ipv4/fib_trie.c)."""
    for other in others:
        if (other.prefix, other.metric) != (route.prefix, route.metric):
            return False
        elsewhere = (other.kind, other.interface, other.gateway) != (route.kind, route.interface, route.gateway)
        if (oif is None or other.interface in (None, oif)) and elsewhere and not other.unsure:
            return True
    return False


def _asked(ask: Ask | None, text: str) -> bool:
    """What has one answer for each destination. Raises Undecided where there is nobody to ask."""
    if ask is None:
        raise Undecided(text)
    return ask(Unknown(text, steady=True, key=text))


def _may(ask: Ask | None, text: str) -> bool:
    """What may be otherwise at the next packet, or once something was changed. Raises as ``_asked``."""
    if ask is None:
        raise Undecided(text)
    return ask(Unknown(text))


def _suppressed(rule: RoutingRule, hit: Route, destination: Address, ask: Ask | None) -> bool:
    if rule.suppress_prefix is None:
        return False
    if hit.prefix is None:
        return _asked(ask, f"the prefix of a learned route for {destination} has at most {rule.suppress_prefix} bits")
    return hit.prefix.prefixlen <= rule.suppress_prefix


def _tables(device: Device, down: frozenset[str]) -> Mapping[tuple[str, int], tuple[Route, ...]]:
    """Routes by table and family, the first that covers an address is the one that counts."""
    tables: dict[tuple[str, int], list[Route]] = defaultdict(list)
    made = [route for one in device.interfaces.values() for route in _own(one, down, device.routing.forwarding)]
    made.append(Route(IPv4Network("127.0.0.0/8"), "local", LOOPBACK, table="local"))
    made.append(Route(IPv6Network("::1/128"), "local", LOOPBACK, table="local"))
    made.append(Route(IPv6Network("ff00::/8"), "multicast", table="local"))
    for route in made:
        assert route.prefix is not None
        tables[route.table, route.prefix.version].append(route)
    connected = tuple(route for route in made if route.table == "main")
    for route in device.routing.routes:
        placed = _placed(route, connected, device.interfaces, down)
        if placed is not None:
            versions = (4, 6) if placed.prefix is None else (placed.prefix.version,)
            for version in versions:
                tables[placed.table, version].append(placed)
    return {key: tuple(sorted(routes, key=_rank)) for key, routes in tables.items()}


def _rank(route: Route) -> tuple[int, int]:
    return (-route.prefix.prefixlen if route.prefix is not None else -129, route.metric)


def _own(one: Interface, down: frozenset[str], forwarding: bool) -> Iterable[Route]:
    """What the kernel puts in for an interface's addresses. Its own addresses stay local while it is down."""
    for address in one.addresses:
        network: Network = address.network
        yield Route(ip_network(address.ip), "local", one.name, table="local")
        if one.name in down or not one.up:
            continue
        if address.version == 4 and network.prefixlen < 31:
            yield Route(ip_network(network.broadcast_address), "broadcast", one.name, table="local")
        if address.version == 6 and network.prefixlen < 127 and forwarding:
            yield Route(ip_network(network.network_address), "anycast", one.name, table="local")
        if network.prefixlen < network.max_prefixlen:
            yield Route(network, "unicast", one.name)


def _placed(
    route: Route, connected: tuple[Route, ...], interfaces: Mapping[str, Interface], down: frozenset[str]
) -> Route | None:
    """The route with its interface; None while it does not stand."""
    name = route.interface
    if name is None and route.gateway is not None:
        near = [one for one in connected if one.prefix is not None and route.gateway in one.prefix]
        if not near:
            return None
        name = min(near, key=_rank).interface
    if name is not None and (name in down or (name in interfaces and not interfaces[name].up)):
        return None
    table = _NUMBERED.get(route.table, route.table)
    return replace(route, interface=name, table=table)


def _rules(given: tuple[RoutingRule, ...]) -> tuple[RoutingRule, ...]:
    """In order, with those of the kernel's three that no written rule stands for."""
    rules = [_numbered(rule) for rule in given]
    for priority, table in _KERNEL:
        plain = [rule for rule in rules if rule.table == table and _plain(rule)]
        for version in (4, 6):
            if not any(_of(version, rule) for rule in plain):
                rules.append(RoutingRule(priority, "lookup", table, family=version))
    return tuple(sorted(rules, key=lambda rule: rule.priority))


def _numbered(rule: RoutingRule) -> RoutingRule:
    return replace(rule, table=_NUMBERED.get(rule.table, rule.table))


def _plain(rule: RoutingRule) -> bool:
    return (
        rule.action == "lookup"
        and rule.suppress_prefix is None
        and not (rule.source or rule.destination or rule.iif or rule.oif or rule.mark or rule.inverted or rule.unsure)
    )


def _of(version: int, rule: RoutingRule) -> bool:
    if rule.family is not None:
        return rule.family == version
    return all(net is None or net.version == version for net in (rule.source, rule.destination))


def _matches(
    rule: RoutingRule,
    destination: Address,
    source: Address | None,
    sides: tuple[str, str | None],
    mark: int,
    *,
    ask: Ask | None,
) -> bool:
    """``fib_rule_match`` and ``fib4_rule_match``; a source of nobody is 0.0.0.0."""
    if not _of(destination.version, rule):
        return False
    holds = (
        (rule.iif is None or rule.iif == sides[0])
        and (rule.oif is None or rule.oif == sides[1])
        and (rule.mark is None or (mark ^ rule.mark[0]) & rule.mark[1] == 0)
        and (rule.destination is None or destination in rule.destination)
        and (rule.source is None or (source is not None and source in rule.source) or rule.source.prefixlen == 0)
    )
    if holds and rule.unsure:
        holds = _may(ask, rule.unsure)
    return holds is not rule.inverted
