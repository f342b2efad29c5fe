"""Values as RouterOS writes them: addresses, prefixes, ranges, port lists, numbers of protocols."""

from __future__ import annotations

from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface, ip_network

from bailiwick.dataplane.model import Address, Network
from bailiwick.packets.interval import PORT_MAX, IntervalSet

PROTOCOLS = {
    "icmp": 1, "igmp": 2, "ggp": 3, "ipencap": 4, "ip-encap": 4, "st": 5, "tcp": 6, "egp": 8, "pup": 12, "udp": 17,
    "hmp": 20, "xns-idp": 22, "rdp": 27, "iso-tp4": 29, "dccp": 33, "xtp": 36, "ddp": 37, "idpr-cmtp": 38,
    "ipv6-encap": 41, "ipv6": 41, "ipv6-route": 43, "ipv6-frag": 44, "rsvp": 46, "gre": 47, "ipsec-esp": 50,
    "ipsec-ah": 51, "icmpv6": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "rspf": 73, "vmtp": 81, "ospf": 89, "ipip": 94,
    "etherip": 97, "encap": 98, "pim": 103, "vrrp": 112, "l2tp": 115, "sctp": 132, "udp-lite": 136,
}  # fmt: skip
"""Names of protocols in the CLI reference, with IANA's numbers."""

WITH_PORTS = IntervalSet.of([(6, 6), (17, 17), (33, 33), (132, 132), (136, 136)])
"""TCP, UDP, DCCP, SCTP, UDP-Lite."""


def number(text: str, top: int) -> int:
    """A decimal number from 0 to ``top``; raises ValueError."""
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > top:
        raise ValueError(f"`{text}` is no number up to {top}")
    return int(text)


def protocol(text: str) -> int:
    """Raises ValueError."""
    return PROTOCOLS[text] if text in PROTOCOLS else number(text, 255)


def ranges(text: str, top: int = PORT_MAX) -> IntervalSet:
    """``80,443,1000-2000``; raises ValueError."""
    spans: list[tuple[int, int]] = []
    for piece in text.split(","):
        first, dash, last = piece.partition("-")
        low = number(first, top)
        spans.append((low, number(last, top) if dash else low))
    return IntervalSet.of(spans)


def addresses(text: str, version: int) -> IntervalSet:
    """One address, a prefix, or ``first-last``, of one IP version; ``/0`` is every address. Raises ValueError."""
    if text.startswith("/"):
        text = ("0.0.0.0" if version == 4 else "::") + text
    first, dash, last = text.partition("-")
    if dash:
        low, high = ip_address(first), ip_address(last)
        if low.version != version or high.version != version:
            raise ValueError(f"`{text}` is no range of IPv{version} addresses")
        return IntervalSet.span(int(low), int(high))
    network = ip_network(text, strict=False)
    if network.version != version:
        raise ValueError(f"`{text}` is no IPv{version} address")
    return IntervalSet.span(int(network.network_address), int(network.broadcast_address))


def bounds(text: str, version: int) -> tuple[Address, Address]:
    """First and last address of one stretch; raises ValueError."""
    ((first, last),) = addresses(text, version).spans
    size = 32 if version == 4 else 128
    low, high = (ip_address(one.to_bytes(size // 8, "big")) for one in (first, last))
    return low, high


def prefix(text: str, version: int) -> Network:
    """A network, host bits dropped; ``/0`` and nothing are every address. Raises ValueError."""
    if not text or text.startswith("/"):
        text = ("0.0.0.0" if version == 4 else "::") + (text or "/0")
    network = ip_network(text, strict=False)
    if network.version != version:
        raise ValueError(f"`{text}` is no IPv{version} prefix")
    return network


def interface_address(address: str, netmask: str, version: int) -> IPv4Interface | IPv6Interface:
    """``192.168.1.1/24``, or an address with its netmask apart (v6). Raises ValueError."""
    if "/" not in address and netmask:
        address = f"{address}/{netmask}"
    found = ip_interface(address)
    if found.version != version:
        raise ValueError(f"`{address}` is no IPv{version} address")
    return found


def vlans(text: str) -> frozenset[int]:
    """``10,20-30``; raises ValueError."""
    return frozenset(one for first, last in ranges(text, 4094).spans for one in range(first, last + 1))
