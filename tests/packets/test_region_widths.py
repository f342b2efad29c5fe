"""Both engines over the fields that a packet really has, IPv4 and IPv6: they agree at points, in boxes, in packets."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bailiwick.packets.engine import space
from bailiwick.packets.header import (
    CT_MARK,
    DESTINATION,
    DESTINATION_PORT,
    MARK,
    PROTOCOL,
    SOURCE,
    SOURCE_PORT,
    TCP_FLAGS,
    widths,
)
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space, TooWide
from tests.packets.regions import Expression, built, expressions, numbers

pytestmark = pytest.mark.slow

EQUAL = [(MARK, CT_MARK), (CT_MARK, MARK), (SOURCE, DESTINATION), (SOURCE_PORT, DESTINATION_PORT)]
MASKED = (TCP_FLAGS, PROTOCOL)
SPACES = {family: (space(widths(family)), space(widths(family), pure=True)) for family in (4, 6)}
EXPRESSIONS = {family: expressions(widths(family), EQUAL, MASKED) for family in (4, 6)}
HEADERS = {
    family: st.fixed_dictionaries({field: numbers(width) for field, width in widths(family).items()})
    for family in (4, 6)
}
families = pytest.mark.parametrize("family", [4, 6])
everywhere = pytest.mark.parametrize("engine", [engine for both in SPACES.values() for engine in both])
few = settings(max_examples=60, deadline=None)
many = settings(max_examples=3000, deadline=None)


def same(family: int, expression: Expression, points: list[dict[str, int]]) -> None:
    binary, plain = SPACES[family]
    a, b = built(expression, binary), built(expression, plain)
    assert bool(a) == bool(b)
    assert (a == binary.everything) == (b == plain.everything)
    for header in points:
        assert a.holds(header) == b.holds(header)
    boxes = list(a.boxes(limit=200))
    assert boxes == list(b.boxes(limit=200))
    if len(boxes) < 200:
        assert binary.union(map(binary.box, boxes)) == a
        assert plain.union(map(plain.box, boxes)) == b
    if a:
        packet = a.pick()
        assert packet == b.pick()
        assert a.holds(packet)
        assert b.holds(packet)


@families
@given(data=st.data())
@few
def test_the_engines_agree(family: int, data: st.DataObject) -> None:
    same(family, data.draw(EXPRESSIONS[family]), data.draw(st.lists(HEADERS[family], min_size=5, max_size=10)))


@pytest.mark.deep
@families
@given(data=st.data())
@many
def test_the_engines_agree_many_times(family: int, data: st.DataObject) -> None:
    same(family, data.draw(EXPRESSIONS[family]), data.draw(st.lists(HEADERS[family], min_size=5, max_size=10)))


@everywhere
@given(data=st.data())
@few
def test_fields_are_set_copied_and_projected_as_on_the_packet(engine: Space, data: st.DataObject) -> None:
    family = 4 if engine.widths[SOURCE] == 32 else 6
    region, header = built(data.draw(EXPRESSIONS[family]), engine), data.draw(HEADERS[family])
    field = data.draw(st.sampled_from(list(engine.widths)))
    value = data.draw(numbers(engine.widths[field]))
    set_ = {**header, field: value}
    assert region.given(field, value).holds(header) == region.holds(set_)
    assert region.given(field, value).holds(set_) == region.holds(set_)
    into, out_of = data.draw(st.sampled_from(EQUAL))
    assert region.copied(into, out_of).holds(header) == region.holds({**header, into: header[out_of]})
    projected = region.without(field)
    assert region <= projected
    assert projected.given(field, value) == projected
    assert projected.holds(header) == bool(
        region & at(engine, {name: header[name] for name in header if name != field})
    )


def at(engine: Space, header: dict[str, int]) -> Region:
    return engine.box({field: IntervalSet.single(value) for field, value in header.items()})


@everywhere
@given(data=st.data())
@few
def test_an_interval_of_addresses_holds_its_ends_and_not_their_neighbours(engine: Space, data: st.DataObject) -> None:
    width = engine.widths[SOURCE]
    ends = sorted(data.draw(st.tuples(numbers(width), numbers(width))))
    region = engine.among(SOURCE, IntervalSet.span(*ends))
    for value in (ends[0] - 1, *ends, ends[1] + 1):
        if 0 <= value < 1 << width:
            assert region.holds({SOURCE: value}) == (ends[0] <= value <= ends[1])
    boxes = list(region.boxes())
    assume(ends != [0, (1 << width) - 1])
    assert boxes == [{SOURCE: IntervalSet.span(*ends)}]


@families
def test_a_mask_that_cuts_a_mark_to_pieces(family: int) -> None:
    binary, plain = SPACES[family]
    odd = binary.bits(MARK, 1, 1)
    assert odd.holds({MARK: 0xFFFFFFFF})
    assert not odd.holds({MARK: 0xFFFFFFFE})
    assert odd.given(MARK, 0x10, 0xF0) == odd
    assert list((odd & binary.among(PROTOCOL, IntervalSet.single(6))).boxes([PROTOCOL])) == [
        {PROTOCOL: IntervalSet.single(6)}
    ]
    with pytest.raises(TooWide):
        list(odd.boxes())
    with pytest.raises(TooWide):
        plain.bits(MARK, 1, 1)
    with pytest.raises(TooWide):
        plain.among(MARK, IntervalSet.span(5, 900_000)).given(MARK, 0, 0xF0F0)


@everywhere
def test_a_mask_of_the_upper_bits_is_a_prefix(engine: Space) -> None:
    found = list(engine.bits(MARK, 0xFF000000, 0x0A000000).boxes())
    assert found == [{MARK: IntervalSet.span(0x0A000000, 0x0AFFFFFF)}]


def test_oxidd_is_not_imported_before_a_space_is_made() -> None:
    code = "import sys, bailiwick.packets, bailiwick.packets.engine; print('oxidd' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=180)
    assert done.stdout.strip() == "False"
