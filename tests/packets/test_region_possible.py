"""Cubes as regions, and which headers can be: the two algebras say the same of every packet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from bailiwick.packets.engine import space
from bailiwick.packets.header import (
    DESTINATION_PORT,
    ICMP_CODE,
    ICMP_TYPE,
    PROTOCOL,
    SOURCE_PORT,
    STATE,
    TCP_FLAGS,
    State,
    widths,
)
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.names import EVERYWHERE
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.possible import SCTP, header_of, loosened, possible, region_of
from bailiwick.packets.region import Region, Space
from bailiwick.packets.space import EVERY_PACKET, Cube, PacketSet
from tests.packets.regions import Expression, built, expressions
from tests.packets.spaces import WORLD, cubes, packet_sets

pytestmark = pytest.mark.slow

BINARY, PLAIN = space(widths(4)), space(widths(4), pure=True)
both = pytest.mark.parametrize("engine", [BINARY, PLAIN], ids=["binary", "plain"])
few = settings(max_examples=60, deadline=None)


def anywhere(packets: PacketSet) -> PacketSet:
    """Without its places, which a region does not take from a cube."""
    return PacketSet(replace(cube, ingress=EVERYWHERE, egress=EVERYWHERE) for cube in packets.cubes())


def region(packets: PacketSet, engine: Space) -> Region:
    return engine.union(region_of(engine, cube) for cube in packets.cubes())


@both
@given(cube=cubes)
@few
def test_a_cube_and_its_region_hold_the_same_packets(engine: Space, cube: Cube) -> None:
    cube = replace(cube, ingress=EVERYWHERE, egress=EVERYWHERE)
    found = region_of(engine, cube)
    assert found <= possible(engine)
    for packet in WORLD:
        assert found.holds(header_of(packet)) == (packet in cube)


@both
@given(a=packet_sets, b=packet_sets)
@few
def test_the_two_algebras_agree(engine: Space, a: PacketSet, b: PacketSet) -> None:
    a, b = anywhere(a), anywhere(b)
    mine, theirs = region(a, engine), region(b, engine)
    assert region(a & b, engine) == mine & theirs
    assert region(a | b, engine) == mine | theirs
    assert region(a - b, engine) == mine - theirs
    assert (a <= b) == (mine <= theirs)
    assert (a == b) == (mine == theirs)


@both
def test_every_packet_is_every_possible_header(engine: Space) -> None:
    assert region(EVERY_PACKET, engine) == possible(engine)


@both
def test_a_header_has_only_the_fields_of_its_protocol(engine: Space) -> None:
    can = possible(engine)
    for protocol, header, answer in (
        (TCP, {SOURCE_PORT: 1, DESTINATION_PORT: 2, TCP_FLAGS: 3}, True),
        (UDP, {SOURCE_PORT: 1, DESTINATION_PORT: 2}, True),
        (SCTP, {DESTINATION_PORT: 2}, True),
        (UDP, {TCP_FLAGS: 1}, False),
        (ICMP, {ICMP_TYPE: 8, ICMP_CODE: 1}, True),
        (ICMP, {DESTINATION_PORT: 1}, False),
        (TCP, {ICMP_TYPE: 8}, False),
        (TCP, {ICMP_CODE: 1}, False),
        (47, {}, True),
        (47, {SOURCE_PORT: 1}, False),
        (TCP, {STATE: State.UNTRACKED}, True),
        (TCP, {STATE: 5}, False),
    ):
        assert can.holds({PROTOCOL: protocol, **header}) is answer, (protocol, header)


@both
def test_a_cube_holds_all_of_a_protocol_whose_ports_it_cannot_see(engine: Space) -> None:
    sctp = engine.among(PROTOCOL, IntervalSet.single(SCTP)) & possible(engine)
    assert sctp <= region_of(engine, Cube(destination_ports=IntervalSet.span(0, 80)))
    assert not region_of(engine, Cube(destination_ports=IntervalSet.span(1, 80))) & sctp


def test_a_cube_has_no_place_in_a_space_of_ipv6() -> None:
    with pytest.raises(ValueError, match="IPv4"):
        region_of(space(widths(6)), Cube())


@both
@given(expression=expressions(widths(4), [(SOURCE_PORT, DESTINATION_PORT)], [TCP_FLAGS]))
@few
def test_loosening_changes_no_possible_header(engine: Space, expression: Expression) -> None:
    found = built(expression, engine)
    loose = loosened(engine, found)
    assert loose & possible(engine) == found & possible(engine)
    assert loosened(engine, loose) == loose
    assert loosened(engine, found & possible(engine)) == loose
