"""Left-hand sides: which field of the header an expression of nft reads, and what must hold before it is read.

nft leaves what a field needs unsaid (``tcp dport`` is asked of TCP, ``ip saddr`` of IPv4) and takes it out of its
listings again; the kernel's bytecode (``nft --debug=netlink``) has it. Here it is written out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.numbers import PROTOCOLS
from bailiwick.dataplane.nft.values import Dialect, number
from bailiwick.dataplane.nft.words import words
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

PORTFUL = IntervalSet.of((n, n) for n in (6, 17, 33, 132, 136))
"""TCP, UDP, DCCP, SCTP, UDP-Lite."""
_ALL = (1 << 128) - 1


@dataclass(frozen=True, slots=True)
class Operand:
    """``(field & mask) ^ flip``. ``field`` is a header field, or ``family`` or ``fib``, or empty: unknown.

    ``version`` and ``protocols`` must hold before. ``loose`` is ``th``: ports of whatever protocol it is. ``tracked``:
    a packet without connection has no such thing, and the rule ends (nft_ct.c). ``steady`` as in ``rules.Unknown``.
    """

    text: str
    field: str = ""
    dialect: Dialect | None = None
    mask: int | None = None
    flip: int = 0
    version: int | None = None
    protocols: IntervalSet | None = None
    loose: bool = False
    tracked: bool = False
    steady: bool = True
    fib: tuple[str, frozenset[str]] | None = None

    @property
    def plain(self) -> bool:
        """A field of the header that a lookup can use as it is."""
        return self.field in _HEADER and not self.flip and self.dialect is not Dialect.STATUS

    @property
    def interface(self) -> bool:
        return self.dialect is Dialect.INTERFACE


_HEADER = frozenset(header.widths(4)) - {header.DYNAMIC}

_PORTS = {"sport": header.SOURCE_PORT, "dport": header.DESTINATION_PORT}
_ADDRESSES = {"saddr": header.SOURCE, "daddr": header.DESTINATION}
_WITH_PORTS = ("tcp", "udp", "udplite", "sctp", "dccp")
_OVER_IP = {**{name: PROTOCOLS[name] for name in (*_WITH_PORTS, "esp", "ah", "comp", "gre")}, "icmp": 1, "igmp": 2}
_OVER_IP["icmpv6"] = 58
_VERSION = {"ip": 4, "icmp": 4, "igmp": 4, "ip6": 6, "icmpv6": 6}
_TUNNELS = {"gre": 47, "gretap": 47, "vxlan": 17, "geneve": 17}
"""What carries the headers inside (nft(8), payload expressions: nft 1.0.8 and later have them)."""


def operand(expression: object) -> Operand:
    """What an expression reads. One that nobody here knows is an Operand without a field; raises Unclear if broken."""
    text = words(expression)
    match expression:
        case dict() if len(expression) == 1:
            ((kind, inner),) = expression.items()
            if kind in ("&", "|", "^") and isinstance(inner, list) and len(inner) == 2:
                return _bitwise(str(kind), inner, text)
            reader = _READERS.get(kind)
            if reader is not None and isinstance(inner, dict):
                return reader(inner, text)
            return Operand(text, steady=kind not in ("numgen", "meter"))
    raise Unclear(f"{text} reads no packet")


def _bitwise(op: str, parts: list[object], text: str) -> Operand:
    inner = operand(parts[0])
    if not inner.field or inner.dialect is None or not inner.dialect.width:
        return replace(inner, text=text, field="")
    constant = number(parts[1], inner.dialect)
    full = (1 << inner.dialect.width) - 1
    mask = full if inner.mask is None else inner.mask
    if op == "&":
        mask, flip = mask & constant, inner.flip & constant
    elif op == "^":
        flip = inner.flip ^ constant
    else:
        mask, flip = mask & ~constant, (inner.flip & ~constant) | constant
    return replace(inner, text=text, mask=None if mask == full else mask, flip=flip)


def _payload(inner: Mapping[str, object], text: str) -> Operand:
    protocol, field = inner.get("protocol"), inner.get("field")
    if not isinstance(protocol, str) or not isinstance(field, str):
        return Operand(text)
    if "tunnel" in inner:
        # The header inside: of it, the packet outside says nothing, not even its family.
        carrier = _TUNNELS.get(str(inner["tunnel"]))
        return Operand(text, protocols=None if carrier is None else IntervalSet.single(carrier))
    version = _VERSION.get(protocol)
    over = _OVER_IP.get(protocol)
    bare = Operand(text, version=version, protocols=None if over is None else IntervalSet.single(over))
    if protocol == "th" and field in _PORTS:
        return replace(bare, field=_PORTS[field], dialect=Dialect.PORT, loose=True)
    if protocol in _WITH_PORTS and field in _PORTS:
        return replace(bare, field=_PORTS[field], dialect=Dialect.PORT)
    known = _PAYLOAD.get((protocol, field))
    return bare if known is None else replace(bare, field=known[0], dialect=known[1])


_PAYLOAD: Mapping[tuple[str, str], tuple[str, Dialect]] = {
    ("ip", "saddr"): (header.SOURCE, Dialect.IPV4),
    ("ip", "daddr"): (header.DESTINATION, Dialect.IPV4),
    ("ip", "version"): ("family", Dialect.VERSION),
    ("ip6", "version"): ("family", Dialect.VERSION),
    ("ip", "protocol"): (header.PROTOCOL, Dialect.PROTOCOL),
    ("ip6", "saddr"): (header.SOURCE, Dialect.IPV6),
    ("ip6", "daddr"): (header.DESTINATION, Dialect.IPV6),
    ("ip6", "nexthdr"): ("nexthdr", Dialect.PROTOCOL),
    ("tcp", "flags"): (header.TCP_FLAGS, Dialect.TCP_FLAGS),
    ("icmp", "type"): (header.ICMP_TYPE, Dialect.ICMP_TYPE),
    ("icmp", "code"): (header.ICMP_CODE, Dialect.ICMP_CODE),
    ("icmpv6", "type"): (header.ICMP_TYPE, Dialect.ICMPV6_TYPE),
    ("icmpv6", "code"): (header.ICMP_CODE, Dialect.ICMPV6_CODE),
    ("ether", "type"): ("ether type", Dialect.ETHER_TYPE),
}

_META: Mapping[str, tuple[str, Dialect]] = {
    "iif": (header.IIF, Dialect.INTERFACE),
    "iifname": (header.IIF, Dialect.INTERFACE),
    "oif": (header.OIF, Dialect.INTERFACE),
    "oifname": (header.OIF, Dialect.INTERFACE),
    "mark": (header.MARK, Dialect.MARK),
    "l4proto": (header.PROTOCOL, Dialect.PROTOCOL),
    "nfproto": ("family", Dialect.VERSION),
    "protocol": ("family", Dialect.ETHER_TYPE),
}
_PASSING = frozenset({"random", "time", "day", "hour", "cpu", "length"})
"""Keys of ``meta`` that tell apart packets of one kind, or moments."""


def _meta(inner: Mapping[str, object], text: str) -> Operand:
    key = inner.get("key")
    if not isinstance(key, str):
        return Operand(text, steady=False)
    field, dialect = _META.get(key, ("", None))
    return Operand(text, field, dialect, steady=key not in _PASSING)


_CT: Mapping[str, tuple[str, Dialect]] = {
    "state": (header.STATE, Dialect.STATE),
    "status": (header.STATUS, Dialect.STATUS),
    "direction": (header.DIRECTION, Dialect.DIRECTION),
    "mark": (header.CT_MARK, Dialect.MARK),
    "l3proto": ("family", Dialect.VERSION),
}


def _ct(inner: Mapping[str, object], text: str) -> Operand:
    key = inner.get("key")
    if not isinstance(key, str) or "dir" in inner:
        return Operand(text, tracked=True)
    field, dialect = _CT.get(key, ("", None))
    steady = key in ("zone", "helper", "protocol", "id")
    return Operand(text, field, dialect, tracked=key != "state", steady=steady)


def _fib(inner: Mapping[str, object], text: str) -> Operand:
    result, flags = inner.get("result"), inner.get("flags")
    parts = flags if isinstance(flags, list) else [flags]
    if result not in ("oif", "type") or not all(isinstance(part, str) for part in parts):
        return Operand(text)
    dialect = Dialect.ADDRESS_TYPE if result == "type" else None
    return Operand(text, "fib", dialect, fib=(str(result), frozenset(map(str, parts))))


def _ipv6(_: Mapping[str, object], text: str) -> Operand:
    return Operand(text, version=6)


def _ipv4(_: Mapping[str, object], text: str) -> Operand:
    return Operand(text, version=4)


def _tcp(_: Mapping[str, object], text: str) -> Operand:
    return Operand(text, protocols=IntervalSet.single(6))


def _sctp(_: Mapping[str, object], text: str) -> Operand:
    return Operand(text, protocols=IntervalSet.single(132))


_READERS: Mapping[str, Callable[[Mapping[str, object], str], Operand]] = {
    "payload": _payload,
    "meta": _meta,
    "ct": _ct,
    "fib": _fib,
    "exthdr": _ipv6,
    "ip option": _ipv4,
    "tcp option": _tcp,
    "sctp chunk": _sctp,
}
