from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bailiwick.network.nesting import unroll

graphs = st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefgh"), max_size=4), max_size=6)


def circular(parts: dict[str, list[str]]) -> bool:
    """Slowly: take leaves away until nothing is left, or nothing more can be taken."""
    left = {name: {p for p in inner if p in parts} for name, inner in parts.items()}
    while leaves := {name for name, inner in left.items() if not inner}:
        left = {name: inner - leaves for name, inner in left.items() if name not in leaves}
    return bool(left)


@given(graphs)
def test_every_name_comes_once_and_circles_are_found(parts: dict[str, list[str]]) -> None:
    order, circles = unroll(parts)
    assert sorted(order) == sorted(parts)
    assert bool(circles) == circular(parts)
    for circle in circles:
        assert circle[0] == circle[-1]
        assert all(second in parts[first] for first, second in pairwise(circle))


@given(graphs)
def test_names_come_after_their_parts(parts: dict[str, list[str]]) -> None:
    order, circles = unroll(parts)
    if not circles:
        at = {name: index for index, name in enumerate(order)}
        assert all(at[part] < at[name] for name in parts for part in parts[name] if part in parts)


def test_depth_is_no_limit() -> None:
    deep = {str(n): [str(n + 1)] for n in range(5000)}
    assert unroll(deep)[0][0] == "4999"
