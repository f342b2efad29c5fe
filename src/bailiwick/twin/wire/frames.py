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
BROADCAST = "ff:ff:ff:ff:ff:ff"
SYN = 0x02
TAGGED = 0x8100  # IEEE 802.1Q §9.4
ICMP_UNREACHABLE = 3
PROHIBITED = frozenset({9, 10, 13})  # RFC 792 and RFC 1812 §5.2.7.1: "administratively prohibited"


def checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return ~total & 0xFFFF


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


def _serial(protocol: int, flags_wanted: bool, segment: bytes) -> int | None:
    if protocol == TCP:
        if len(segment) < 8 or struct.unpack_from("!H", segment, 4)[0] != MAGIC:
            return None
        if flags_wanted and (len(segment) < 14 or segment[13] != SYN):
            return None
        return int(struct.unpack_from("!H", segment, 6)[0])
    start = 8 if protocol in (ICMP, UDP) else 0
    if len(segment) < start + 6 or struct.unpack_from("!H", segment, start)[0] != MAGIC:
        return None
    return int(struct.unpack_from("!I", segment, start + 2)[0])


def read(packet: bytes) -> Sight | None:
    """What an IPv4 datagram is of ours: a probe on its way, an ICMP refusal of one, or None.

    An echo reply carries its request's payload; it is the answer, not the probe, and gives None.
    """
    if len(packet) < 20 or packet[0] >> 4 != 4:
        return None
    length = (packet[0] & 15) * 4
    protocol, segment = packet[9], packet[length:]
    source, destination = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
    if protocol == ICMP and segment and segment[0] == ICMP_UNREACHABLE:
        quoted = segment[8:]
        if segment[1] not in PROHIBITED or len(quoted) < 20:
            return None
        inner = (quoted[0] & 15) * 4
        serial = _serial(quoted[9], False, quoted[inner:])
        return None if serial is None else Sight(serial, source, destination, 0, refusal=True)
    if protocol == ICMP and segment and segment[0] in (0, 14, 16, 18):  # replies to echo, timestamp, …
        return None
    serial = _serial(protocol, True, segment)
    if serial is None:
        return None
    port = int(struct.unpack_from("!H", segment, 2)[0]) if protocol in (TCP, UDP) else 0
    return Sight(serial, source, destination, port)


ETH_P_IP = socket.htons(0x0800)
