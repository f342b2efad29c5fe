"""DHCP options that a home file may name, and the shape of each one's value (RFC 2132 and later)."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address

from bailiwick.language.scalars import Unreadable, read_domain
from bailiwick.language.span import Path
from bailiwick.network.dhcp_values import WIDTHS, encoded, is_cut, read_free, read_routes
from bailiwick.network.findings import Findings


class Shape(StrEnum):
    """What a value is, in words."""

    ADDRESSES = "addresses, with commas between them"
    NUMBER = "a whole number"
    DOMAINS = "DNS names, with commas between them"
    TEXT = "printable ASCII text"
    FREE = "text, addresses, bytes as `01:04:c0`, or a whole number"
    ROUTES = "networks and the router to each, with commas between them"
    SERVERS = "addresses or DNS names, with commas between them"


_A, _N, _D, _T, _F = Shape.ADDRESSES, Shape.NUMBER, Shape.DOMAINS, Shape.TEXT, Shape.FREE
OPTIONS: Mapping[str, tuple[int, Shape]] = {
    "time-offset": (2, _N),
    "log-server": (7, _A),
    "lpr-server": (9, _A),
    "boot-file-size": (13, _N),
    "swap-server": (16, _A),
    "root-path": (17, _T),
    "extension-path": (18, _T),
    "default-ttl": (23, _N),
    "mtu": (26, _N),
    "static-route": (33, _A),
    "arp-timeout": (35, _N),
    "tcp-ttl": (37, _N),
    "tcp-keepalive": (38, _N),
    "nis-domain": (40, _T),
    "nis-server": (41, _A),
    "ntp-server": (42, _A),
    "netbios-ns": (44, _A),
    "netbios-dd": (45, _A),
    "netbios-nodetype": (46, _N),
    "netbios-scope": (47, _F),
    "vendor-class": (60, _F),
    "tftp-server": (66, _T),
    "bootfile-name": (67, _T),
    "smtp-server": (69, _A),
    "pop3-server": (70, _A),
    "nntp-server": (71, _A),
    "irc-server": (74, _A),
    "user-class": (77, _F),
    "posix-timezone": (100, _T),
    "tzdb-timezone": (101, _T),
    "domain-search": (119, _D),
    "sip-server": (120, Shape.SERVERS),
    "classless-static-route": (121, Shape.ROUTES),
    "tftp-server-address": (150, _A),
}
"""By the home file's word, which is dnsmasq's too: the number and the shape. Others go by number."""

_BY_NUMBER: Mapping[int, Shape] = {
    **dict.fromkeys(WIDTHS, _N),
    **dict.fromkeys((21, 32, 48, 49, 65, 68), _A),
    12: _T,
    64: _T,
    **dict(OPTIONS.values()),
}
"""Shapes that dnsmasq knows by the number as well (dhcp-common.c, opttab). Of all others it takes the value as it looks
(option.c, parse_dhcp_opt)."""

DERIVED: Mapping[str, tuple[int, str]] = {
    "netmask": (1, "the zone's `subnet` gives it"),
    "router": (3, "the zone's `gateway` is the router"),
    "dns-server": (6, "the host that `serves: dns` is told, or the router"),
    "domain-name": (15, "write `domain:` on the zone"),
    "broadcast": (28, "the zone's `subnet` gives it"),
    "requested-address": (50, "DHCP itself uses it"),
    "lease-time": (51, "write `lease:` on the zone"),
    "option-overload": (52, "DHCP itself uses it"),
    "message-type": (53, "DHCP itself uses it"),
    "server-identifier": (54, "DHCP itself uses it"),
    "parameter-request": (55, "DHCP itself uses it"),
    "message": (56, "DHCP itself uses it"),
    "max-message-size": (57, "DHCP itself uses it"),
    "T1": (58, "it follows from `lease:`"),
    "T2": (59, "it follows from `lease:`"),
    "client-id": (61, "a client says it of itself"),
    "client-fqdn": (81, "a client says it of itself"),
    "agent-id": (82, "a relay adds it"),
    "subnet-select": (118, "a client says it of itself"),
}
"""Options that follow from other lines, where two that say the same could disagree, and DHCP's own."""

_FOLLOWS = {number: f"`{name}`: {why}" for name, (number, why) in DERIVED.items()}
_NUMBERS = {name: number for name, (number, _) in (*OPTIONS.items(), *DERIVED.items())}
LONGEST = 255
"""Bytes that an option holds (RFC 2132 §2). dnsmasq does not split a longer one, as RFC 3396 would."""


def resolve_options(written: Mapping[str, str], path: Path, findings: Findings) -> dict[int, tuple[str, ...]]:
    """By number, each value in its parts. Finds ``dhcp-option`` and ``dhcp-option-value``."""
    found: dict[int, tuple[str, ...]] = {}
    said: dict[int, str] = {}
    for name, text in written.items():
        at = findings.spans.key(*path, name)
        number = int(name) if name.isdigit() else _NUMBERS.get(name)
        if number is None:
            near = get_close_matches(name, _NUMBERS, n=1)
            help_ = f"did you mean `{near[0]}`?" if near else "write its number, as `224`"
            findings.error("dhcp-option", f"There is no DHCP option `{name}`.", at, help_)
        elif number in _FOLLOWS:
            findings.error("dhcp-option", f"DHCP option `{name}` follows from other lines.", at, _FOLLOWS[number])
        elif number in said:
            message = f"`{name}` and `{said[number]}` are the same DHCP option."
            findings.error("dhcp-option", message, at, "keep one")
        else:
            said[number] = name
            parts = _parts(name, number, text, (*path, name), findings)
            if parts is not None:
                found[number] = parts
    return found


def _parts(name: str, number: int, text: str, path: Path, findings: Findings) -> tuple[str, ...] | None:
    """None for what is no value of the option."""
    shape = _BY_NUMBER.get(number, Shape.FREE)
    parts = tuple(part.strip() for part in text.split(","))
    if not all(part and part.isascii() and part.isprintable() for part in parts):
        what = Shape.TEXT if shape is Shape.FREE else shape
        findings.error("dhcp-option-value", f"The value of `{name}` is not {what}.", path)
        return None
    try:
        parts = tuple(_fitting(number, parts, shape))
        size = len(encoded(number, parts))
    except (ValueError, Unreadable) as why:
        help_ = "" if isinstance(why, Unreadable | AddressValueError) else str(why)
        findings.error("dhcp-option-value", f"The value of `{name}` is not {shape}.", path, help_)
        return None
    if size > LONGEST:
        message = f"The value of `{name}` is {size} bytes long, and a DHCP option holds {LONGEST}."
        findings.error("dhcp-option-value", message, path)
        return None
    return parts


def _fitting(number: int, parts: tuple[str, ...], shape: Shape) -> tuple[str, ...]:
    """The parts, DNS names in lower case. Raises ValueError, whose text is a help where it is no AddressValueError."""
    if shape in (Shape.TEXT, Shape.DOMAINS) and is_cut(parts):
        raise ValueError("dnsmasq takes a last letter `b`, `s` or `i` after digits alone away: write it otherwise")
    if shape is Shape.NUMBER:
        _number(number, parts)
    elif shape is Shape.ADDRESSES:
        for part in parts:
            IPv4Address(part)
    elif shape is Shape.DOMAINS:
        return tuple(read_domain(part) for part in parts)
    elif shape is Shape.ROUTES:
        read_routes(parts)
    elif shape is Shape.FREE:
        read_free(number, parts)
    elif shape is Shape.SERVERS:
        return _servers(parts)
    return parts


def _number(number: int, parts: tuple[str, ...]) -> None:
    width, signed = WIDTHS[number]
    low, high = (-(1 << 8 * width - 1), (1 << 8 * width - 1) - 1) if signed else (0, (1 << 8 * width) - 1)
    (only, *others) = parts
    if others or not only.removeprefix("-").isdigit() or not low <= int(only) <= high:
        raise ValueError(f"write one from {low} to {high}")


def _servers(parts: tuple[str, ...]) -> tuple[str, ...]:
    """All addresses, or all names: an option says once which they are (RFC 3361)."""
    try:
        return tuple(str(IPv4Address(part)) for part in parts)
    except AddressValueError:
        names = tuple(read_domain(part) for part in parts)
    if is_cut(names) or not all(any(letter.isalpha() for letter in name) for name in names):
        raise ValueError("write names of the DNS, or addresses alone")
    return names
