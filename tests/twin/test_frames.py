"""Frames written by hand are read back, and nobody else's packets are."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.wire.frames import Header, checksum, datagram, read

ADDRESSES = st.integers(0, 2**32 - 1).map(IPv4Address)
PORTS = st.integers(1, 65535)
SERIALS = st.integers(0, 65535)


@given(st.builds(Header, ADDRESSES, ADDRESSES, st.sampled_from([TCP, UDP]), PORTS, PORTS), SERIALS)
@settings(max_examples=50)
def test_a_packet_is_read_as_it_was_written(header: Header, serial: int) -> None:
    sight = read(datagram(header, serial))

    assert sight is not None
    assert (sight.serial, sight.port) == (serial, header.port)
    assert (sight.source, sight.destination) == (header.source, header.destination)
    assert not sight.refusal


@given(ADDRESSES, ADDRESSES, st.sampled_from([TCP, UDP, ICMP, 200]), SERIALS)
@settings(max_examples=50)
def test_checksums_are_right(source: IPv4Address, destination: IPv4Address, protocol: int, serial: int) -> None:
    packet = datagram(Header(source, destination, protocol, 1, 2, 8 if protocol == ICMP else 0), serial)
    segment = packet[20:]
    pseudo = packet[12:20] + struct.pack("!BBH", 0, protocol, len(segment))

    assert checksum(packet[:20]) == 0
    if protocol == ICMP:
        assert checksum(segment) == 0
    elif protocol in (TCP, UDP):
        assert checksum(pseudo + segment) in (0, 0xFFFF)


@given(ADDRESSES, ADDRESSES, st.sampled_from([TCP, UDP, ICMP, 200]), SERIALS, st.sampled_from([9, 10, 13]))
@settings(max_examples=50)
def test_a_refusal_names_the_packet_that_it_refuses(
    source: IPv4Address, destination: IPv4Address, protocol: int, serial: int, code: int
) -> None:
    refused = datagram(Header(source, destination, protocol, 1, 2, 8 if protocol == ICMP else 0), serial)
    error = struct.pack("!BBHI", 3, code, 0, 0) + refused
    head = refused[:9] + bytes([ICMP]) + refused[10:12] + destination.packed + source.packed

    sight = read(head + error)

    assert sight is not None
    assert (sight.serial, sight.refusal) == (serial, True)


@given(st.binary(max_size=80))
def test_any_bytes_can_be_read(data: bytes) -> None:
    read(data)


def test_an_echo_reply_is_not_the_request_that_it_quotes() -> None:
    packet = bytearray(datagram(Header(IPv4Address(1), IPv4Address(2), ICMP, icmp_type=8), 7))
    assert read(bytes(packet)) is not None
    packet[20] = 0
    assert read(bytes(packet)) is None
