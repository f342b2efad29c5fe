"""Packets as nobody's socket would send them: any flag, option, fragment or lie, built by hand.

Every field that a test turns is an argument; what is left out is as a plain host would have it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache
from ipaddress import IPv4Address, IPv6Address

from bailiwick.packets.packet import TCP, UDP
from bailiwick.twin.wire.frames import checksum

ETH_IP, ETH_ARP, ETH_IPV6 = 0x0800, 0x0806, 0x86DD  # linux/if_ether.h
REQUEST, REPLY = 1, 2  # RFC 826
ALL_NODES = IPv6Address("ff02::1")
ICMPV6, ROUTER_ADVERTISEMENT, NEIGHBOUR_SOLICITATION = 58, 134, 135  # RFC 4861
MORE_FRAGMENTS = 0x2000
EVERYBODY = "ff:ff:ff:ff:ff:ff"


@cache
def card(mac: str) -> bytes:
    """The six bytes of a MAC written with colons."""
    return bytes.fromhex(mac.replace(":", ""))


def group_mac(group: IPv4Address) -> str:
    """The Ethernet address of a multicast group (RFC 1112 §6.4)."""
    low = int(group) & 0x7FFFFF
    return f"01:00:5e:{low >> 16:02x}:{low >> 8 & 255:02x}:{low & 255:02x}"


def ethernet(target: str, sender: str, kind: int, payload: bytes, tags: Sequence[int] = ()) -> bytes:
    """An Ethernet II frame of at least 60 bytes. ``tags`` are VLAN numbers, the outermost first (IEEE 802.1Q §9.6)."""
    head = card(target) + card(sender) + b"".join(struct.pack("!HH", 0x8100, tag) for tag in tags)
    return (head + struct.pack("!H", kind) + payload).ljust(60, b"\0")


def ipv4(
    source: IPv4Address,
    destination: IPv4Address,
    protocol: int,
    body: bytes,
    *,
    options: bytes = b"",
    ttl: int = 64,
    identifier: int = 0,
    offset: int = 0,
    more: bool = False,
    wrong_checksum: bool = False,
) -> bytes:
    """A datagram or a fragment (RFC 791 §3.1). ``offset`` is in bytes, ``options`` are padded to four."""
    options = options.ljust(-(-len(options) // 4) * 4, b"\0")
    length = 20 + len(options)
    flags = (MORE_FRAGMENTS if more else 0) | offset // 8
    first = 0x40 | length // 4
    head = struct.pack("!BBHHHBBH", first, 0, length + len(body), identifier, flags, ttl, protocol, 0)
    head += source.packed + destination.packed + options
    total = checksum(head) ^ (0x5555 if wrong_checksum else 0)
    return head[:10] + struct.pack("!H", total) + head[12:] + body


def _summed(source: IPv4Address, destination: IPv4Address, protocol: int, body: bytes, at: int) -> bytes:
    pseudo = source.packed + destination.packed + struct.pack("!BBH", 0, protocol, len(body))
    return body[:at] + struct.pack("!H", checksum(pseudo + body) or 0xFFFF) + body[at + 2 :]


def tcp(ends: tuple[IPv4Address, int, IPv4Address, int], flags: int, data: bytes = b"") -> bytes:
    """A segment without options (RFC 9293 §3.1). ``ends``: source, its port, destination, its port."""
    source, from_port, destination, port = ends
    acknowledged = 0x0B0B0B0B if flags & 0x10 else 0
    body = struct.pack("!HHIIBBHHH", from_port, port, 0x0A0A0A0A, acknowledged, 0x50, flags, 64240, 0, 0) + data
    return _summed(source, destination, TCP, body, 16)


def udp(ends: tuple[IPv4Address, int, IPv4Address, int], data: bytes) -> bytes:
    """A datagram (RFC 768)."""
    source, from_port, destination, port = ends
    return _summed(source, destination, UDP, struct.pack("!HHHH", from_port, port, 8 + len(data), 0) + data, 6)


def icmp(kind: int, code: int, rest: bytes, data: bytes) -> bytes:
    """A message (RFC 792); ``rest`` is the four bytes behind the checksum."""
    body = struct.pack("!BBH", kind, code, 0) + rest + data
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def arp(operation: int, sender: tuple[str, IPv4Address], target: tuple[str, IPv4Address], behind: bytes) -> bytes:
    """A message (RFC 826) about IPv4 over Ethernet; each side is (MAC, address). ``behind`` is the frame's padding."""
    head = struct.pack("!HHBBH", 1, ETH_IP, 6, 4, operation)
    return head + b"".join(card(mac) + address.packed for mac, address in (sender, target)) + behind


def icmpv6(source: IPv6Address, destination: IPv6Address, kind: int, body: bytes) -> bytes:
    """An IPv6 packet with one ICMPv6 message, hop limit 255 as RFC 4861 asks; ``body`` follows the checksum."""
    message = struct.pack("!BBH", kind, 0, 0) + body
    pseudo = source.packed + destination.packed + struct.pack("!II", len(message), ICMPV6)
    message = message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]
    return struct.pack("!IHBB", 6 << 28, len(message), ICMPV6, 255) + source.packed + destination.packed + message


def cut(body: bytes, places: Sequence[int]) -> tuple[tuple[int, bytes], ...]:
    """(offset, piece) of what IPv4 carries, cut at these offsets: multiples of eight, ascending."""
    ends = (*places, len(body))
    return tuple((first, body[first:last]) for first, last in zip((0, *places), ends, strict=True))
