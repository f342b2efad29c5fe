"""The algebra of packet sets: its laws, and every packet of a tiny header space as the slow twin."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet
from bailiwick.packets.space import EVERY_PACKET, NO_PACKET, Cube, PacketSet
from tests.packets.spaces import WORLD, cubes, members, packet_sets

few = settings(max_examples=60, deadline=None)
many = settings(max_examples=1500, deadline=None)


def agrees(a: PacketSet, b: PacketSet) -> None:
    assert members(a | b) == members(a) | members(b)
    assert members(a & b) == members(a) & members(b)
    assert members(a - b) == members(a) - members(b)


@given(packet_sets, packet_sets)
@few
def test_operators_agree_with_enumeration(a: PacketSet, b: PacketSet) -> None:
    agrees(a, b)


@pytest.mark.deep
@given(packet_sets, packet_sets)
@many
def test_operators_agree_with_enumeration_many_times(a: PacketSet, b: PacketSet) -> None:
    agrees(a, b)


@given(packet_sets, packet_sets)
@few
def test_inclusion_and_equality_agree_with_enumeration(a: PacketSet, b: PacketSet) -> None:
    """Names may also be one that the small world does not have, so only one direction follows from it."""
    if a <= b:
        assert members(a) <= members(b)
    if members(a) - members(b):
        assert not a <= b
        assert a != b
    both = a & b
    assert both <= a
    assert (a <= both) == (a == both)


@given(packet_sets, packet_sets, packet_sets)
@few
def test_laws(a: PacketSet, b: PacketSet, c: PacketSet) -> None:
    assert a | b == b | a
    assert a & b == b & a
    assert a | a == a
    assert a & a == a
    assert (a & (b | c)) == (a & b) | (a & c)
    assert (a - b) | (a & b) == a
    assert not (a - b) & b
    assert a - (b | c) == (a - b) & (a - c)
    assert a - (b & c) == (a - b) | (a - c)


@given(packet_sets)
@few
def test_the_complement_of_the_complement_is_the_set(a: PacketSet) -> None:
    assert EVERY_PACKET - (EVERY_PACKET - a) == a
    assert not a & (EVERY_PACKET - a)


@given(cubes, cubes)
@few
def test_a_difference_is_cut_into_disjoint_cubes(a: Cube, b: Cube) -> None:
    assume(a)
    pieces = a - b
    assert all(piece for piece in pieces)
    for at, piece in enumerate(pieces):
        assert all((piece & other) is None for other in pieces[at + 1 :])


@given(packet_sets, st.sampled_from(WORLD))
@few
def test_a_sample_is_a_member_and_stable(a: PacketSet, packet: Packet) -> None:
    if a:
        assert a.sample() in a
        assert a.sample() == a.sample()
        assert a.sample(IntervalSet.single(int(packet.source))) in a
    else:
        with pytest.raises(ValueError, match="no packet"):
            a.sample()


def test_the_union_of_many_is_the_unions_one_by_one() -> None:
    one = PacketSet([Cube(Names.of("zone:lan"))])
    other = PacketSet([Cube(Names.of("zone:dmz"))])
    assert PacketSet.union([one, other, NO_PACKET]) == one | other
    assert PacketSet.union([]) == NO_PACKET


def test_a_port_means_nothing_to_icmp_nor_a_type_to_tcp() -> None:
    icmp = PacketSet([Cube(protocols=IntervalSet.single(ICMP))])
    assert icmp == PacketSet([Cube(protocols=IntervalSet.single(ICMP), destination_ports=IntervalSet.single(0))])
    tcp = PacketSet([Cube(protocols=IntervalSet.single(TCP))])
    assert tcp == PacketSet([Cube(protocols=IntervalSet.single(TCP), icmp_types=IntervalSet.single(0))])


def test_a_product_without_a_possible_packet_is_empty() -> None:
    assert not PacketSet([Cube(protocols=IntervalSet.single(ICMP), destination_ports=IntervalSet.single(53))])
    assert not PacketSet([Cube(protocols=IntervalSet.single(UDP), icmp_types=IntervalSet.single(8))])


def test_a_packet_that_cannot_be_is_in_no_set() -> None:
    here = ("zone:lan", "router", IPv4Address(1), IPv4Address(2))
    assert Packet(*here, ICMP, destination_port=53) not in EVERY_PACKET
    assert Packet(*here, TCP, destination_port=53, icmp_type=8) not in EVERY_PACKET
    assert Packet(*here, TCP, destination_port=53) in EVERY_PACKET


def test_sets_cannot_be_hashed_because_equality_is_semantic() -> None:
    with pytest.raises(TypeError):
        hash(NO_PACKET)


def test_a_set_is_no_other_thing() -> None:
    assert NO_PACKET != ()
