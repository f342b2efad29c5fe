"""Datagrams of either family, written and read by hand. Each carries its serial where nothing translates it: the
identification of IPv4 (RFC 791), the flow label of IPv6 (RFC 6437)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from bailiwick.dataplane.interpreter import Header
from bailiwick.dataplane.interpreter.packet import ICMP, ICMP6, TCP, UDP

HOPS = 200
"""Left to each datagram of ours; what the router says of its own (resets, errors, answers) starts with others."""


@dataclass(frozen=True, slots=True)
class Seen:
    serial: int
    source: IPv4Address | IPv6Address
    destination: IPv4Address | IPv6Address
    protocol: int
    source_port: int = 0
    destination_port: int = 0


def checksum(data: bytes) -> int:
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(header: Header, serial: int, ident: int, *, spoilt: bool = False) -> bytes:
    """``spoilt``: with a wrong checksum, which conntrack calls invalid."""
    ends = header.source.packed + header.destination.packed
    body, at = _body(header, serial, ident)
    if at is not None:
        pseudo = b"" if header.protocol == ICMP else ends + struct.pack("!IxxxB", len(body), header.protocol)
        value = (checksum(pseudo + body) or 0xFFFF) ^ (0x0F0F if spoilt else 0)
        body = body[:at] + struct.pack("!H", value or 1) + body[at + 2 :]
    if header.family == 6:
        return struct.pack("!IHBB", 6 << 28 | serial, len(body), header.protocol, HOPS) + ends + body
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), serial, 0x4000, HOPS, header.protocol, 0) + ends
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def _body(header: Header, serial: int, ident: int) -> tuple[bytes, int | None]:
    ports = header.source_port, header.destination_port
    if header.protocol == TCP:
        return struct.pack("!HHIIBBHHH", *ports, serial, 0, 0x50, header.tcp_flags, 64240, 0, 0), 16
    if header.protocol == UDP:
        return struct.pack("!HHHH", *ports, 12, 0) + b"data", 6
    if header.protocol in (ICMP, ICMP6):
        return struct.pack("!BBHHH", header.icmp_type, header.icmp_code, 0, ident, 1) + b"data" * 3, 2
    return bytes(24), None


def wire(mac: str, packet: bytes) -> bytes:
    kind = b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"
    return bytes.fromhex(mac.replace(":", "")) + b"\x02\0\0\0\0\x01" + kind + packet


def seen(packet: bytes) -> Seen | None:
    """One of ours, not an error or a refusal that the router sent about it."""
    if packet[0] >> 4 == 4:
        at = (packet[0] & 15) * 4
        return seen_parts(packet[:at], packet[at:])
    return seen_parts(packet[:40], packet[40:])


def seen_parts(network: bytes, transport: bytes) -> Seen | None:
    """The same from the two headers apart."""
    if len(network) < 20:
        return None
    if network[0] >> 4 == 4:
        serial = int.from_bytes(network[4:6], "big")
        source, destination = IPv4Address(network[12:16]), IPv4Address(network[16:20])
        protocol = network[9]
        if network[8] not in (HOPS, HOPS - 1):
            return None
        return _seen(serial, source, destination, protocol, transport)
    if len(network) < 40:
        return None
    if network[7] not in (HOPS, HOPS - 1):
        return None
    serial = int.from_bytes(network[1:4], "big") & 0xFFFFF
    return _seen(serial, IPv6Address(network[8:24]), IPv6Address(network[24:40]), network[6], transport)


def _seen(
    serial: int, source: IPv4Address | IPv6Address, destination: IPv4Address | IPv6Address, protocol: int, rest: bytes
) -> Seen:
    ports = struct.unpack_from("!HH", rest) if protocol in (TCP, UDP) and len(rest) >= 4 else (0, 0)
    return Seen(serial, source, destination, protocol, *ports)
