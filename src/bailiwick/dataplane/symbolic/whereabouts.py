"""Tests that ask the device's own addresses and routes: kinds of addresses, and the way back to a source.

Kernel sources: net/ipv4/fib_frontend.c (inet_dev_addr_type), net/ipv4/netfilter/nft_fib_ipv4.c,
net/ipv6/netfilter/nft_fib_ipv6.c, net/ipv4/netfilter/ipt_rpfilter.c.
"""

from __future__ import annotations

from bailiwick.dataplane.rules import AddressType, ReturnPath
from bailiwick.dataplane.symbolic.addresses import Addresses
from bailiwick.dataplane.symbolic.arrival import LOCAL_GROUPS
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, NONE, Interfaces
from bailiwick.dataplane.symbolic.pair import Pair
from bailiwick.dataplane.symbolic.routes import Routes, View
from bailiwick.dataplane.symbolic.split import LOCAL, NOWHERE, Split, ambiguous
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space


class DeviceWhereabouts:
    """Answers for one family, with every interface up.

    ``header.DYNAMIC`` speaks of destinations alone. A source is taken for a changing address of the device itself
    only where the device sends: from elsewhere the kernel drops it as a martian.
    """

    def __init__(self, space: Space, addresses: Addresses, routes: Routes) -> None:
        self.space = space
        self.addresses = addresses
        self.routes = routes
        self.interfaces: Interfaces = addresses.interfaces

    # ---- kinds

    def address_type(self, test: AddressType) -> Pair:
        """The addresses of one of the kinds; the test's own negation is left to the caller."""
        nothing = Pair.exactly(self.space.nothing)
        field = {"source": header.SOURCE, "destination": header.DESTINATION}[test.key]
        kinds = self._kinds(field, test.limit_iif)
        for kind in test.kinds:
            nothing = nothing | kinds.get(kind, nothing)
        return nothing

    def _kinds(self, field: str, limited: bool) -> dict[str, Pair]:
        space, addresses = self.space, self.addresses
        group = space.among(field, addresses.named("multicast"))
        nobody = space.among(field, addresses.named("nobody"))
        local = self._local(field, limited)
        if addresses.family == 6:
            anycast = self._by_interface(field, addresses.shared_by_interface, limited)
            local &= Pair.exactly(~(group | anycast))
            rest = ~(local | Pair.exactly(group | anycast))
            perhaps = Pair(space.nothing, rest.may)
            doubted = dict.fromkeys(("unicast", "unreachable", "blackhole", "prohibit", "unspec"), perhaps)
            return {**doubted, "multicast": Pair.exactly(group), "anycast": Pair.exactly(anycast), "local": local}
        always = space.among(field, addresses.named("everybody")) | nobody
        broadcast = self._by_interface(field, addresses.shared_by_interface, limited) | always
        doubtful = space.among(field, addresses.doubtful) - (group | always)
        local &= Pair.exactly(~(group | always))
        unknown = not self.addresses.device.routing.known
        known = Pair(broadcast, ~(group | local.must) if unknown else broadcast | doubtful)
        return {
            "multicast": Pair.exactly(group),
            "broadcast": known,
            "local": local,
            "unicast": ~(local | known | Pair.exactly(group)),
        }

    def _local(self, field: str, limited: bool) -> Pair:
        space, addresses = self.space, self.addresses
        certain = self._by_interface(field, addresses.local_by_interface, limited)
        if field == header.DESTINATION:
            for name in addresses.dynamic:
                number = IntervalSet.single(self.interfaces.dynamic[name])
                certain |= space.among(header.DYNAMIC, number) & self._here(name, limited)
        if not addresses.device.routing.known:
            return Pair(certain, space.everything)
        possible = certain | space.among(field, addresses.doubtful)
        if addresses.family == 6:
            possible |= space.among(field, addresses.named("link"))
        if field == header.SOURCE and addresses.dynamic:
            sending = space.among(header.IIF, IntervalSet.single(NONE))
            possible |= sending - space.among(field, addresses.subnets)
        return Pair(certain, possible)

    def _by_interface(self, field: str, numbers: dict[str, IntervalSet], limited: bool) -> Region:
        if not limited:
            return self.space.among(field, IntervalSet.union(numbers.values()))
        parts = (self.space.among(field, its) & self._here(name, limited) for name, its in numbers.items())
        return self.space.union(parts)

    def _here(self, name: str, limited: bool) -> Region:
        if not limited:
            return self.space.everything
        numbers = (self.interfaces.number(name), NONE)  # without an ingress there is nothing to limit to
        return self.space.among(header.IIF, IntervalSet.of((number, number) for number in numbers))

    # ---- the way back

    def return_path(self, test: ReturnPath) -> Pair:
        """The packets whose source has (no) way back."""
        if not self.addresses.device.routing.known:
            return Pair(self.space.nothing, self.space.everything)
        view = View(header.SOURCE, header.DESTINATION, reverse=True, marked=test.marked, begins=not test.any_interface)
        split = self.routes.ways(view)
        doubted = ambiguous(split, self.space.nothing)
        found = self._unicast(split, test.any_interface)
        always = self._always_found()
        # A subnet's broadcast address has a way back for nft_fib_ipv4.c, and none for ipt_rpfilter.c.
        pair = Pair((found - doubted) | always, found | always | self._broadcasting(test.any_interface))
        if self.addresses.family == 6 and not test.any_interface:
            # The kernel asks for a route over that interface and falls back to ever shorter prefixes there.
            pair = Pair(pair.must, pair.may | self._over_interface())
        return ~pair if test.missing else pair

    def _unicast(self, split: Split, any_interface: bool) -> Region:
        parts = []
        for exit_, region in split.items():
            if exit_ not in {LOCAL, NOWHERE}:
                here = (
                    self.space.everything if any_interface else self.space.among(header.IIF, IntervalSet.single(exit_))
                )
                parts.append(region & here)
        return self.space.union(parts)

    def _broadcasting(self, any_interface: bool) -> Region:
        addresses = self.addresses
        if addresses.family == 6:
            return self.space.nothing
        own = self.space.among(header.SOURCE, addresses.local)
        return self._by_interface(header.SOURCE, addresses.shared_by_interface, not any_interface) - own

    def _always_found(self) -> Region:
        among, addresses = self.space.among, self.addresses
        looped = among(header.IIF, IntervalSet.single(self.interfaces.number(LOOPBACK)))
        if addresses.family == 6:
            return looped | among(header.SOURCE, addresses.named("link"))
        calling = among(header.DESTINATION, addresses.named("everybody") | LOCAL_GROUPS)
        return looped | (among(header.SOURCE, addresses.named("nobody")) & calling)

    def _over_interface(self) -> Region:
        parts = []
        for route in self.addresses.device.routing.routes:
            if route.interface is not None and (route.prefix is None or route.prefix.version == 6):
                number = IntervalSet.single(self.interfaces.number(route.interface))
                parts.append(self.space.among(header.IIF, number))
        return self.space.union(parts)
