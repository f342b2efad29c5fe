"""The split of overlapping boxes, beside a twin that knows only points."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.targets.linux.nftables.disjoint import Box, disjoint

SPAN = st.tuples(st.integers(0, 7), st.integers(0, 7)).map(lambda pair: (min(pair), max(pair)))
BOXES = st.integers(1, 3).flatmap(
    lambda dimensions: st.lists(st.tuples(st.tuples(*[SPAN] * dimensions), st.sampled_from("abcd")), max_size=8)
)


def points(box: Box) -> set[tuple[int, ...]]:
    return set(product(*(range(first, last + 1) for first, last in box)))


@settings(max_examples=200)
@given(BOXES)
def test_each_point_once_with_everybody_who_asked(boxes: list[tuple[Box, str]]) -> None:
    expected: dict[tuple[int, ...], set[str]] = {}
    for box, owner in boxes:
        for point in points(box):
            expected.setdefault(point, set()).add(owner)
    found: dict[tuple[int, ...], set[str]] = {}
    for box, owners in disjoint(boxes):
        for point in points(box):
            assert point not in found
            found[point] = set(owners)
    assert found == expected


@given(BOXES, st.randoms(use_true_random=False))
def test_the_order_of_the_boxes_changes_nothing(boxes: list[tuple[Box, str]], chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(boxes)
    chance.shuffle(shuffled)
    assert disjoint(shuffled) == disjoint(boxes)


def test_what_does_not_overlap_stays_as_it_is() -> None:
    boxes: list[tuple[Box, str]] = [(((at, at), (6, 6), (80, 90)), f"flow:{at}") for at in range(5000)]
    assert disjoint(boxes) == [(box, (owner,)) for box, owner in boxes]


def test_one_wide_box_over_many_adds_one_gap_for_each() -> None:
    singles: list[tuple[Box, str]] = [(((2 * at, 2 * at), (80, 80)), f"flow:{at}") for at in range(500)]
    wide: tuple[Box, str] = (((0, 999), (80, 80)), "wide")
    assert len(disjoint([*singles, wide])) == 1000


@pytest.mark.parametrize("empty", [[], [((), "only")]])
def test_nothing_to_split(empty: list[tuple[Box, str]]) -> None:
    assert disjoint(empty) == [(box, (owner,)) for box, owner in empty]
