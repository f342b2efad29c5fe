"""``-m addrtype`` (xt_addrtype.c): of IPv4 one of the types, by the local table; of IPv6 something else.

For IPv6 every type that is named must hold, except that of local, anycast and unreachable one is enough; unicast and
multicast are kinds of addresses there (``ipv6_addr_type``), so that the device's own are unicast too.
"""

from __future__ import annotations

from bailiwick.dataplane.rules import AddressType, Among, AnyOf, Test
from bailiwick.packets.interval import IntervalSet

_MULTICAST = IntervalSet.span(0xFF << 120, (1 << 128) - 1)
_MAPPED = IntervalSet.span(0xFFFF << 32, (0xFFFF << 32) + 0xFFFFFFFF)
_UNSPECIFIED = IntervalSet.single(0)
_UNICAST = IntervalSet.span(0, (1 << 128) - 1) - _MULTICAST - _MAPPED - _UNSPECIFIED
_ROUTED = {
    "local": frozenset({"local"}),
    "anycast": frozenset({"anycast"}),
    "unreachable": frozenset({"unreachable", "prohibit", "blackhole"}),
}


def address_types6(key: str, kinds: frozenset[str], *, negated: bool, limit_iif: bool) -> Test | AnyOf:
    """The test of IPv6 for types that ip6tables takes: broadcast, blackhole and prohibit it refuses."""
    fixed = {"multicast": _MULTICAST, "unicast": _UNICAST, "unspec": _UNSPECIFIED}
    tests: list[Test] = [Among(key, values) for kind, values in fixed.items() if kind in kinds]
    routed = frozenset().union(*(_ROUTED[kind] for kind in kinds if kind in _ROUTED))
    if routed:
        tests.append(AddressType(key, routed, limit_iif=limit_iif))
    return AnyOf((tuple(tests),), negated)
