"""Addresses, ports, protocols and interfaces as nft writes them."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, summarize_address_range

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
    """One range bare, several as an anonymous set.

    Several with a range among them are an interval set, which the kernel fills a moment late when it is new: only for
    a rule that opens something, where a moment without it opens nothing.
    """
    return braces([address(span) for span in members.spans])


def outside(field: str, members: IntervalSet) -> str:
    """Matches of a rule that hold where the field is none of these, with a final space.

    Single values by one lookup. Ranges by a comparison each, and never by an anonymous set: an interval set is empty
    for some microseconds after it came to be (its ``commit``, net/netfilter/nf_tables_api.c), and ``!=`` would hold.
    """
    if not members:
        return ""
    if all(first == last for first, last in members.spans):
        return f"{field} != {addresses(members)} "
    return "".join(f"{field} != {address(span)} " for span in members.spans)


def broadcasts(subnets: Iterable[IPv4Network]) -> list[IPv4Address]:
    """Each subnet's broadcast address; one of two addresses or of one has none (RFC 3021)."""
    return [subnet.broadcast_address for subnet in subnets if subnet.prefixlen < 31]


def protocol(value: int) -> str:
    """By name where everybody knows it, else by number: nft reads other names from the system's own list."""
    return _PROTOCOLS.get(value, str(value))


def number(span: Span) -> str:
    """A port or type, or ``first-last``."""
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def interfaces(names: Iterable[str]) -> str:
    """Quoted, sorted; an anonymous set when there are several. At least one must be given."""
    return braces([quote(name) for name in sorted(names)])
