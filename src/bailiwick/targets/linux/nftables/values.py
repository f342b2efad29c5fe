"""Addresses, ports, protocols and interfaces as nft writes them."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, summarize_address_range

from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.targets.linux.nftables.syntax import braces, quote

Span = tuple[int, int]
"""An inclusive range of addresses, protocol numbers, ports or ICMP types."""

_PROTOCOLS = {ICMP: "icmp", TCP: "tcp", UDP: "udp"}


def address(span: Span) -> str:
    """One address, one prefix where the range is one, else ``first-last``."""
    first, last = IPv4Address(span[0]), IPv4Address(span[1])
    if first == last:
        return str(first)
    prefixes = list(summarize_address_range(first, last))
    return str(prefixes[0]) if len(prefixes) == 1 else f"{first}-{last}"


def addresses(members: IntervalSet) -> str:
    return braces([address(span) for span in members.spans])


def protocol(number: int) -> str:
    return _PROTOCOLS.get(number, str(number))


def number(span: Span) -> str:
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def interfaces(names: Iterable[str]) -> str:
    return braces([quote(name) for name in sorted(names)])
