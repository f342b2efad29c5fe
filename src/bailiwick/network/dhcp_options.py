"""DHCP options that a home file may name, and the shape of each one's value (RFC 2132 and later)."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address

from bailiwick.language.scalars import Unreadable, read_domain
from bailiwick.language.span import Path
from bailiwick.network.findings import Findings


class Shape(StrEnum):
    """What a value is, in words."""

    ADDRESSES = "addresses, with commas between them"
    NUMBER = "a whole number"
    DOMAINS = "DNS names, with commas between them"
    TEXT = "printable ASCII text"


_A, _N, _D, _T = Shape.ADDRESSES, Shape.NUMBER, Shape.DOMAINS, Shape.TEXT
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
    "netbios-scope": (47, _T),
    "vendor-class": (60, _T),
    "tftp-server": (66, _T),
    "bootfile-name": (67, _T),
    "smtp-server": (69, _A),
    "pop3-server": (70, _A),
    "nntp-server": (71, _A),
    "irc-server": (74, _A),
    "user-class": (77, _T),
    "posix-timezone": (100, _T),
    "tzdb-timezone": (101, _T),
    "domain-search": (119, _D),
    "sip-server": (120, _T),
    "classless-static-route": (121, _T),
    "tftp-server-address": (150, _A),
}
"""By the home file's word, which is dnsmasq's too: the number and the shape. Others go by number, as text."""

DERIVED: Mapping[str, tuple[int, str]] = {
    "netmask": (1, "the zone's `subnet` gives it"),
    "router": (3, "the zone's `gateway` is the router"),
    "dns-server": (6, "the host that `serves: dns` is told, or the router"),
    "domain-name": (15, "write `domain:` on the zone"),
    "broadcast": (28, "the zone's `subnet` gives it"),
    "requested-address": (50, "DHCP itself uses it"),
    "lease-time": (51, "write `lease:` on the zone"),
    "message-type": (53, "DHCP itself uses it"),
    "server-identifier": (54, "DHCP itself uses it"),
    "T1": (58, "it follows from `lease:`"),
    "T2": (59, "it follows from `lease:`"),
}
"""Options that follow from other lines: two lines that say the same could disagree."""

_SHAPES = dict(OPTIONS.values())
_FOLLOWS = {number: f"`{name}`: {why}" for name, (number, why) in DERIVED.items()}
_NUMBERS = {name: number for name, (number, _) in (*OPTIONS.items(), *DERIVED.items())}


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
            found[number] = _parts(name, text, _SHAPES.get(number, Shape.TEXT), (*path, name), findings)
    return found


def _parts(name: str, text: str, shape: Shape, path: Path, findings: Findings) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(","))
    if not all(_fits(part, shape) for part in parts) or (shape is Shape.NUMBER and len(parts) > 1):
        findings.error("dhcp-option-value", f"The value of `{name}` is not {shape}.", path)
    return parts


def _fits(part: str, shape: Shape) -> bool:
    if not part or not part.isascii() or not part.isprintable():
        return False
    try:
        if shape is Shape.ADDRESSES:
            IPv4Address(part)
        elif shape is Shape.NUMBER:
            return part.removeprefix("-").isdigit() and abs(int(part)) < 2**32
        elif shape is Shape.DOMAINS:
            read_domain(part)
    except (AddressValueError, Unreadable):
        return False
    return True
