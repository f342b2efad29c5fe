"""Ethernet frames with one IPv4 packet, built and read by hand, each carrying the serial number of its probe.

The serial survives every translation: a TCP SYN has it as its sequence number (RFC 9293 §3.1), the others in their
payload. An ICMP error quotes enough of either (RFC 1812 §4.3.2.3).
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.packets.packet import ICMP, TCP, UDP

MAGIC = 0x4257
"""High half of every serial, so that nobody else's packet is taken for ours."""
_MAGIC = MAGIC.to_bytes(2)
BROADCAST = "ff:ff:ff:ff:ff:ff"
SYN = 0x02
TAGGED = 0x8100  # IEEE 802.1Q §9.4
ICMP_UNREACHABLE = 3
PROHIBITED = frozenset({9, 10, 13})  # RFC 792 and RFC 1812 §5.2.7.1: "administratively prohibited"


def checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    whole = int.from_bytes(data)
    # The sum of 16-bit words, carries added back, is the number itself modulo 65535, where 65535 stands for 0.
    return ~(whole % 0xFFFF or (0xFFFF if whole else 0)) & 0xFFFF


def _payload(serial: int) -> bytes:
    return struct.pack("!HI", MAGIC, serial)


@dataclass(frozen=True, slots=True)
class Header:
    """What an opening packet says. Ports are 0 where the protocol has none, ``icmp_type`` is 0 outside ICMP."""

    source: IPv4Address
    destination: IPv4Address
    protocol: int
    source_port: int = 0
    port: int = 0
    icmp_type: int = 0


def _segment(header: Header, serial: int) -> bytes:
    protocol = header.protocol
    if protocol == ICMP:
        body = struct.pack("!BBHHH", header.icmp_type, 0, 0, serial & 0xFFFF, 1) + _payload(serial).ljust(56, b"\0")
        return body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    if protocol == TCP:
        body = struct.pack(
            "!HHIIBBHHH", header.source_port, header.port, MAGIC << 16 | serial, 0, 0x50, SYN, 64240, 0, 0
        )
        at = 16
    elif protocol == UDP:
        data = _payload(serial)
        body = struct.pack("!HHHH", header.source_port, header.port, 8 + len(data), 0) + data
        at = 6
    else:
        return _payload(serial).ljust(16, b"\0")  # no shorter than the header that conntrack looks for in GRE
    pseudo = header.source.packed + header.destination.packed + struct.pack("!BBH", 0, protocol, len(body))
    return body[:at] + struct.pack("!H", checksum(pseudo + body) or 0xFFFF) + body[at + 2 :]


def datagram(header: Header, serial: int) -> bytes:
    """An IPv4 datagram (RFC 791) that opens a connection; ``serial`` is below 65536."""
    segment = _segment(header, serial)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), serial & 0xFFFF, 0x4000, 64, header.protocol, 0)
    head += header.source.packed + header.destination.packed
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + segment


def frame(target: str, sender: str, packet: bytes, *tags: int | None) -> bytes:
    """An Ethernet II frame around an IPv4 datagram; both MACs are written with colons. ``tags`` are VLANs' numbers,
    the outermost first (IEEE 802.1Q §9.6: priority 0); None is none."""
    head = bytes.fromhex(target.replace(":", "")) + bytes.fromhex(sender.replace(":", ""))
    written = b"".join(struct.pack("!HH", TAGGED, tag) for tag in tags if tag is not None)
    return head + written + b"\x08\x00" + packet


def untagged(data: bytes) -> bytes:
    """What an Ethernet frame carries, behind every tag that the kernel left in it."""
    at = 12
    while data[at : at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    return data[at + 2 :]


ARPHRD_ETHER, ARPHRD_LOOPBACK = 1, 772  # linux/if_arp.h
NO_CARDS = bytes(12)
TYPES = {4: b"\x08\x00", 6: b"\x86\xdd"}


def framed(data: bytes, hardware: int, protocol: int) -> bytes:
    """What a packet socket gives (``hardware`` and ``protocol`` of its address, packet(7)), from the Ethernet header
    on: with cards of zeros where the link has none, as a PPP session's or a tunnel's."""
    if hardware in (ARPHRD_ETHER, ARPHRD_LOOPBACK):
        return data
    return NO_CARDS + TYPES.get(data[0] >> 4 if data else 0, struct.pack("!H", protocol)) + data


@dataclass(frozen=True, slots=True)
class Sight:
    """One of our packets as it was seen somewhere. ``refusal`` is an ICMP error about it, seen instead of it."""

    serial: int
    source: IPv4Address
    destination: IPv4Address
    port: int
    refusal: bool = False


def glance(packet: bytes) -> tuple[int, int] | None:
    """What ``read`` says, without looking at addresses: the serial, and the port, -1 for a refusal."""
    if len(packet) < 20 or packet[0] >> 4 != 4:
        return None
    at, protocol = (packet[0] & 15) * 4, packet[9]
    if protocol == ICMP and len(packet) > at + 1:
        kind = packet[at]
        if kind == ICMP_UNREACHABLE:
            quoted = at + 8
            if packet[at + 1] not in PROHIBITED or len(packet) < quoted + 20:
                return None
            serial = _serial(packet[quoted + 9], False, packet, quoted + (packet[quoted] & 15) * 4)
            return None if serial is None else (serial, -1)
        if kind in (0, 14, 16, 18):  # replies to echo, timestamp, …
            return None
    serial = _serial(protocol, True, packet, at)
    if serial is None:
        return None
    return serial, packet[at + 2] << 8 | packet[at + 3] if protocol in (TCP, UDP) else 0


def _serial(protocol: int, flags_wanted: bool, packet: bytes, at: int) -> int | None:
    """``at`` is where the segment begins."""
    if protocol == TCP:
        if packet[at + 4 : at + 6] != _MAGIC or len(packet) < at + 8:
            return None
        if flags_wanted and (len(packet) < at + 14 or packet[at + 13] != SYN):
            return None
        return packet[at + 6] << 8 | packet[at + 7]
    start = at + 8 if protocol in (ICMP, UDP) else at
    if packet[start : start + 2] != _MAGIC or len(packet) < start + 6:
        return None
    return int.from_bytes(packet[start + 2 : start + 6])


def read(packet: bytes) -> Sight | None:
    """What an IPv4 datagram is of ours: a probe on its way, an ICMP refusal of one, or None.

    An echo reply carries its request's payload; it is the answer, not the probe, and gives None.
    """
    seen = glance(packet)
    if seen is None:
        return None
    serial, port = seen
    source, destination = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
    return Sight(serial, source, destination, max(port, 0), refusal=port < 0)


ETH_P_IP = socket.htons(0x0800)
