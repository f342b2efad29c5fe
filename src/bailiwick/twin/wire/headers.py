"""What a captured frame says: its VLAN tags, who speaks to whom, and what, in a few words; pure.

Layouts: Ethernet and IEEE 802.1Q (§9.6), ARP (RFC 826), IPv4 (RFC 791), ICMP (RFC 792), TCP (RFC 9293), UDP (RFC 768).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.packets.packet import ICMP, TCP, UDP

IPV4, ARP, IPV6, PPPOE_DISCOVERY, PPPOE_SESSION = 0x0800, 0x0806, 0x86DD, 0x8863, 0x8864
TAGS = frozenset({0x8100, 0x88A8})
ETHERTYPES = {IPV6: "IPv6", PPPOE_DISCOVERY: "PPPoE discovery", PPPOE_SESSION: "PPPoE session", 0x88CC: "LLDP"}
ICMP_TYPES = {
    0: "echo reply",
    3: "unreachable",
    5: "redirect",
    8: "echo request",
    11: "time exceeded",
    12: "parameter problem",
    13: "timestamp",
    14: "timestamp reply",
}
FLAGS = ((0x02, "SYN"), (0x10, "ACK"), (0x01, "FIN"), (0x04, "RST"), (0x08, "PSH"), (0x20, "URG"))


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it came by, from the target's MAC on, tags included. ``at`` is in seconds since 1970."""

    at: float
    interface: str
    data: bytes
    outgoing: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """``tags`` are VLAN numbers, the outermost first."""

    tags: tuple[int, ...]
    what: str
    source: IPv4Address | None = None
    destination: IPv4Address | None = None


@dataclass(frozen=True, slots=True)
class Ip(Said):
    """Ports are None where the protocol has none, or where they are not in this fragment."""

    source_port: int | None = None
    port: int | None = None


def parsed(frame: Frame) -> Said:
    """Whatever the frame is: one that is cut short says so."""
    data, at, tags = frame.data, 12, list[int]()
    while len(data) >= at + 4 and _word(data, at) in TAGS:
        tags.append(_word(data, at + 2) & 0xFFF)
        at += 4
    if len(data) < at + 2:
        return Said(tuple(tags), "a frame cut short")
    kind, body = _word(data, at), data[at + 2 :]
    if kind == ARP:
        return _arp(tuple(tags), body)
    if kind == IPV4:
        return _ipv4(tuple(tags), body)
    if kind < 0x0600:  # a length (IEEE 802.3 §3.2.6): spanning tree and the like
        return Said(tuple(tags), "802.3")
    return Said(tuple(tags), ETHERTYPES.get(kind, f"ethertype 0x{kind:04x}"))


def _word(data: bytes, at: int) -> int:
    return int(struct.unpack_from("!H", data, at)[0])


def _arp(tags: tuple[int, ...], body: bytes) -> Said:
    if len(body) < 28 or body[:6] != b"\x00\x01\x08\x00\x06\x04":
        return Said(tags, "ARP of another kind")
    sender, target = IPv4Address(body[14:18]), IPv4Address(body[24:28])
    card = ":".join(f"{byte:02x}" for byte in body[8:14])
    what = {1: "ARP who-has", 2: f"ARP is at {card}"}.get(_word(body, 6), f"ARP operation {_word(body, 6)}")
    return Said(tags, what, sender, target)


def _ipv4(tags: tuple[int, ...], body: bytes) -> Said:
    length = (body[0] & 15) * 4 if body else 0
    if length < 20 or len(body) < length or body[0] >> 4 != 4:
        return Said(tags, "IPv4 cut short")
    source, destination = IPv4Address(body[12:16]), IPv4Address(body[16:20])
    protocol, segment = body[9], body[length : max(_word(body, 2), length)]
    offset = _word(body, 6) & 0x1FFF
    if offset:
        return Ip(tags, f"protocol {protocol}, a later fragment", source, destination)
    if protocol == ICMP and len(segment) >= 4:
        name = ICMP_TYPES.get(segment[0], f"type {segment[0]}")
        code = f" code {segment[1]}" if segment[1] else ""
        return Ip(tags, f"icmp {name}{code}", source, destination)
    if protocol == TCP and len(segment) >= 14:
        flags = " ".join(word for bit, word in FLAGS if segment[13] & bit) or "no flags"
        return Ip(tags, f"tcp {flags}", source, destination, _word(segment, 0), _word(segment, 2))
    if protocol == UDP and len(segment) >= 8:
        return Ip(tags, "udp", source, destination, _word(segment, 0), _word(segment, 2))
    return Ip(tags, f"protocol {protocol}", source, destination)
