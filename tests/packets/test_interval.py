"""Interval sets against sets of integers."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.packets.interval import ADDRESS_MAX, EVERY_ADDRESS, NOTHING, IntervalSet

LAST = 40
pairs = st.tuples(st.integers(0, LAST), st.integers(0, 8)).map(lambda p: (p[0], min(p[0] + p[1], LAST)))
interval_sets = st.lists(pairs, max_size=6).map(IntervalSet.of)


def members(numbers: IntervalSet) -> set[int]:
    return {n for first, last in numbers.spans for n in range(first, last + 1)}


@given(st.lists(pairs, max_size=8))
def test_spans_are_sorted_disjoint_and_never_adjacent(given_pairs: list[tuple[int, int]]) -> None:
    numbers = IntervalSet.of(given_pairs)
    assert members(numbers) == {n for first, last in given_pairs for n in range(first, last + 1)}
    assert all(a[1] + 1 < b[0] for a, b in zip(numbers.spans, numbers.spans[1:], strict=False))


@given(interval_sets, interval_sets)
@settings(max_examples=200)
def test_operators_do_what_sets_do(a: IntervalSet, b: IntervalSet) -> None:
    assert members(a | b) == members(a) | members(b)
    assert members(a & b) == members(a) & members(b)
    assert members(a - b) == members(a) - members(b)
    assert a.overlaps(b) == bool(members(a) & members(b))
    assert a.covers(b) == (members(b) <= members(a))
    assert (a == b) == (members(a) == members(b))


@given(interval_sets, interval_sets)
@settings(max_examples=200)
def test_results_are_in_normal_form(a: IntervalSet, b: IntervalSet) -> None:
    for result in (a | b, a & b, a - b):
        assert result == IntervalSet.of(result.spans)


@given(interval_sets)
def test_membership_and_size(a: IntervalSet) -> None:
    assert {n for n in range(-1, LAST + 2) if n in a} == members(a)
    assert a.size() == len(members(a))
    assert bool(a) == bool(members(a))


@given(st.lists(interval_sets, max_size=5))
def test_union_of_many_is_the_unions_one_by_one(sets: list[IntervalSet]) -> None:
    expected = IntervalSet()
    for numbers in sets:
        expected |= numbers
    assert IntervalSet.union(sets) == expected


def test_an_interval_that_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="9-3"):
        IntervalSet.of([(1, 2), (9, 3)])


def test_the_empty_set_has_no_first_member() -> None:
    with pytest.raises(ValueError, match="no first"):
        NOTHING.first()


def test_networks_and_addresses_go_there_and_back() -> None:
    networks = [IPv4Network("10.0.0.0/8"), IPv4Network("192.168.4.0/23")]
    assert list(IntervalSet.networks(networks).cidrs()) == networks
    assert IntervalSet.addresses([IPv4Address("10.0.0.1")]) == IntervalSet.single(0x0A000001)


def test_the_last_address_is_no_overflow() -> None:
    assert EVERY_ADDRESS - IntervalSet.span(0, ADDRESS_MAX - 1) == IntervalSet.single(ADDRESS_MAX)
