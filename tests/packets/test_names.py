"""Sets of names, finite or everything but a few, against a world of three names and one that nobody wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.packets.names import EVERYWHERE, Names

WRITTEN = ("lan", "dmz", "router")
WORLD = {*WRITTEN, "never-written"}
names = st.builds(Names, st.frozensets(st.sampled_from(WRITTEN)), st.booleans())


def members(of: Names) -> set[str]:
    return {name for name in WORLD if name in of}


@given(names, names)
def test_operators_do_what_sets_do(a: Names, b: Names) -> None:
    assert members(a & b) == members(a) & members(b)
    assert members(a | b) == members(a) | members(b)
    assert members(a - b) == members(a) - members(b)
    assert members(~a) == WORLD - members(a)
    assert (a == b) == (members(a) == members(b))
    assert bool(a) == bool(members(a))


@given(names)
def test_the_first_is_a_member(a: Names) -> None:
    if a:
        assert a.first() in a
    else:
        with pytest.raises(ValueError, match="no first"):
            a.first()


def test_the_first_of_everything_but_unknown_is_another_name() -> None:
    assert EVERYWHERE.first() == "unknown"
    assert Names.but("unknown").first() in Names.but("unknown")
