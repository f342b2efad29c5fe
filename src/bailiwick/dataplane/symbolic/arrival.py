"""Packets that the kernel refuses when they arrive, whatever the filter says: martians, and rp_filter's.

net/ipv4/route.c (ip_route_input_slow), net/ipv4/fib_frontend.c (fib_validate_source), net/ipv6/ip6_input.c.
"""

from __future__ import annotations

from ipaddress import ip_network

from bailiwick.dataplane.symbolic.addresses import span
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK
from bailiwick.dataplane.symbolic.pair import Pair
from bailiwick.dataplane.symbolic.routes import KERNELS, Routes, View
from bailiwick.dataplane.symbolic.settings import where
from bailiwick.dataplane.symbolic.split import LOCAL, NOWHERE, ambiguous
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region

LOCAL_GROUPS = IntervalSet.span(0xE0000000, 0xE00000FF)
_IGMP = 2
_BACK = View(header.SOURCE, header.DESTINATION, reverse=True, marked=False, begins=True)
_BACK_MARKED = View(header.SOURCE, header.DESTINATION, reverse=True, begins=True)


class Arrivals:
    """``oif`` of these regions is the interface that routing chose, NONE for the device itself."""

    def __init__(self, routes: Routes) -> None:
        self.routes = routes
        self.space = routes.space
        self.addresses = routes.addresses
        self.interfaces = routes.interfaces

    def refused(self) -> Pair:
        """The packets that go nowhere because of where they say that they come from."""
        return self._refused4() if self.routes.family == 4 else self._refused6()

    def _refused6(self) -> Pair:
        among = self.space.among
        named = self.addresses.named
        looped = self._on(self.interfaces.number(LOOPBACK))
        inner = among(header.SOURCE, named("loopback")) | among(header.DESTINATION, named("loopback"))
        lonely = among(header.SOURCE, named("link") | named("nobody")) - self._on(LOCAL, header.OIF)
        return Pair.exactly(among(header.SOURCE, named("multicast")) | (inner - looped) | lonely)

    def _refused4(self) -> Pair:
        among, named = self.space.among, self.addresses.named
        wrong = among(header.SOURCE, named("multicast") | named("everybody"))
        nobody = among(header.SOURCE, named("nobody"))
        calling = among(header.DESTINATION, named("everybody"))
        near = among(header.DESTINATION, LOCAL_GROUPS) | among(header.PROTOCOL, IntervalSet.single(_IGMP))
        near = near & among(header.DESTINATION, named("multicast"))
        silent = nobody - calling - near - among(header.DESTINATION, named("nobody"))
        inner = among(header.SOURCE, span(ip_network("127.0.0.0/8"))) - calling
        inner = inner - self._where("route_localnet") - self._on(self.interfaces.number(LOOPBACK))
        always = Pair.exactly(wrong | silent | inner)
        return always | (self._checked() & Pair.exactly(~nobody))

    def _checked(self) -> Pair:
        """Of packets that have a source: fib_validate_source."""
        own = self.space.among(header.SOURCE, self.addresses.local)
        perhaps = own | self.space.among(header.SOURCE, self.addresses.doubtful)
        taken = self._where("accept_local")
        strict, loose = self._where("rp_filter", "1"), self._where("rp_filter", "2")
        looked = self.space.everything if self._rules() else strict | loose | self._turned()
        if not looked or not self.routes.device.routing.known:
            return Pair(own - taken, perhaps - taken)
        simple = Pair((own - taken) - looked, (perhaps - taken) - looked)
        split = self.routes.ways(_BACK)
        if any(n.endswith(".src_valid_mark") and v == "1" for n, v in self.routes.device.settings.items()):
            marked = self.routes.ways(_BACK_MARKED)
            split = {e: split.get(e, self.space.nothing) | marked.get(e, self.space.nothing) for e in {*split, *marked}}
        local = split.get(LOCAL, self.space.nothing) - taken
        missing = split.get(NOWHERE, self.space.nothing) & (strict | loose)
        through = [region & self._on(exit_) for exit_, region in split.items() if exit_ not in {LOCAL, NOWHERE}]
        elsewhere = strict - self.space.union(through) - split.get(LOCAL, self.space.nothing)
        doubted = ambiguous(split, self.space.nothing)
        may = looked & (local | missing | elsewhere | (doubted & strict))
        return simple | Pair(may - doubted, may)

    def _rules(self) -> bool:
        own = {(rule.priority, rule.table) for rule in KERNELS}
        rules = self.routes.device.routing.rules
        return any((rule.priority, rule.table) not in own for rule in rules if rule.family in (None, 4))

    def _turned(self) -> Region:
        """The packets that leave where they came, by an interface that would say so (``send_redirects``)."""
        numbers = self.interfaces.numbers.values()
        same = self.space.union(self._on(number) & self._on(number, header.OIF) for number in numbers)
        return same & where(self.space, self.routes.device, self.interfaces, "send_redirects", unset="1")

    def _on(self, number: int, side: str = header.IIF) -> Region:
        return self.space.among(side, IntervalSet.single(number))

    def _where(self, name: str, value: str = "1") -> Region:
        return where(self.space, self.routes.device, self.interfaces, name, value=value)
