"""Datagrams as bytes and back."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.acts.nat.datagrams import (
    ACK,
    ECHO_REPLY,
    MORE_FRAGMENTS,
    PORT_UNREACHABLE,
    SYN,
    UNREACHABLE,
    Datagram,
    complaint,
    fragments,
    packed,
    read,
)

HERE, THERE, BETWEEN = IPv4Address("192.168.40.5"), IPv4Address("45.83.100.7"), IPv4Address("45.83.99.1")
OPENING = Datagram(HERE, THERE, TCP, 24000, 443, flags=SYN, sequence=1000, segment_size=1460)
WORDS = Datagram(HERE, THERE, UDP, 24000, 4433, b"hello", ttl=17, tos=0xB8, number=4321)
ECHO_OF = Datagram(HERE, THERE, ICMP, 24000, 1, b"hello")


@pytest.mark.parametrize("one", [OPENING, WORDS, ECHO_OF], ids=["tcp", "udp", "icmp"])
def test_a_datagram_is_read_as_it_was_written(one: Datagram) -> None:
    seen = read(packed(one))

    assert seen is not None
    assert replace(seen, icmp_type=one.icmp_type) == one
    assert seen.whole


@pytest.mark.parametrize("place", [10, 26, 40])
def test_a_changed_byte_shows_in_a_checksum(place: int) -> None:
    data = bytearray(packed(OPENING))
    data[place] ^= 0xFF

    seen = read(bytes(data))

    assert seen is None or not seen.whole


def test_an_answer_goes_back() -> None:
    answer = OPENING.answered(flags=SYN | ACK)

    assert (answer.source, answer.source_port, answer.destination, answer.port) == (THERE, 443, HERE, 24000)
    echo = ECHO_OF.answered()
    assert (echo.icmp_type, echo.source_port, echo.source) == (ECHO_REPLY, 24000, THERE)


def test_an_error_quotes_the_packet_that_it_is_about() -> None:
    told = read(packed(complaint(packed(WORDS), BETWEEN, UNREACHABLE, PORT_UNREACHABLE)))

    assert told is not None and told.error and told.whole
    assert (told.source, told.destination, told.icmp_code) == (BETWEEN, HERE, PORT_UNREACHABLE)
    assert told.quoted is not None
    assert (told.quoted.source, told.quoted.source_port, told.quoted.port) == (HERE, 24000, 4433)


def test_a_quoted_header_with_options_is_stepped_over() -> None:
    told = read(packed(complaint(packed(replace(WORDS, options=b"\x01\x01\x01\x00")), BETWEEN, UNREACHABLE, 1)))

    assert told is not None and told.quoted is not None
    assert told.quoted.port == 4433


def test_pieces_are_the_whole() -> None:
    one = replace(WORDS, payload=bytes(range(200)), fragment=0)

    pieces = [read(piece) for piece in fragments(one, 64)]

    offsets = [piece.fragment & 0x1FFF for piece in pieces if piece]
    assert offsets == [0, 8, 16, 24]
    assert [bool(piece.fragment & MORE_FRAGMENTS) for piece in pieces if piece] == [True, True, True, False]
    assert b"".join(piece.payload for piece in pieces if piece) == one.payload


@pytest.mark.parametrize("data", [b"", b"\x45", b"\x60" + b"\0" * 40])
def test_what_is_no_ipv4_packet_is_none(data: bytes) -> None:
    assert read(data) is None
