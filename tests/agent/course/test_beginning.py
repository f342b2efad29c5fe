"""An apply's beginning: what is made sure of before anything is changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bailiwick.agent.disk import record
from bailiwick.agent.disk.lock import Held, lock
from bailiwick.agent.disk.pointer import Damaged
from bailiwick.agent.look import live
from bailiwick.agent.window import deadman
from bailiwick.agent.window.course import (
    Drifted,
    NotArmed,
    WindowOpen,
    begin,
)
from bailiwick.agent.window.decisions import Phase
from tests.agent.course.applying import asked, confirmed, opened, settled
from tests.agent.course.fake import FILE, Fake, staged


def test_it_is_remembered_and_armed_before_the_switch_is_started(machine: Fake) -> None:
    number = staged(machine, "one")
    assert begin(machine, asked(number))
    assert machine.world.did == [f"remember {number}", "settle in", "timer", "switch"]
    window = opened(machine)
    assert (window.old, window.new, window.phase, window.owner) == (0, number, Phase.SWITCHING, "ann")
    assert window.deadline == 1000.0 + 180.0


def test_a_timer_that_does_not_start_leaves_nothing_behind(machine: Fake) -> None:
    number = staged(machine, "one")
    machine.world.deadman = False
    with pytest.raises(NotArmed, match="nothing was changed"):
        begin(machine, asked(number))
    assert record.load(machine.places) is None
    assert not machine.places.window.exists()
    assert not machine.places.live.exists()
    assert "switch" not in machine.world.did
    machine.world.deadman = True
    assert begin(machine, asked(number))


def test_a_second_apply_is_refused_and_harms_nothing(machine: Fake) -> None:
    first, second = staged(machine, "one"), staged(machine, "two")
    settled(machine, first)
    before = opened(machine)
    with pytest.raises(WindowOpen, match=f"the apply of ann of generation {first} is waiting"):
        begin(machine, asked(second))
    assert opened(machine) == before


def test_who_is_at_it_already_is_named(machine: Fake) -> None:
    number = staged(machine, "one")
    with lock(machine.places, "bob"), pytest.raises(Held, match="bob"):
        begin(machine, asked(number))
    assert begin(machine, asked(number))


def test_what_was_planned_with_must_be_there_still(machine: Fake) -> None:
    number = staged(machine, "one")
    seen = live.digest(machine.look(0))
    machine.world.also.append("a rule of somebody's")
    with pytest.raises(Drifted):
        begin(machine, asked(number, expect=seen))
    assert machine.world.did == []
    machine.world.also.clear()
    assert begin(machine, asked(number, expect=seen))


def test_the_same_again_touches_nothing(machine: Fake) -> None:
    confirmed(machine, staged(machine, "one"))
    before = {path: path.stat().st_mtime_ns for path in machine.places.root.rglob("*") if path.is_file()}
    machine.world.did.clear()
    again = staged(machine, "one")
    assert not begin(machine, asked(again))
    assert machine.world.did == []
    changed = {path.name for path, when in before.items() if path.stat().st_mtime_ns != when}
    assert changed <= {"last", ".lock", machine.places.lock.name}, "beside what staging itself touches"


def test_the_same_again_on_a_device_that_drifted_is_an_apply(machine: Fake) -> None:
    first = staged(machine, "one")
    confirmed(machine, first)
    machine.world.also.append("changed by hand")
    assert begin(machine, asked(staged(machine, "one")))


def test_a_damaged_old_generation_is_found_before_anything_is_changed(machine: Fake) -> None:
    first = staged(machine, "one")
    confirmed(machine, first)
    second = staged(machine, "two")
    (machine.places.generations / str(first) / f"files{FILE}").write_bytes(b"onf")
    machine.world.did.clear()
    with pytest.raises(Damaged, match=f"generation {first}"):
        begin(machine, asked(second))
    assert machine.world.did == []
    with pytest.raises(Damaged):
        deadman.ready(machine, first)


def test_a_timer_that_cannot_read_all_of_it_is_not_armed(machine: Fake) -> None:
    first, second = staged(machine, "one"), staged(machine, "two")
    confirmed(machine, first)
    assert begin(machine, asked(second))
    with record.held(machine.places):
        record.save(machine.places, replace(opened(machine), phase=Phase.ARMED))
    (machine.places.generations / str(first) / f"files{FILE}").write_bytes(b"onf")
    ready: list[str] = []
    with pytest.raises(Damaged):
        deadman.run(machine, ready.append)
    assert ready == []


def test_a_window_of_another_boot_that_no_boot_saw_is_ended_by_the_next_apply(machine: Fake) -> None:
    settled(machine, staged(machine, "one"))
    machine.world.boot = "second"
    machine.world.did.clear()
    with pytest.raises(WindowOpen, match="returning"):
        begin(machine, asked(staged(machine, "two")))
    assert machine.world.did == ["wake"]


def test_the_beginning_is_refused_whoever_else_opened_a_window_meanwhile(machine: Fake) -> None:
    number = staged(machine, "one")
    settled(machine, number)
    with record.held(machine.places):
        record.save(machine.places, replace(opened(machine), phase=Phase.STUCK))
    with pytest.raises(WindowOpen, match="stuck"):
        begin(machine, asked(number))
