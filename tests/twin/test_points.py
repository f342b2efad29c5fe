"""Corners of a set: inside, just outside, and one in every combination of its stretches."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.packets.cube import Cube
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.packet import TCP, UDP
from bailiwick.twin.aim.points import corners, edges

STRETCHES = st.lists(st.tuples(st.integers(2, 200), st.integers(0, 5)), min_size=1, max_size=4).map(
    lambda pairs: IntervalSet.of((first, first + length) for first, length in pairs)
)


@given(STRETCHES)
def test_edges_straddle_every_end(values: IntervalSet) -> None:
    found = edges(values, 1000)

    for first, last in values.spans:
        assert {first - 1, first, last, last + 1} <= set(found)
    assert sum(value not in values for value in found) <= 2 * len(values.spans)


@given(STRETCHES, STRETCHES, STRETCHES)
@settings(max_examples=40)
def test_every_combination_of_stretches_has_a_packet_in_it(
    sources: IntervalSet, destinations: IntervalSet, ports: IntervalSet
) -> None:
    cube = Cube(
        sources=sources,
        destinations=destinations,
        protocols=IntervalSet.of([(TCP, TCP), (UDP, UDP)]),
        destination_ports=ports,
    )
    points = list(corners(cube, EVERY_ADDRESS, EVERY_ADDRESS))

    for source, _ in sources.spans:
        for destination, _ in destinations.spans:
            for first, last in ports.spans:
                for protocol in (TCP, UDP):
                    assert any(
                        (p.source, p.destination, p.protocol) == (source, destination, protocol)
                        and first <= p.port <= last
                        for p in points
                    )


def test_a_narrow_set_is_tried_from_both_sides() -> None:
    https = Cube(protocols=IntervalSet.single(TCP), destination_ports=IntervalSet.single(443))

    ports = {point.port for point in corners(https, EVERY_ADDRESS, EVERY_ADDRESS) if point.protocol == TCP}

    assert {442, 443, 444} <= ports


def test_places_that_cannot_hold_it_give_nothing() -> None:
    assert not list(corners(Cube(sources=IntervalSet.single(5)), IntervalSet.single(6), EVERY_ADDRESS))
