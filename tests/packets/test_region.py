"""Both engines of regions against every header of a small space, and the laws of sets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.packets.binary_diagram import BinarySpace
from bailiwick.packets.engine import space
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.interval_diagram import IntervalSpace
from bailiwick.packets.region import Space
from tests.packets.regions import (
    SMALL,
    WORLD,
    Expression,
    box_members,
    built,
    changed,
    enumerated,
    members,
    named,
    small_expressions,
    without,
)

pytestmark = pytest.mark.slow

BINARY, PLAIN = BinarySpace(SMALL), IntervalSpace(SMALL)
both = pytest.mark.parametrize("engine", [BINARY, PLAIN], ids=["binary", "plain"])
few = settings(max_examples=100, deadline=None)
many = settings(max_examples=4000, deadline=None)
fields = st.sampled_from(list(SMALL))


def agrees(expression: Expression, engine: Space) -> None:
    assert members(built(expression, engine)) == enumerated(expression)


@both
@given(expression=small_expressions)
@few
def test_every_operation_agrees_with_enumeration(engine: Space, expression: Expression) -> None:
    agrees(expression, engine)


@pytest.mark.deep
@both
@given(expression=small_expressions)
@many
def test_every_operation_agrees_with_enumeration_many_times(engine: Space, expression: Expression) -> None:
    agrees(expression, engine)


@both
@given(left=small_expressions, right=small_expressions)
@few
def test_comparisons_are_those_of_the_sets(engine: Space, left: Expression, right: Expression) -> None:
    a, b = built(left, engine), built(right, engine)
    mine, theirs = enumerated(left), enumerated(right)
    assert (a == b) == (mine == theirs)
    assert (a <= b) == (mine <= theirs)
    assert bool(a) == bool(mine)
    assert a != b or hash(a) == hash(b)


@both
@given(left=small_expressions, right=small_expressions, third=small_expressions)
@few
def test_laws_hold(engine: Space, left: Expression, right: Expression, third: Expression) -> None:
    a, b, c = (built(expression, engine) for expression in (left, right, third))
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b) & c == (a & c) | (b & c)
    assert (a & b) | c == (a | c) & (b | c)
    assert (a | b) | c == a | (b | c) == engine.union([a, b, c])
    assert ~(a | b) == ~a & ~b
    assert ~~a == a
    assert a - b == a & ~b
    assert a ^ b == (a - b) | (b - a)
    assert a | ~a == engine.everything
    assert a & ~a == engine.nothing
    assert a & b <= a <= a | b
    assert (a <= b) == (not a - b)


@both
@given(expression=small_expressions, field=fields, data=st.data())
@few
def test_given_sees_the_packet_with_the_field_set(
    engine: Space, expression: Expression, field: str, data: st.DataObject
) -> None:
    top = (1 << SMALL[field]) - 1
    value = data.draw(st.integers(0, top))
    mask = data.draw(st.one_of(st.none(), st.integers(0, top)))
    inside = enumerated(expression)
    found = built(expression, engine).given(field, value, mask)
    assert members(found) == {h for h in WORLD if changed(h, field, value, mask) in inside}


@both
@given(expression=small_expressions, pair=st.sampled_from([("from", "to"), ("to", "from"), ("to", "to")]))
@few
def test_copied_sees_the_packet_with_the_field_copied(
    engine: Space, expression: Expression, pair: tuple[str, str]
) -> None:
    field, origin = pair
    inside = enumerated(expression)
    found = built(expression, engine).copied(field, origin)
    assert members(found) == {h for h in WORLD if changed(h, field, named(h)[origin]) in inside}


@both
@given(expression=small_expressions, prefer=st.dictionaries(fields, st.sets(st.integers(0, 7), max_size=3)))
@few
def test_pick_takes_the_least_preferred_value_of_each_field_in_turn(
    engine: Space, expression: Expression, prefer: dict[str, set[int]]
) -> None:
    left = enumerated(expression)
    wishes = {field: IntervalSet.of((n, n) for n in wanted) for field, wanted in prefer.items()}
    if not left:
        with pytest.raises(ValueError, match="empty"):
            built(expression, engine).pick(wishes)
        return
    for at, field in enumerate(SMALL):
        preferred = {h for h in left if h[at] in prefer.get(field, ())}
        least = min(h[at] for h in preferred or left)
        left = frozenset(h for h in left if h[at] == least)
    assert built(expression, engine).pick(wishes) == named(next(iter(left)))


@both
@given(expression=small_expressions)
@few
def test_boxes_are_disjoint_and_add_up_to_the_set(engine: Space, expression: Expression) -> None:
    region = built(expression, engine)
    found = list(region.boxes())
    inside = [box_members(box) for box in found]
    assert frozenset().union(*inside) == enumerated(expression)
    assert sum(map(len, inside)) == len(enumerated(expression))
    assert engine.union(map(engine.box, found)) == region
    for box in found:
        for field, values in box.items():
            assert values
            assert values != IntervalSet.span(0, (1 << SMALL[field]) - 1)


@both
@given(expression=small_expressions, kept=st.sets(fields), limit=st.integers(0, 3))
@few
def test_boxes_of_some_fields_are_those_of_the_projection(
    engine: Space, expression: Expression, kept: set[str], limit: int
) -> None:
    region = built(expression, engine)
    found = list(region.boxes(kept))
    assert all(kept >= box.keys() for box in found)
    inside = [box_members(box) for box in found]
    assert frozenset().union(*inside) == without(enumerated(expression), set(SMALL) - kept)
    assert list(region.boxes(kept, limit)) == found[:limit]


@given(small_expressions)
@few
def test_the_engines_say_the_same_boxes(expression: Expression) -> None:
    assert list(built(expression, BINARY).boxes()) == list(built(expression, PLAIN).boxes())


@both
def test_a_prefix_is_one_interval(engine: Space) -> None:
    assert list(engine.bits("from", 6, 4).boxes()) == [{"from": IntervalSet.span(4, 5)}]
    assert list(engine.everything.boxes()) == [{}]
    assert list(engine.nothing.boxes()) == []


@both
def test_a_value_outside_its_mask_or_its_field_is_nobodys(engine: Space) -> None:
    assert not engine.bits("from", 0b011, 0b100)
    assert not engine.bits("from", 0b11111, 0b01000)
    assert not engine.among("from", IntervalSet.span(8, 100))
    assert engine.among("from", IntervalSet.span(6, 100)) == engine.among("from", IntervalSet.span(6, 7))
    assert engine.bits("from", 0, 0) == engine.everything


@both
def test_what_does_not_fit_is_refused(engine: Space) -> None:
    with pytest.raises(ValueError, match="does not fit from"):
        engine.everything.given("from", 8)
    with pytest.raises(ValueError, match="does not fit from"):
        engine.everything.holds({"from": 8})
    with pytest.raises(ValueError, match="differ in width"):
        engine.everything.copied("from", "port")
    with pytest.raises(KeyError):
        list(engine.everything.boxes(["nobody"]))


@both
@pytest.mark.parametrize("other", [BinarySpace(SMALL), IntervalSpace(SMALL)], ids=["binary", "plain"])
def test_regions_of_two_spaces_are_refused(engine: Space, other: Space) -> None:
    a, b = engine.among("kind", IntervalSet.single(1)), other.among("from", IntervalSet.single(1))
    for refused in (
        lambda: a & b,
        lambda: a | b,
        lambda: a - b,
        lambda: a ^ b,
        lambda: a <= b,
        lambda: engine.union([b, a]),
    ):
        with pytest.raises(ValueError, match="two spaces"):
            refused()
    assert engine.everything != other.everything


def test_oxidd_is_taken_where_it_is_there_and_never_before(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(space(SMALL), BinarySpace)
    assert isinstance(space(SMALL, pure=True), IntervalSpace)
    monkeypatch.setitem(__import__("sys").modules, "oxidd.bcdd", None)
    assert isinstance(space(SMALL), IntervalSpace)
