"""Whatever happens in whatever order, an apply ends confirmed or back, and what closes the window is final."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.agent.window.decisions import (
    TRIES,
    Armed,
    Confirm,
    Decision,
    Do,
    Event,
    Extend,
    Failed,
    GiveUp,
    Phase,
    Returned,
    Switched,
    Tick,
    Window,
    as_data,
    decide,
    decide_at,
    from_data,
)

HERE, LATER = "boot-1", "boot-2"
LIMIT, PATIENCE = 180.0, 120.0
BEGUN = Window(old=3, new=4, phase=Phase.ARMED, boot=HERE, deadline=LIMIT, patience=PATIENCE, token="hash")
WAITING = replace(BEGUN, phase=Phase.WAITING, settled=10.0, deadline=130.0)

TIMES = st.floats(0, 400) | st.sampled_from([9.999, 10.0, 129.999, 130.0, 130.001, 180.0, math.nan, math.inf])
TOKENS = st.sampled_from(["hash", "other", ""])
DIFFERENCES = st.lists(st.sampled_from(["rules", "routes"]), max_size=2).map(tuple)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.just(Armed()),
    st.builds(Switched, TIMES),
    st.builds(Failed, st.just("broken")),
    st.builds(Confirm, TOKENS, st.none() | TIMES, TIMES),
    st.builds(Extend, TIMES, st.sampled_from([-5.0, 0.0, 60.0, 600.0, math.nan, math.inf])),
    st.builds(Tick, TIMES, st.sampled_from([HERE, HERE, HERE, LATER])),
    st.builds(GiveUp),
    st.builds(Returned, DIFFERENCES),
)
WINDOWS = st.builds(
    Window,
    old=st.just(3),
    new=st.just(4),
    phase=st.sampled_from(Phase),
    boot=st.just(HERE),
    deadline=TIMES,
    patience=st.just(PATIENCE),
    token=st.just("hash"),
    settled=TIMES,
    tries=st.integers(0, TRIES),
)


@dataclass
class Course:
    """One apply, as its events make it go."""

    window: Window | None = BEGUN
    done: list[Do] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def play(self, events: Sequence[Event]) -> Course:
        for event in events:
            if self.window is None:
                break
            decision = decide(self.window, event)
            self.window = decision.window
            self.done += decision.do
            self.decisions.append(decision)
        return self


@given(st.lists(EVENTS, max_size=30))
def test_it_is_never_both_confirmed_and_taken_back(events: list[Event]) -> None:
    course = Course().play(events)

    ends = [step for step in course.done if step in (Do.COMMIT, Do.CLOSE)]
    assert len(ends) == (course.window is None)
    if Do.COMMIT in course.done:
        assert Do.RETURN not in course.done
        assert course.done[-1] is Do.COMMIT
    if Do.CLOSE in course.done:
        assert Do.RETURN in course.done


@given(st.lists(EVENTS, max_size=30))
def test_after_it_is_being_taken_back_it_never_switches_nor_waits_again(events: list[Event]) -> None:
    course = Course().play(events)

    if Do.RETURN in course.done:
        after = course.done[course.done.index(Do.RETURN) :]
        assert Do.SWITCH not in after
        assert Do.COMMIT not in after


@given(st.lists(EVENTS, max_size=30), st.floats(0, 400))
def test_after_the_deadline_nothing_confirms(events: list[Event], late: float) -> None:
    course = Course().play(events)
    if course.window is None or course.window.phase in (Phase.RETURNING, Phase.STUCK):
        return
    at = course.window.deadline + late

    confirmed = decide(course.window, Confirm("hash", at, at))
    extended = decide(course.window, Extend(at, 600.0))
    stands = decide(course.window, Switched(at))

    assert confirmed.do == extended.do == (Do.REFUSE,)
    assert confirmed.window == extended.window == course.window
    assert stands.do in ((Do.REFUSE,), (Do.RETURN,))
    assert decide(course.window, Tick(at, course.window.boot)).do == (Do.RETURN,)


@given(WINDOWS, EVENTS, TIMES)
def test_a_record_of_another_boot_always_goes_back(window: Window, event: Event, at: float) -> None:
    for decision in (decide(window, Tick(at, LATER)), decide_at(window, event, at, LATER)):
        assert decision.do == (Do.RETURN,)
        assert decision.window is not None
        assert (decision.window.phase, decision.window.boot) == (Phase.RETURNING, LATER)


@given(WINDOWS, EVENTS, TIMES)
def test_a_closed_window_overtakes_every_event(window: Window, event: Event, at: float) -> None:
    decision = decide_at(window, event, at, HERE)

    if window.phase not in (Phase.RETURNING, Phase.STUCK) and not at < window.deadline:
        assert decision.do == (Do.RETURN,)
    else:
        assert repr(decision) == repr(decide(window, event))


@given(st.lists(st.tuples(DIFFERENCES, st.just(HERE)), min_size=8, max_size=20))
@pytest.mark.slow
def test_putting_back_is_tried_a_few_times_and_no_more(answers: list[tuple[tuple[str, ...], str]]) -> None:
    course = Course(replace(BEGUN, phase=Phase.SWITCHING)).play([Failed("broken")])
    for differences, boot in answers:
        course.play([Returned(differences), Tick(500.0, boot)])

    assert course.done.count(Do.RETURN) <= TRIES
    assert course.window is None or course.window.phase is Phase.STUCK


@given(st.lists(EVENTS.filter(lambda event: not isinstance(event, GiveUp)), max_size=60))
@pytest.mark.slow
def test_no_order_of_events_puts_back_without_end(events: list[Event]) -> None:
    course = Course().play(events)

    boots = 1 + sum(isinstance(event, Tick) and event.boot == LATER for event in events)
    boots += sum(isinstance(event, Tick) and event.boot == HERE for event in events)
    assert course.done.count(Do.RETURN) <= TRIES * boots


@given(WINDOWS, st.builds(Confirm, st.sampled_from(["other", "", "HASH"]), st.none() | TIMES, TIMES))
def test_a_wrong_token_changes_nothing(window: Window, confirm: Confirm) -> None:
    decision = decide(window, confirm)

    assert decision.do == (Do.REFUSE,)
    assert decision.window is window
    assert decision.reason


@given(WINDOWS, TIMES, TIMES)
def test_an_old_connection_changes_nothing(window: Window, connected: float, at: float) -> None:
    if connected >= window.settled:
        return
    decision = decide(window, Confirm("hash", connected, at))

    assert decision.do == (Do.REFUSE,)
    assert decision.window is window


@given(WINDOWS, EVENTS)
def test_what_is_refused_changes_nothing_and_says_why(window: Window, event: Event) -> None:
    decision = decide(window, event)

    if Do.REFUSE in decision.do:
        assert decision.do == (Do.REFUSE,)
        assert decision.window is window
        assert decision.reason


@given(st.floats(100, 160), st.floats(100, 160), st.booleans())
def test_confirming_and_the_deadline_have_one_winner(confirmed: float, ticked: float, confirm_first: bool) -> None:
    # The two clocks were read before either got the record's lock, so that either may be the later one.
    events: list[Event] = [Confirm("hash", 11.0, confirmed), Tick(ticked, HERE)]
    course = Course(WAITING).play(events if confirm_first else events[::-1])

    assert (Do.COMMIT in course.done) + (Do.RETURN in course.done) <= 1
    if course.window is not None and course.window.phase is Phase.WAITING:
        assert confirmed >= WAITING.deadline > ticked
        assert Course(WAITING).play([*events, Tick(WAITING.deadline, HERE)]).done[-1] is Do.RETURN


def test_silence_takes_back_at_the_deadline_and_not_before() -> None:
    assert decide(WAITING, Tick(129.999, HERE)) == Decision(WAITING)
    assert decide(WAITING, Tick(130.0, HERE)).do == (Do.RETURN,)


def test_the_word_over_a_new_connection_confirms() -> None:
    assert decide(WAITING, Confirm("hash", 10.0, 129.9)).do == (Do.COMMIT,)
    assert decide(WAITING, Confirm("hash", None, 20.0)).do == (Do.COMMIT,)
    assert decide(WAITING, Confirm("hash", math.nan, 20.0)).do == (Do.REFUSE,)
    assert decide(replace(WAITING, token=""), Confirm("", None, 20.0)).do == (Do.REFUSE,)


def test_more_time_never_shortens_the_window() -> None:
    assert decide(WAITING, Extend(20.0, 30.0)).window == WAITING
    longer = decide(WAITING, Extend(100.0, 120.0)).window
    assert longer is not None
    assert longer.deadline == 220.0


@pytest.mark.parametrize("patience", [math.nan, math.inf, 0.0, -1.0])
def test_the_timer_cannot_be_switched_off_by_asking_for_more_time(patience: float) -> None:
    assert decide(WAITING, Extend(20.0, patience)).do == (Do.REFUSE,)


def test_what_stands_too_late_is_taken_back() -> None:
    switching = replace(BEGUN, phase=Phase.SWITCHING)

    assert decide(switching, Switched(179.9)).do == ()
    assert decide(switching, Switched(180.0)).do == (Do.RETURN,)


def test_a_restart_tries_again_where_putting_back_was_stuck() -> None:
    stuck = replace(WAITING, phase=Phase.STUCK, tries=TRIES)

    assert decide(stuck, Tick(500.0, HERE)) == Decision(stuck)
    again = decide(stuck, Tick(5.0, LATER))
    assert again.do == (Do.RETURN,)
    assert again.window is not None
    assert again.window.tries == 1


@given(WINDOWS.filter(lambda window: math.isfinite(window.deadline + window.settled)))
@settings(max_examples=50)
def test_a_record_is_read_as_it_was_written(window: Window) -> None:
    assert from_data(json.loads(json.dumps(as_data(window)))) == window


@pytest.mark.parametrize(
    "change",
    [
        {"deadline": "soon"},
        {"old": 1.5},
        {"old": True},
        {"phase": "asleep"},
        {"token": None},
        {"more": 1},
        {"deadline": math.inf},
        {"patience": math.nan},
    ],
)
def test_what_is_no_record_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"no record|not a valid"):
        from_data({**as_data(WAITING), **change})
