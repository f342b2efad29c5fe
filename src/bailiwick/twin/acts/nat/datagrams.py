"""IPv4 datagrams built and read field by field: for conversations that no kernel of an end would have.

Addresses are IPv4Address, ports and identifiers whole numbers; every checksum is right unless asked otherwise
(RFC 791, RFC 768, RFC 9293, RFC 792).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import Any

from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.wire.frames import checksum

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
DONT_FRAGMENT, MORE_FRAGMENTS = 0x4000, 0x2000
ECHO_REPLY, UNREACHABLE, ECHO, TIME_EXCEEDED = 0, 3, 8, 11
HOST_UNREACHABLE, PORT_UNREACHABLE, FRAGMENTATION_NEEDED, PROHIBITED = 1, 3, 4, 13
ERRORS = frozenset({UNREACHABLE, TIME_EXCEEDED})
SEGMENT_SIZE = 2  # the option "maximum segment size" (RFC 9293 §3.7.1)


@dataclass(frozen=True, slots=True)
class Datagram:
    """One IPv4 packet. ``port`` is the destination's; of an echo ``source_port`` is its identifier and ``port`` its
    sequence number. ``flags``, ``sequence`` and ``acknowledged`` are TCP's. ``fragment`` is the header's flags and
    offset as it stands. ``quoted`` is the packet that an ICMP error is about, as far as it can be read.
    """

    source: IPv4Address
    destination: IPv4Address
    protocol: int
    source_port: int = 0
    port: int = 0
    payload: bytes = b""
    flags: int = 0
    sequence: int = 0
    acknowledged: int = 0
    segment_size: int | None = None
    icmp_type: int = ECHO
    icmp_code: int = 0
    next_mtu: int = 0
    ttl: int = 64
    tos: int = 0
    number: int = 0
    fragment: int = DONT_FRAGMENT
    options: bytes = b""
    quoted: Datagram | None = None
    whole: bool = True
    """Read from the wire: every checksum that could be looked at was right."""

    @property
    def error(self) -> bool:
        return self.protocol == ICMP and self.icmp_type in ERRORS

    def answered(self, **changes: Any) -> Datagram:
        """The same the other way: ends changed over. Of an echo the numbers stay, and its answer is a reply."""
        turned: dict[str, Any] = {"source": self.destination, "destination": self.source, "ttl": 64}
        if self.protocol == ICMP:
            turned["icmp_type"] = ECHO_REPLY
        else:
            turned |= {"source_port": self.port, "port": self.source_port}
        return replace(self, **{**turned, **changes})


def _transport(one: Datagram) -> bytes:
    if one.protocol == TCP:
        options = struct.pack("!BBH", SEGMENT_SIZE, 4, one.segment_size) if one.segment_size is not None else b""
        return (
            struct.pack(
                "!HHIIBBHHH",
                one.source_port,
                one.port,
                one.sequence & 0xFFFFFFFF,
                one.acknowledged & 0xFFFFFFFF,
                (20 + len(options)) << 2,
                one.flags,
                64240,
                0,
                0,
            )
            + options
            + one.payload
        )
    if one.protocol == UDP:
        return struct.pack("!HHHH", one.source_port, one.port, 8 + len(one.payload), 0) + one.payload
    if one.protocol == ICMP:
        if one.error:
            return struct.pack("!BBHHH", one.icmp_type, one.icmp_code, 0, 0, one.next_mtu) + one.payload
        return struct.pack("!BBHHH", one.icmp_type, one.icmp_code, 0, one.source_port, one.port) + one.payload
    return one.payload


CHECKSUM_AT = {TCP: 16, UDP: 6, ICMP: 2}


def _summed(one: Datagram, body: bytes) -> int:
    """The transport checksum over a body whose own field is 0, or 0 when the body has a right one."""
    pseudo = b""
    if one.protocol in (TCP, UDP):
        pseudo = one.source.packed + one.destination.packed + struct.pack("!BBH", 0, one.protocol, len(body))
    return checksum(pseudo + body)


def segment(one: Datagram) -> bytes:
    """What the IPv4 header carries, with its checksum."""
    body = _transport(one)
    at = CHECKSUM_AT.get(one.protocol)
    if at is None:
        return body
    value = _summed(one, body) or (0xFFFF if one.protocol == UDP else 0)
    return body[:at] + struct.pack("!H", value) + body[at + 2 :]


def with_header(one: Datagram, body: bytes) -> bytes:
    """An IPv4 packet around any body: a fragment's too."""
    options = one.options + b"\0" * (-len(one.options) % 4)
    length = 20 + len(options)
    head = struct.pack(
        "!BBHHHBBH",
        0x40 | length // 4,
        one.tos,
        length + len(body),
        one.number,
        one.fragment,
        one.ttl,
        one.protocol,
        0,
    )
    head += one.source.packed + one.destination.packed + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def packed(one: Datagram) -> bytes:
    """The whole packet's bytes."""
    return with_header(one, segment(one))


def fragments(one: Datagram, size: int) -> list[bytes]:
    """The packet in pieces of ``size`` bytes of body, a multiple of 8 (RFC 791 §3.2)."""
    body = segment(one)
    pieces: list[bytes] = []
    for start in range(0, len(body), size):
        more = MORE_FRAGMENTS if start + size < len(body) else 0
        pieces.append(with_header(replace(one, fragment=more | start // 8), body[start : start + size]))
    return pieces


def complaint(about: bytes, sender: IPv4Address, icmp_type: int, code: int, next_mtu: int = 0) -> Datagram:
    """An ICMP error about a packet, to whoever sent it (RFC 792: its header and eight bytes; RFC 1812 §4.3.2.3: as
    much as fits)."""
    return Datagram(
        sender,
        IPv4Address(about[12:16]),
        ICMP,
        payload=about[:548],
        icmp_type=icmp_type,
        icmp_code=code,
        next_mtu=next_mtu,
        fragment=0,
    )


def read(data: bytes, quoted: bool = False) -> Datagram | None:
    """An IPv4 packet from its bytes; None for what is none or ends too early. A quoted one may end early."""
    if len(data) < 20 or data[0] >> 4 != 4:
        return None
    length = (data[0] & 15) * 4
    tos, total, number, fragment, ttl, protocol = struct.unpack_from("!xBHHHBB", data)
    body = data[length:total] if not quoted else data[length:]
    one = Datagram(
        IPv4Address(data[12:16]),
        IPv4Address(data[16:20]),
        protocol,
        ttl=ttl,
        tos=tos,
        number=number,
        fragment=fragment,
        options=data[20:length],
        icmp_type=0,
        whole=checksum(data[:length]) == 0,
    )
    if fragment & 0x1FFF:
        return replace(one, payload=body)
    one = _read_transport(one, body)
    partial = quoted or fragment & MORE_FRAGMENTS
    if one.protocol in CHECKSUM_AT and not partial and not (protocol == UDP and body[6:8] == b"\0\0"):
        one = replace(one, whole=one.whole and _summed(one, body) == 0)
    return one


def _read_transport(one: Datagram, body: bytes) -> Datagram:
    if one.protocol in (TCP, UDP) and len(body) >= 8:
        source_port, port = struct.unpack_from("!HH", body)
        one = replace(one, source_port=source_port, port=port, payload=body[8:])
        if one.protocol == TCP and len(body) >= 20:
            sequence, acknowledged, offset, flags = struct.unpack_from("!IIBB", body, 4)
            start = (offset >> 4) * 4
            return replace(
                one,
                sequence=sequence,
                acknowledged=acknowledged,
                flags=flags,
                segment_size=_segment_size(body[20:start]),
                payload=body[start:],
            )
        return one
    if one.protocol == ICMP and len(body) >= 8:
        kind, code = body[0], body[1]
        first, second = struct.unpack_from("!HH", body, 4)
        if kind in ERRORS:
            about = read(body[8:], quoted=True)
            return replace(one, icmp_type=kind, icmp_code=code, next_mtu=second, payload=body[8:], quoted=about)
        return replace(one, icmp_type=kind, icmp_code=code, source_port=first, port=second, payload=body[8:])
    return replace(one, payload=body)


def _segment_size(options: bytes) -> int | None:
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        if at + 1 >= len(options) or options[at + 1] < 2:
            return None
        if options[at] == SEGMENT_SIZE and options[at + 1] == 4:
            return int(struct.unpack_from("!H", options, at + 2)[0])
        at += options[at + 1]
    return None
