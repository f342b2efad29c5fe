"""Where the device sends a packet: policy rules in order, the longest prefix in each table, the table ``local`` first.

Kernel sources: net/core/fib_rules.c (order, suppression), net/ipv4/fib_rules.c, net/ipv4/fib_trie.c,
net/ipv4/route.c (ip_route_input_slow, ip_route_output_key_hash_rcu); ip-rule(8).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from bailiwick.dataplane.model import Route, RoutingRule
from bailiwick.dataplane.symbolic.addresses import FILED, Addresses, span
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, NONE
from bailiwick.dataplane.symbolic.settings import where
from bailiwick.dataplane.symbolic.split import LOCAL, MISS, NOWHERE, THROWN, Split, first_match, joined
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space, TooWide

KERNELS = (RoutingRule(0, table="local"), RoutingRule(32766, table="main"), RoutingRule(32767, table="default"))
_SILENT = ("multicast", "everybody", "nobody")
_NUMBERED = {"255": "local", "254": "main", "253": "default"}
_REFUSING = frozenset({"unreachable", "blackhole", "prohibit"})


@dataclass(frozen=True, slots=True)
class View:
    """From which of the packet's fields the question is asked; ``reverse`` is the way back to its source.

    ``own``: the device sends it itself. ``marked``: rules see its mark. ``begins``: the way back begins at the egress
    where the packet has one (nft_fib_ipv4.c in the forward hook, fib_validate_source), else at the device itself.
    """

    destination: str = header.DESTINATION
    source: str = header.SOURCE
    own: bool = False
    reverse: bool = False
    marked: bool = True
    begins: bool = False


FORWARD = View()
OWN = View(own=True)


@dataclass(frozen=True, slots=True)
class _Entry:
    length: int
    metric: int
    prefix: IntervalSet
    exits: tuple[int, ...]
    certain: bool = True


class Routes:
    """The routing of one family in one scenario. Answers are may-regions by exit: an interface's number, LOCAL or
    NOWHERE; for a packet of the device itself a local destination's exit is the loopback interface.

    A socket that is bound to an interface sends by it whatever the tables say; that is not looked at.
    """

    def __init__(self, space: Space, addresses: Addresses) -> None:
        self.space = space
        self.addresses = addresses
        self.device = addresses.device
        self.interfaces = addresses.interfaces
        self.family = addresses.family
        self._answers: dict[View, Split] = {}
        self._entries: dict[str, tuple[_Entry, ...]] = {}

    def ways(self, view: View = FORWARD) -> Split:
        """Exit to the packets that may take it; no MISS among them."""
        known = self._answers.get(view)
        if known is None:
            known = self._answers[view] = self._ways(view)
        return known

    def _ways(self, view: View) -> Split:
        space = self.space
        parts = [] if view.reverse else [*self._special(view)]
        if not self.device.routing.known:
            parts += [self._local(view), self._anywhere(view)]
        else:
            parts += [self._by_rule(rule, view) for rule in self._rules()]
        split = joined(first_match(parts, space.everything), {MISS: NOWHERE})
        if not (self._forwards() or view.own or view.reverse):
            split = joined(split, {exit_: NOWHERE for exit_ in split if exit_ != LOCAL})
        return {exit_: region for exit_, region in split.items() if region}

    def _forwards(self) -> bool:
        setting = {4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding"}[self.family]
        return self.device.routing.forwarding and self.device.settings.get(setting, "1") != "0"

    # ---- destinations that no table decides

    def _special(self, view: View) -> Iterator[Split]:
        among, addresses, every = self.space.among, self.addresses, self.interfaces.every
        groups = addresses.named("multicast") | addresses.named("link")
        if view.own:
            speaking = among(view.source, addresses.named("multicast") | addresses.named("everybody"))
            yield {MISS: ~speaking, NOWHERE: speaking}
            if self.family == 4:  # to nobody is to itself
                itself = among(view.destination, addresses.named("nobody"))
                yield {MISS: ~itself, self.interfaces.number(LOOPBACK): itself}
            group = among(view.destination, groups | addresses.named("everybody"))
            yield {MISS: ~group, NOWHERE: group} | dict.fromkeys(_each(every), group)
            return
        group, link = among(view.destination, addresses.named("multicast")), addresses.named("link")
        yield {MISS: ~group, LOCAL: group}  # as if the device had joined every group
        if link:
            near = among(view.destination, link)
            yield {MISS: ~near, LOCAL: near, NOWHERE: near}
        everybody = among(view.destination, addresses.named("everybody"))
        yield {MISS: ~everybody, LOCAL: everybody}
        nobody = addresses.named("nobody")
        martian = among(view.destination, nobody)
        if self.family == 4:
            both = martian & among(view.source, nobody)
            yield {MISS: ~both, LOCAL: both}
        if self.family == 6:
            yield {MISS: ~martian, NOWHERE: martian}
            return
        may_loop = where(self.space, self.device, self.interfaces, "route_localnet")
        may_loop = may_loop | among(header.IIF, IntervalSet.single(self.interfaces.number(LOOPBACK)))
        martian = martian | (among(view.destination, addresses.named("loopback")) - may_loop)
        yield {MISS: ~martian, NOWHERE: martian}

    def _anywhere(self, view: View) -> Split:
        """Nothing is known of routes."""
        everything = self.space.everything
        exits = [*_each(self.interfaces.every), NOWHERE, *([] if view.own else [LOCAL])]
        return dict.fromkeys(exits, everything)

    # ---- rules

    def _rules(self) -> list[RoutingRule]:
        """A configuration names what it adds; the kernel's three are there unless it names them itself."""
        rules = [replace(rule, table=_NUMBERED.get(rule.table, rule.table)) for rule in self.device.routing.rules]
        for own in KERNELS:
            if not any(replace(rule, priority=own.priority, line=None) == own for rule in rules):
                rules.append(own)
        return sorted(rules, key=lambda rule: rule.priority)

    def _by_rule(self, rule: RoutingRule, view: View) -> Split:
        if any(net is not None and net.version != self.family for net in (rule.source, rule.destination)):
            return {MISS: self.space.everything}
        if rule.family not in (None, self.family):
            return {MISS: self.space.everything}
        must, may = self._matching(rule, view)
        if rule.inverted:
            must, may = ~may, ~must
        missed = ~must
        if not may or rule.action == "nop":
            return {MISS: self.space.everything}
        if rule.action in _REFUSING:
            found: Split = {NOWHERE: self.space.everything}
        elif rule.table == "local":
            found = first_match(
                [self._local(view), self._table("local", rule.suppress_prefix, view)], self.space.everything
            )
        else:
            found = self._table(rule.table, rule.suppress_prefix, view)
        result = {exit_: region & may for exit_, region in found.items()}
        result[MISS] = result[MISS] | missed if MISS in result else missed
        return {exit_: region for exit_, region in result.items() if region}

    def _matching(self, rule: RoutingRule, view: View) -> tuple[Region, Region]:
        space = self.space
        exact, doubted = space.everything, bool(rule.unsure)
        for field, network in ((view.source, rule.source), (view.destination, rule.destination)):
            if network is None:
                continue
            numbers = span(network)
            if view.reverse and field == view.source and network.prefixlen:  # nobody speaks from a group's address
                numbers = numbers - IntervalSet.union(self.addresses.named(n) for n in _SILENT)
            exact = exact & space.among(field, numbers)
        if rule.iif is not None:
            exact = exact & self._entering(rule.iif, view)
        if rule.oif is not None:
            exact = space.nothing  # only a socket bound to an interface asks so, and those are not looked at
        if rule.mark is not None:
            value, mask = rule.mark
            if not view.marked:
                exact = exact if not value & mask else space.nothing
            else:
                try:
                    exact = exact & space.bits(header.MARK, mask, value & mask)
                except TooWide:
                    doubted = True
        return (space.nothing if doubted else exact), exact

    def _entering(self, name: str, view: View) -> Region:
        """``lo`` stands for the device's own packets, too."""
        number = self.interfaces.number(name)
        if view.reverse and not view.begins:
            return self.space.everything if name == LOOPBACK else self.space.nothing
        numbers = IntervalSet.single(number)
        if name == LOOPBACK:
            numbers |= IntervalSet.single(NONE)
        return self.space.among(header.OIF if view.reverse else header.IIF, numbers)

    # ---- tables

    def _local(self, view: View) -> Split:
        space, addresses = self.space, self.addresses
        own = space.among(view.destination, addresses.local)
        perhaps = space.among(view.destination, addresses.doubtful)
        if view.destination == header.DESTINATION and addresses.dynamic:
            numbers = (self.interfaces.dynamic[name] for name in addresses.dynamic)
            own = own | space.among(header.DYNAMIC, IntervalSet.of((number, number) for number in numbers))
        shared = space.among(view.destination, addresses.shared)
        if not view.own:
            forwarding = any(n.endswith(".bc_forwarding") and v == "1" for n, v in self.device.settings.items())
            missed = ~own if forwarding and self.family == 4 else ~(own | shared)
            return {LOCAL: own | shared | perhaps, MISS: missed}
        if self.family == 6:
            return {self.interfaces.number(LOOPBACK): own | shared | perhaps, MISS: ~(own | shared)}
        result = {self.interfaces.number(LOOPBACK): own | perhaps, MISS: ~(own | shared)}
        for name, last in addresses.shared_by_interface.items():
            exit_, region = self.interfaces.number(name), space.among(view.destination, last) - own
            result[exit_] = result[exit_] | region if exit_ in result else region
        return result

    def _table(self, name: str, suppress: int | None, view: View) -> Split:
        entries = self._entries.get(name)
        if entries is None:
            entries = self._entries[name] = tuple(sorted(self._listed(name), key=lambda e: (-e.length, e.metric)))
        if suppress is not None:
            entries = tuple(e for e in entries if e.length > suppress or e.exits in {(NOWHERE,), (THROWN,)})
        parts: list[Split] = []
        for (_, _, prefix), same in groupby(entries, key=lambda e: (-e.length, e.metric, e.prefix)):
            region = self.space.among(view.destination, prefix)
            equal = list(same)  # several of one rank: any of them
            split: Split = {exit_: region for entry in equal for exit_ in entry.exits}
            if view.own and LOCAL in split:
                split[self.interfaces.number(LOOPBACK)] = split.pop(LOCAL)
            split[MISS] = ~region if any(entry.certain for entry in equal) else self.space.everything
            parts.append(split)
        return joined(first_match(parts, self.space.everything), {THROWN: MISS})

    def _listed(self, table: str) -> Iterator[_Entry]:
        width = self.space.widths[header.DESTINATION]
        whole = IntervalSet.span(0, (1 << width) - 1)
        scenario = self.addresses.scenario
        if table == "main":
            yield from self._connected(width)
        for route in self.device.routing.routes:
            if _NUMBERED.get(route.table, route.table) != table or route.interface in scenario.down:
                continue
            if table == "local" and route.kind in FILED:
                continue
            certain = (route.lasting or not scenario.uncertain) and not route.unsure
            if route.prefix is None:
                yield _Entry(width, 0, whole, self._exits(route), certain=False)
            elif route.prefix.version == self.family:
                yield _Entry(route.prefix.prefixlen, route.metric, span(route.prefix), self._exits(route), certain)

    def _connected(self, width: int) -> Iterator[_Entry]:
        for one in self.addresses.up():
            for address in self.addresses.of(one):
                if address.network.prefixlen < width:
                    yield _Entry(
                        address.network.prefixlen, 0, span(address.network), (self.interfaces.number(one.name),)
                    )
            if one.dynamic and self.addresses.scenario.uncertain:
                everywhere = IntervalSet.span(0, (1 << width) - 1) - self.addresses.subnets
                yield _Entry(width - 1, 0, everywhere, (self.interfaces.number(one.name),), certain=False)

    def _exits(self, route: Route) -> tuple[int, ...]:
        """Any interface, where neither the route nor a subnet around its gateway says which. A route that could not
        be read may be any."""
        if route.prefix is None and route.interface is None and route.gateway is None:
            return (LOCAL, NOWHERE, *_each(self.interfaces.every))
        if route.kind in _REFUSING:
            return (NOWHERE,)
        if route.kind == "throw":
            return (THROWN,)
        if route.kind == "local" or (route.kind == "anycast" and self.family == 6):
            return (LOCAL,)
        if route.kind in {"anycast", "multicast"}:
            return (NOWHERE, LOCAL)
        if route.kind == "broadcast":
            return (LOCAL, NOWHERE, *([] if route.interface is None else [self.interfaces.number(route.interface)]))
        if route.interface is not None:
            return (self.interfaces.number(route.interface),)
        for one in self.addresses.up():
            if any(route.gateway in address.network for address in self.addresses.of(one) if route.gateway is not None):
                return (self.interfaces.number(one.name),)
        return tuple(_each(self.interfaces.every))


def _each(numbers: IntervalSet) -> Iterator[int]:
    for first, last in numbers.spans:
        yield from range(first, last + 1)
