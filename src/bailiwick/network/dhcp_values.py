"""A DHCP option's value as the bytes that a client hears.

What a value is follows from the option where its number is known, and else from how it looks: dnsmasq 2.90's reading
(option.c, ``parse_dhcp_opt``), so that it means the same on every router. What dnsmasq would take for something else
than it looks like, or would not start on, is no value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

WIDTHS: Mapping[int, tuple[int, bool]] = {
    2: (4, True),  # time offset, RFC 2132 §3.4
    13: (2, False),  # boot file size, §3.15
    19: (1, False),  # IP forwarding, §4.1
    20: (1, False),  # non-local source routing, §4.2
    22: (2, False),  # datagram reassembly size, §4.4
    23: (1, False),  # default TTL, §4.5
    26: (2, False),  # interface MTU, §5.1
    27: (1, False),  # all subnets are local, §5.2
    31: (1, False),  # router discovery, §5.6
    34: (1, False),  # trailer encapsulation, §6.1
    35: (4, False),  # ARP cache timeout, §6.2
    36: (1, False),  # Ethernet encapsulation, §6.3
    37: (1, False),  # TCP default TTL, §7.1
    38: (4, False),  # TCP keepalive interval, §7.2
    46: (1, False),  # NetBIOS node type, §8.7
    93: (2, False),  # client architecture, RFC 4578 §2.1
    108: (4, False),  # IPv6-only preferred, RFC 8925 §3.1
}
"""Of options that are a number: its bytes, and whether it may be negative. dnsmasq's widths are the same ones."""

SIP_SERVERS, SEARCH = 120, 119
_TERMINATED = frozenset({66, 67})
"""Boot server and file: dnsmasq ends both with a zero byte, for PXE's sake (rfc2131.c, ``do_options``)."""
_TEXTS = frozenset({12, 17, 18, 40, 64, 100, 101})
"""Text, however it looks (dhcp-common.c, OT_NAME)."""
_PLAIN = re.compile(r"[A-Za-z0-9._:/@!+*-]+")
"""What stands without quotes. Between them dnsmasq takes whatever it is for text (option.c, ``hide_meta``)."""
_UNNUMBERED = frozenset({43})
"""dnsmasq cannot read a number there."""


class Form(StrEnum):
    """How a value is written in bytes."""

    ADDRESSES = "addresses"
    NUMBER = "number"
    NAMES = "names"
    SERVER_NAMES = "server names"
    SERVER_ADDRESSES = "server addresses"
    ROUTES = "routes"
    BYTES = "bytes"
    TEXT = "text"
    TERMINATED = "terminated text"


def form(number: int, parts: tuple[str, ...]) -> Form:
    """Of parts that are a value of the option: ``dhcp_options.resolve_options`` finds those that are not."""
    if number in WIDTHS:
        return Form.NUMBER
    if number in _TERMINATED:
        return Form.TERMINATED
    if number == SEARCH:
        return Form.NAMES
    if number == SIP_SERVERS:
        return Form.SERVER_ADDRESSES if _are_addresses(parts) else Form.SERVER_NAMES
    return Form.TEXT if number in _TEXTS else read_free(number, parts)


def width(number: int, parts: tuple[str, ...]) -> tuple[int, bool]:
    """Of a number: its bytes, the fewest that hold it where the option does not say, and whether it may be negative."""
    if number in WIDTHS:
        return WIDTHS[number]
    value = int(parts[0])
    return (1 if value < 1 << 8 else 2 if value < 1 << 16 else 4), False


def read_free(number: int, parts: tuple[str, ...]) -> Form:
    """What a value looks like. Raises ValueError, with what to write instead, for what only begins to look like it."""
    looks = ",".join(parts)
    if not all(map(_PLAIN.fullmatch, parts)):
        return Form.TEXT
    if looks.isdigit():
        if int(looks) >= 1 << 32 or number in _UNNUMBERED:
            raise ValueError("write its bytes, as `01:04:c0`")
        return Form.NUMBER
    if is_cut(parts) or re.fullmatch(r"[0-9-]*[0-9][0-9-]*", looks):
        raise ValueError("dnsmasq takes digits with `-` between them, or one letter after them, for a number")
    if ":" in looks and re.fullmatch(r"[0-9A-Fa-f:]+", looks):
        if not re.fullmatch(r"[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2})+", looks):
            raise ValueError("write each byte in one or two digits, as `01:04:c0`")
        return Form.BYTES
    if re.fullmatch(r"(?!/)[0-9.,/]+", looks) and any(letter.isdigit() for letter in looks):
        if "/" not in looks:
            if not _are_addresses(parts):
                raise ValueError("dnsmasq takes digits, dots and commas for addresses")
            return Form.ADDRESSES
        read_routes(parts)
        return Form.ROUTES
    return Form.TEXT


def is_cut(parts: tuple[str, ...]) -> bool:
    """Whether dnsmasq takes the last letter for the size of a number, and away, even from a text."""
    return re.fullmatch(r"[0-9-]*[bsi]", ",".join(parts)) is not None


def read_routes(parts: tuple[str, ...]) -> tuple[tuple[IPv4Network, IPv4Address], ...]:
    """``10.0.0.0/8`` and its router, in turn (RFC 3442). Raises ValueError."""
    try:
        if len(parts) % 2 or not all("/" in part for part in parts[::2]):
            raise ValueError
        networks = tuple(IPv4Network(part) for part in parts[::2] if part.partition("/")[2].isdigit())
        return tuple(zip(networks, map(IPv4Address, parts[1::2]), strict=True))
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise ValueError("write `10.0.0.0/8, 192.168.40.5`: each network, and then the router to it") from error


def encoded(number: int, parts: tuple[str, ...]) -> bytes:
    """Raises ValueError for parts that are no value of the option."""
    match form(number, parts):
        case Form.NUMBER:
            size, signed = width(number, parts)
            return int(parts[0]).to_bytes(size, "big", signed=signed)
        case Form.ADDRESSES:
            return _addresses(parts)
        case Form.SERVER_ADDRESSES:
            return b"\x01" + _addresses(parts)
        case Form.SERVER_NAMES:
            return b"\x00" + _names(parts)
        case Form.NAMES:
            return _names(parts)
        case Form.ROUTES:
            return b"".join(_route(network, router) for network, router in read_routes(parts))
        case Form.BYTES:
            return bytes(int(one, 16) for one in parts[0].split(":"))
        case Form.TERMINATED:
            text = ",".join(parts).encode("ascii")
            return text if len(text) >= 255 else text + b"\0"
        case Form.TEXT:
            return ",".join(parts).encode("ascii")


def _are_addresses(parts: tuple[str, ...]) -> bool:
    try:
        return bool([IPv4Address(part) for part in parts])
    except AddressValueError:
        return False


def _addresses(parts: tuple[str, ...]) -> bytes:
    return b"".join(IPv4Address(part).packed for part in parts)


def _route(network: IPv4Network, router: IPv4Address) -> bytes:
    """The prefix length, as many bytes of the network as it reaches into, the router (RFC 3442)."""
    reached = (network.prefixlen + 7) // 8
    return bytes([network.prefixlen]) + network.network_address.packed[:reached] + router.packed


def _names(parts: tuple[str, ...]) -> bytes:
    """Labels, and pointers to the end of an earlier name (RFC 3397, RFC 1035 §4.1.4), those that dnsmasq finds: it
    looks no further than the first pointer."""
    out = b""
    ends: dict[str, int] = {}
    pointed = False
    for name in parts:
        labels = name.split(".")
        mine: dict[str, int] = {}
        for index, label in enumerate(labels):
            rest = ".".join(labels[index:])
            if rest in ends:
                out += (0xC000 | ends[rest]).to_bytes(2, "big")
                pointed = True
                break
            if not pointed:
                mine[rest] = len(out)
            out += bytes([len(label)]) + label.encode("ascii")
        else:
            out += b"\0"
            ends |= {rest: place for rest, place in mine.items() if rest not in ends}
    return out
