"""How an apply is followed from afar: every end is found, whatever is heard and whatever is cut."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.apply.following import Do, End, Ended, Following
from bailiwick.apply.protocol import Garbled, Window

STATE = Following(new=3, until=100.0)


def window(phase: str, new: int = 3, left: float = 60.0, reason: str = "") -> Window:
    return Window(2, new, phase, left, "me", reason)


def test_while_it_is_switched_to_or_taken_back_one_listens() -> None:
    assert {STATE.window(window(phase)) for phase in ("armed", "switching", "returning")} == {Do.LISTEN}


def test_when_it_stands_the_owner_is_asked() -> None:
    assert STATE.window(window("waiting", left=42)) == Ended(End.STANDS, 42)


def test_when_it_is_stuck_one_hears_why() -> None:
    assert STATE.window(window("stuck", reason="eth0 has no address")) == Ended(End.STUCK, why="eth0 has no address")


@pytest.mark.parametrize("seen", [None, window("waiting", new=4)])
def test_when_its_window_is_gone_the_status_tells_the_end(seen: Window | None) -> None:
    assert STATE.window(seen) is Do.ASK


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        ({"confirmed": 3}, Ended(End.CONFIRMED)),
        ({"confirmed": 2, "last": {"what": "returned", "reason": "nobody"}}, Ended(End.BACK, why="nobody")),
        ({"confirmed": 2, "last": None}, Ended(End.BACK)),
        ({"confirmed": 0}, Ended(End.BACK)),
    ],
)
def test_how_it_ended(status: dict[str, Any], ended: Ended) -> None:
    assert STATE.status(status) == ended


def test_a_lost_device_is_sought_until_it_must_have_gone_back() -> None:
    assert STATE.lost(99.9) is Do.AGAIN
    assert STATE.lost(100.0) == Ended(End.LOST)


@given(st.lists(st.integers(0, 50)))
def test_a_line_is_known_once_it_was_heard(lines: list[int]) -> None:
    state = STATE
    for line in lines:
        state = state.news(line)

    assert state.known == max([0, *lines])


@pytest.mark.parametrize("data", [{"old": 1}, {"old": "x", "new": 1, "phase": "armed", "left": 1}, {"old": None}])
def test_a_window_that_cannot_be_read_is_none(data: dict[str, Any]) -> None:
    with pytest.raises(Garbled):
        Window.of(data)


def test_no_window_is_none() -> None:
    assert Window.of(None) is None
