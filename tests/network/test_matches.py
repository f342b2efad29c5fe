"""Arithmetic over matches against plain enumeration of a few protocols and ports."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bailiwick.network.matches import overlap, subtract
from bailiwick.network.model import Match

PORTS = range(8)

ports = st.tuples(st.integers(0, 7), st.integers(0, 7)).map(lambda pair: (min(pair), max(pair)))
matches = st.lists(
    st.one_of(
        st.builds(Match, st.sampled_from([6, 17]), ports),
        st.builds(Match, st.sampled_from([6, 17, 50])),
        st.builds(Match, st.just(1), st.none(), st.sampled_from([0, 7])),
        st.just(Match()),
    ),
    max_size=4,
)


def fits(found: list[Match], protocol: int, value: int) -> bool:
    return any(
        match.protocol in {None, protocol}
        and (match.ports is None or match.ports[0] <= value <= match.ports[1])
        and (match.icmp_type is None or match.icmp_type == value)
        for match in found
    )


@given(matches, matches)
def test_subtract(one: list[Match], other: list[Match]) -> None:
    left = subtract(one, other)
    for protocol, value in product((1, 6, 17), PORTS):
        meant = fits(one, protocol, value) and not fits(other, protocol, value)
        assert (protocol in left and value in left[protocol]) == meant
    assert (50 in left) == (fits(one, 50, 0) and not fits(other, 50, 0))


@given(matches, matches)
def test_overlap(one: list[Match], other: list[Match]) -> None:
    shared = any(fits(one, p, v) and fits(other, p, v) for p, v in product((1, 6, 17, 50), PORTS))
    assert overlap(one, other) == shared
