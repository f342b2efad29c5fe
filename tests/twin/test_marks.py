"""Marks are found wherever they lie, and in nothing else; packets written by hand are what they say."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.packets.packet import TCP, UDP
from bailiwick.twin.wire.crafting import arp, cut, ethernet, group_mac, icmp, ipv4, tcp, udp
from bailiwick.twin.wire.frames import checksum
from bailiwick.twin.wire.marks import MAGIC, found, marks

ADDRESSES = st.integers(0, 2**32 - 1).map(IPv4Address)
PORTS = st.integers(1, 65535)


@given(st.integers(0, 2**32 - 1), st.integers(1, 256), st.binary(max_size=40), st.binary(max_size=40))
@settings(max_examples=50)
def test_marks_are_found_wherever_they_lie(serial: int, count: int, before: bytes, behind: bytes) -> None:
    before, behind = before.replace(MAGIC[:1], b""), behind.replace(MAGIC[:1], b"")

    assert found(before + marks(serial, count) + behind) == tuple((serial, number) for number in range(count))


def test_one_byte_counts_them() -> None:
    with pytest.raises(ValueError, match="257 marks"):
        marks(1, 257)


@given(st.binary(max_size=80))
def test_nothing_is_found_in_what_bears_none(data: bytes) -> None:
    assert found(data.replace(MAGIC[:1], b"")) == ()


@given(ADDRESSES, ADDRESSES, PORTS, PORTS, st.binary(max_size=33))
@settings(max_examples=50)
def test_checksums_are_right(source: IPv4Address, target: IPv4Address, first: int, last: int, data: bytes) -> None:
    for protocol, body in (
        (TCP, tcp((source, first, target, last), 2, data)),
        (UDP, udp((source, first, target, last), data)),
    ):
        pseudo = source.packed + target.packed + bytes([0, protocol]) + len(body).to_bytes(2, "big")
        assert checksum(pseudo + body) in (0, 0xFFFF)
    packet = ipv4(source, target, UDP, data, options=b"\x07\x07\x04")
    assert checksum(packet[: (packet[0] & 15) * 4]) == 0
    assert checksum(icmp(8, 0, b"abcd", data)) == 0


def test_a_checksum_can_be_wrong() -> None:
    assert checksum(ipv4(IPv4Address(1), IPv4Address(2), UDP, b"", wrong_checksum=True)) != 0


@given(st.binary(min_size=40, max_size=120), st.sets(st.sampled_from([8, 16, 24, 32]), max_size=3))
def test_what_is_cut_is_whole_when_put_together(body: bytes, places: set[int]) -> None:
    pieces = cut(body, sorted(places))

    assert b"".join(piece for _, piece in pieces) == body
    assert [offset for offset, _ in pieces] == [0, *sorted(places)]
    assert all(body[offset : offset + len(piece)] == piece for offset, piece in pieces)


def test_tags_stand_in_front_the_outermost_first() -> None:
    frame = ethernet("02:00:00:00:00:02", "02:00:00:00:00:01", 0x0806, b"x", tags=(10, 50))

    assert frame[12:21] == b"\x81\x00\x00\x0a\x81\x00\x00\x32\x08"
    assert len(frame) == 60


def test_a_group_has_the_address_that_its_low_bits_give() -> None:
    assert group_mac(IPv4Address("239.255.255.250")) == "01:00:5e:7f:ff:fa"


def test_arp_says_who_asks_for_whom() -> None:
    message = arp(
        1, ("02:00:00:00:00:01", IPv4Address("10.0.0.1")), ("00:00:00:00:00:00", IPv4Address("10.0.0.2")), b"!"
    )

    assert message.hex() == "0001080006040001" + "020000000001" + "0a000001" + "000000000000" + "0a000002" + "21"
