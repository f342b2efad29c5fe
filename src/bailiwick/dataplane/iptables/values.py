"""Values of options: addresses with masks, ports, marks, and the tests made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from bailiwick.dataplane.iptables.arguments import NotUnderstood
from bailiwick.dataplane.iptables.ipset import IpSet
from bailiwick.dataplane.iptables.names import service_port, whole_number
from bailiwick.dataplane.rules import Among, AnyOf, Family, OnInterface, Step, Test, Unknown
from bailiwick.packets import header
from bailiwick.packets.header import State
from bailiwick.packets.interval import IntervalSet

WORD = 0xFFFFFFFF
NEVER = Among(header.PROTOCOL, IntervalSet())
"""A test that no packet passes."""
TRACKED = Among(header.STATE, IntervalSet.of((s, s) for s in (State.NEW, State.ESTABLISHED, State.RELATED)))
"""The packet belongs to a connection that conntrack knows."""


@dataclass(slots=True)
class Scene:
    """What stands around a rule: its family (4 or 6), table, the one protocol it is about, the sets beside the dump.

    ``seen`` are the matches of this table that were read before, by their text and the rule's protocol.
    ``hooks`` are those that the rule's chain is reached from. ``grown`` and ``shrunk`` name the sets that some rule
    adds to or deletes from. ``remarks`` fills with what was understood in part.
    """

    family: int
    table: str
    protocol: int | None = None
    hooks: frozenset[str] = frozenset()
    sets: dict[str, IpSet] = field(default_factory=dict)
    grown: frozenset[str] = frozenset()
    shrunk: frozenset[str] = frozenset()
    remarks: list[str] = field(default_factory=list)
    seen: dict[tuple[str, int | None], tuple[Step, ...]] = field(default_factory=dict)


def inverted(test: Test, negated: bool) -> Step:
    """The test, or its opposite."""
    if not negated:
        return test
    if isinstance(test, Among):
        return Among(test.field, test.values, test.mask, not test.negated)
    if isinstance(test, OnInterface):
        return OnInterface(test.side, test.patterns, not test.negated)
    if isinstance(test, Family):
        return Family(test.version, not test.negated)
    return AnyOf(((test,),), negated=True)


def any_of(options: Iterable[tuple[Test, ...]], negated: bool = False) -> tuple[Step, ...]:
    """Steps that hold where one of the conjunctions does, or, negated, none; as plain tests where that is enough."""
    found = tuple(options)
    if len(found) == 1 and not negated:
        return found[0]
    if len(found) == 1 and len(found[0]) == 1:
        return (inverted(found[0][0], negated),)
    return (AnyOf(found, negated),)


def steady(text: str) -> Unknown:
    """A test of something that these packets do not show, the same each time that it is asked."""
    return Unknown(text, steady=True, key=text)


def address(text: str, family: int) -> int:
    """Raises NotUnderstood for what is no address of the family (a host's name was looked up when it was loaded)."""
    try:
        return int(IPv4Address(text) if family == 4 else IPv6Address(text))
    except AddressValueError:
        raise NotUnderstood(f"`{text}` is no IPv{family} address") from None


def width(family: int) -> int:
    """Bits of an address."""
    return 32 if family == 4 else 128


def network(text: str, family: int) -> tuple[int, int]:
    """Address and mask as numbers; the mask is a prefix length or an address, and may have holes."""
    base, slash, tail = text.partition("/")
    every = (1 << width(family)) - 1
    mask = every
    if slash:
        length = int(tail) if tail.isascii() and tail.isdecimal() and len(tail) < 4 else None
        if length is None:
            mask = address(tail, family)
        elif length <= width(family):
            mask = every ^ (every >> length)
        else:
            raise NotUnderstood(f"`{text}` has no prefix of IPv{family}")
    return address(base, family) & mask, mask


@lru_cache(maxsize=8192)
def networks_test(field_name: str, text: str, family: int) -> tuple[Test, ...]:
    """The test of one network, or of a list of them; nothing where it holds every address."""
    spans: list[tuple[int, int]] = []
    every = (1 << width(family)) - 1
    for part in text.split(","):
        first, mask = network(part, family)
        hosts = every ^ mask
        if hosts & (hosts + 1):
            if "," in text:
                raise NotUnderstood(f"`{text}`: a list with a mask that has holes")
            return (Among(field_name, IntervalSet.single(first), mask),)
        spans.append((first, first | hosts))
    return (Among(field_name, IntervalSet.of(spans)),)


def span(text: str, separator: str, most: int, words: bool = False) -> tuple[int, int]:
    """``a``, ``a:b``, ``a:`` and ``:b``; ``words`` lets ports have names."""
    first, ranged, last = text.partition(separator)

    def read(part: str, default: int) -> int:
        if ranged and not part:
            return default
        number = service_port(part) if words else whole_number(part, most)
        if number is None:
            raise NotUnderstood(f"`{text}` is no number up to {most}, and no range of them")
        return number

    low = read(first, 0)
    high = read(last, most) if ranged else low
    if low > high:
        raise NotUnderstood(f"`{text}` runs backwards")
    return low, high


def ports(text: str, separator: str = ":") -> tuple[int, int]:
    """A port or a range of ports; a service may stand by its name. Raises NotUnderstood."""
    return span(text, separator, 65535, words=True)


def marked(text: str) -> tuple[int, int]:
    """``value[/mask]`` of 32 bits; without a mask every bit."""
    value, slash, mask = text.partition("/")
    numbers = whole_number(value, WORD), whole_number(mask, WORD) if slash else WORD
    if numbers[0] is None or numbers[1] is None:
        raise NotUnderstood(f"`{text}` is no mark")
    return numbers[0], numbers[1]
