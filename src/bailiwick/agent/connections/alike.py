"""Which first packets nothing on a device tells apart: they share one walk.

Everything that rules, routes and addresses ask of a packet is a set of numbers. Two numbers that lie in exactly the
same of these sets are alike; so each field is cut where some set begins or ends.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network

from bailiwick.agent.connections.conntrack import Ends
from bailiwick.dataplane.model import Device, Network
from bailiwick.dataplane.rules import Among, AnyOf, Key, Lookup, Side, Step, Target, Translate, VerdictMap
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

_OF_PACKETS = {
    header.SOURCE: 2,
    header.DESTINATION: 3,
    header.SOURCE_PORT: 4,
    header.DESTINATION_PORT: 5,
    header.PROTOCOL: 1,
    header.ICMP_TYPE: 6,
    header.ICMP_CODE: 7,
}
"""Fields of a first packet that differ between connections, by their place in ``Ends``."""
_SPECIAL = (
    *("0.0.0.0/32", "127.0.0.0/8", "224.0.0.0/4", "224.0.0.0/24", "255.255.255.255/32"),
    *("::/128", "::1/128", "fe80::/10", "ff00::/8"),
)
"""What the kernel's own checks of addresses ask for (net/ipv4/route.c, net/ipv6/ip6_input.c)."""
_PROTOCOLS = IntervalSet.of([(1, 1), (6, 6), (17, 17), (33, 33), (58, 58), (132, 132), (136, 136)])
"""Those that have ports or types, each for itself."""


class Alike:
    """``key`` is equal for packets that a walk through ``device`` cannot tell apart, if they come in by one way.

    Where a translation picks from a range, what it picks hangs on the packet's own numbers, and none are alike.
    """

    def __init__(self, device: Device) -> None:
        cuts: dict[tuple[str, int | None], set[int]] = defaultdict(set)
        self._apart = False
        _cut(cuts[header.PROTOCOL, None], _PROTOCOLS)
        for field in (header.SOURCE, header.DESTINATION):
            for network in _networks(device):
                cuts[field, None] |= {int(network.network_address), int(network.broadcast_address) + 1}
        for table in device.tables:
            for chain in table.chains.values():
                for rule in chain.rules:
                    for step in rule.steps:
                        self._step(cuts, step)
        self._cuts = tuple((_OF_PACKETS[field], mask, sorted(starts)) for (field, mask), starts in cuts.items())

    def key(self, ends: Ends) -> tuple[object, ...]:
        """Of the first packet of a connection."""
        if self._apart:
            return ends
        numbers = (
            bisect_right(starts, ends[at] if mask is None else ends[at] & mask) for at, mask, starts in self._cuts
        )
        return (ends.version, ends.ports, *numbers)

    def _step(self, cuts: dict[tuple[str, int | None], set[int]], step: Step) -> None:
        match step:
            case Among(field, values, mask):
                if field in _OF_PACKETS:
                    _cut(cuts[field, mask], values)
            case AnyOf(options):
                for test in (test for tests in options for test in tests):
                    self._step(cuts, test)
            case Lookup(keys, entries):
                _cut_all(cuts, keys, entries)
            case VerdictMap(keys, entries):
                _cut_all(cuts, keys, (entry for entry, _ in entries))
            case Translate(_, target, keys, entries):
                _cut_all(cuts, keys, (entry for entry, _ in entries))
                for become in (target, *(become for _, become in entries)):
                    self._target(cuts, become)
            case _:
                pass

    def _target(self, cuts: dict[tuple[str, int | None], set[int]], target: Target) -> None:
        """A packet that bears the target already is not changed by it, and so unlike the others."""
        self._apart |= target.last not in (None, target.first)
        self._apart |= target.ports is not None and target.ports[0] != target.ports[1]
        if target.first is not None:
            for field in (header.SOURCE, header.DESTINATION):
                _cut(cuts[field, None], IntervalSet.single(int(target.first)))
        if target.ports is not None:
            for field in (header.SOURCE_PORT, header.DESTINATION_PORT):
                _cut(cuts[field, None], IntervalSet.single(target.ports[0]))


def _cut(starts: set[int], values: IntervalSet) -> None:
    for first, last in values.spans:
        starts.add(first)
        starts.add(last + 1)


def _cut_all(
    cuts: dict[tuple[str, int | None], set[int]], keys: tuple[Key, ...], entries: Iterable[tuple[Side, ...]]
) -> None:
    asked = [(at, cuts[key.field, key.mask]) for at, key in enumerate(keys) if key.field in _OF_PACKETS]
    for entry in entries:
        for at, starts in asked:
            side = entry[at]
            if isinstance(side, IntervalSet):
                _cut(starts, side)


def _networks(device: Device) -> Iterator[Network]:
    """Every prefix that routing knows."""
    yield from (ip_network(text) for text in _SPECIAL)
    for interface in device.interfaces.values():
        for address in interface.addresses:
            host: IPv4Address | IPv6Address = address.ip
            yield from (ip_network(host), address.network)
            yield from (ip_network(address.network.network_address), ip_network(address.network.broadcast_address))
    for route in device.routing.routes:
        if route.prefix is not None:
            yield route.prefix
        if route.gateway is not None:
            yield ip_network(route.gateway)
    for rule in device.routing.rules:
        yield from (network for network in (rule.source, rule.destination) if network is not None)
