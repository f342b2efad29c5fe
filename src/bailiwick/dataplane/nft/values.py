"""Constants in nft's JSON to numbers, by what the field at the other side is (libnftables-json(5), expressions)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from functools import reduce
from ipaddress import IPv4Address, IPv6Address
from operator import or_

from bailiwick.dataplane.nft import numbers
from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.words import words
from bailiwick.packets.interval import IntervalSet


class Dialect(Enum):
    """What the names of a field's values mean: the table of names, and the width in bits."""

    IPV4 = ("ipv4", 32)
    IPV6 = ("ipv6", 128)
    PORT = ("port", 16)
    PROTOCOL = ("protocol", 8)
    ICMP_TYPE = ("icmp type", 8)
    ICMPV6_TYPE = ("icmpv6 type", 8)
    ICMP_CODE = ("icmp code", 8)
    ICMPV6_CODE = ("icmpv6 code", 8)
    TCP_FLAGS = ("tcp flags", 8)
    STATE = ("ct state", 32)
    STATUS = ("ct status", 32)
    DIRECTION = ("ct direction", 1)
    MARK = ("mark", 32)
    VERSION = ("nfproto", 8)
    ETHER_TYPE = ("ether type", 16)
    INTERFACE = ("interface", 0)
    ADDRESS_TYPE = ("fib type", 0)

    @property
    def width(self) -> int:
        """Bits; 0 where the values are names and no numbers."""
        width: int = self.value[1]
        return width


_NAMES: Mapping[Dialect, Mapping[str, int]] = {
    Dialect.PORT: numbers.SERVICES,
    Dialect.PROTOCOL: numbers.PROTOCOLS,
    Dialect.ICMP_TYPE: numbers.ICMP_TYPES,
    Dialect.ICMPV6_TYPE: numbers.ICMPV6_TYPES,
    Dialect.ICMP_CODE: numbers.ICMP_CODES,
    Dialect.ICMPV6_CODE: numbers.ICMPV6_CODES,
    Dialect.TCP_FLAGS: numbers.TCP_FLAGS,
    Dialect.STATE: numbers.STATES,
    Dialect.STATUS: numbers.STATUSES,
    Dialect.DIRECTION: numbers.DIRECTIONS,
    Dialect.VERSION: numbers.VERSIONS,
    Dialect.ETHER_TYPE: numbers.ETHER_TYPES,
}


_VERSIONS = {2: 4, 10: 6}
"""NFPROTO_IPV4 and NFPROTO_IPV6."""


def number(value: object, dialect: Dialect) -> int:
    """One constant; a list or ``|`` is its bits together. Raises Unclear."""
    result = _number(value, dialect, 0)
    if not 0 <= result < 1 << dialect.width:
        raise Unclear(f"{words(value)} is no {dialect.value[0]}")
    return result


def _number(value: object, dialect: Dialect, depth: int) -> int:
    if depth > 8:
        raise Unclear("too deep an expression")
    match value:
        case bool():
            return int(value)
        case int():
            return _VERSIONS.get(value, value) if dialect is Dialect.VERSION else value
        case str():
            return _named(value, dialect)
        case list() if value:
            return _union(_number(one, dialect, depth + 1) for one in value)
        case {"|": list(parts)} if parts:
            return _union(_number(one, dialect, depth + 1) for one in parts)
        case {"elem": {"val": inner}}:
            return _number(inner, dialect, depth + 1)
    raise Unclear(f"{words(value)} is no constant")


def _union(values: Iterable[int]) -> int:
    return reduce(or_, values, 0)


def _named(text: str, dialect: Dialect) -> int:
    names = _NAMES.get(dialect, {})
    if text in names:
        return names[text]
    try:
        if dialect is Dialect.IPV4:
            return int(IPv4Address(text))
        if dialect is Dialect.IPV6:
            return int(IPv6Address(text))
        if dialect.width and text.isascii() and len(text) <= 40:
            return int(text, 0)
    except ValueError:
        pass
    raise Unclear(f"{text} is no {dialect.value[0]}")


def numbers_of(value: object, dialect: Dialect) -> IntervalSet:
    """A constant, a prefix, a range. Raises Unclear."""
    match value:
        case {"prefix": {"addr": address, "len": int(length)}} if 0 <= length <= dialect.width:
            host = (1 << (dialect.width - length)) - 1
            first = number(address, dialect) & ~host
            return IntervalSet(((first, first | host),))
        case {"range": [low, high]}:
            first, last = number(low, dialect), number(high, dialect)
            if first > last:
                raise Unclear(f"{words(value)} runs backwards")
            return IntervalSet(((first, last),))
        case {"elem": {"val": inner}}:
            return numbers_of(inner, dialect)
    return IntervalSet.single(number(value, dialect))


def pattern(value: object) -> str:
    """An interface's name, perhaps with ``*`` for any tail. Raises Unclear."""
    match value:
        case {"elem": {"val": inner}}:
            return pattern(inner)
        case str() if value and "\\" not in value and "*" not in value[:-1] and not value.isdecimal():
            return value
    raise Unclear(f"{words(value)} is no interface")
