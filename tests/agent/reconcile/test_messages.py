"""Messages of ctnetlink, well formed and damaged."""

from __future__ import annotations

import contextlib
import socket
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.agent.connections import conntrack
from bailiwick.agent.connections.conntrack import Ends, read
from bailiwick.agent.connections.netlink import GENERIC, Damaged, attribute, attributes, message, messages


def ends(source: str, destination: str, protocol: int, *more: bytes) -> bytes:
    one, other = ip_address(source), ip_address(destination)
    first = 1 if one.version == 4 else 3
    where = attribute(first, one.packed) + attribute(first + 1, other.packed)
    what = attribute(1, bytes([protocol])) + b"".join(more)
    return attribute(1, where, nested=True) + attribute(2, what, nested=True)


def ports(source: int, destination: int) -> tuple[bytes, bytes]:
    return attribute(2, source.to_bytes(2, "big")), attribute(3, destination.to_bytes(2, "big"))


def connection(original: bytes, reply: bytes, *more: bytes, family: int = socket.AF_INET) -> bytes:
    return (
        GENERIC.pack(family, 0, 0)
        + attribute(conntrack.ORIGINAL, original, nested=True)
        + attribute(conntrack.REPLY, reply, nested=True)
        + attribute(conntrack.STATUS, (0x18E).to_bytes(4, "big"))
        + attribute(conntrack.ID, b"\1\2\3\4")
        + b"".join(more)
    )


FORWARD = ends("192.168.1.5", "9.9.9.9", 6, *ports(40000, 443))
BACK = ends("9.9.9.9", "9.8.7.2", 6, *ports(443, 40001))


def test_a_masqueraded_connection() -> None:
    number = (99).to_bytes(4, "big")
    one = read(connection(FORWARD, BACK, attribute(conntrack.TIMEOUT, number), attribute(conntrack.MARK, b"\0\0\0\7")))
    assert one.original == Ends(4, 6, 0xC0A80105, 0x09090909, 40000, 443, ports=True)
    assert one.reply == Ends(4, 6, 0x09090909, 0x09080702, 443, 40001, ports=True)
    assert (one.status, one.timeout, one.mark, one.zone, one.master) == (0x18E, 99, 7, 0, None)
    assert str(one.original) == "tcp 192.168.1.5 port 40000 to 9.9.9.9 port 443"


def test_icmp_a_zone_and_a_master() -> None:
    ping = ends(
        "2001:db8::1",
        "2001:db8::2",
        58,
        attribute(8, b"\x80"),
        attribute(9, b"\0"),
        attribute(7, b"\0\1"),
    )
    master = attribute(conntrack.MASTER, ends("2001:db8::1", "2001:db8::2", 6, *ports(1, 21)), nested=True)
    one = read(connection(ping, ping, attribute(conntrack.ZONE, b"\0\5"), master, family=socket.AF_INET6))
    assert (one.original.kind, one.original.code, one.original.ports, one.zone) == (128, 0, False, 5)
    assert one.master is not None
    assert one.master.destination_port == 21
    assert str(one.original) == "icmpv6 2001:db8::1 to 2001:db8::2"
    assert attributes(one.key, 4)[conntrack.ZONE] == b"\0\5"


def test_both_ways_of_reading_agree() -> None:
    """The layout that the kernel uses is read in one step; the same in another order is not."""
    where = attribute(2, ip_address("9.9.9.9").packed) + attribute(1, ip_address("192.168.1.5").packed)
    what = b"".join(ports(40000, 443)) + attribute(1, b"\6")
    other = attribute(1, where, nested=True) + attribute(2, what, nested=True)
    assert len(other) == len(FORWARD)
    assert read(connection(other, BACK)).original == read(connection(FORWARD, BACK)).original


@pytest.mark.parametrize("length", range(len(connection(FORWARD, BACK))))
def test_a_cut_message_is_damaged(length: int) -> None:
    with pytest.raises(Damaged):
        read(connection(FORWARD, BACK)[:length])


@pytest.mark.parametrize(
    ("original", "reply", "family"),
    [
        (FORWARD, BACK, socket.AF_UNIX),
        (ends("2001:db8::1", "2001:db8::2", 6), BACK, socket.AF_INET),
        (attribute(1, b"", nested=True), BACK, socket.AF_INET),
        (attribute(2, attribute(1, b"\6"), nested=True), BACK, socket.AF_INET),
        (FORWARD, ends("9.9.9.9", "9.8.7.2", 6, attribute(2, b"\0"), attribute(3, b"\0\0")), socket.AF_INET),
    ],
)
def test_what_makes_no_sense_is_damaged(original: bytes, reply: bytes, family: int) -> None:
    with pytest.raises(Damaged):
        read(connection(original, reply, family=family))


@given(st.binary(max_size=200))
def test_noise_is_damaged_or_read(noise: bytes) -> None:
    with contextlib.suppress(Damaged):
        read(noise)
    with contextlib.suppress(Damaged):
        list(messages(noise))


@given(st.data())
def test_a_flipped_byte_is_damaged_or_read(data: st.DataObject) -> None:
    body = bytearray(connection(FORWARD, BACK))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Damaged):
        read(bytes(body))


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.binary(max_size=40)), max_size=5))
def test_messages_come_back(parts: list[tuple[int, int, bytes]]) -> None:
    padded = (message(kind, 0, sequence, body) + bytes(-len(body) % 4) for kind, sequence, body in parts)
    assert [(kind, sequence, body) for kind, _, sequence, body in messages(b"".join(padded))] == parts
