"""An apply from beginning to end, on a device that is made up: what is done, in what order, and what is left."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bailiwick.agent.disk import durable, history, record
from bailiwick.agent.disk.lock import Held, lock
from bailiwick.agent.disk.pointer import Damaged
from bailiwick.agent.disk.store import Store
from bailiwick.agent.look import live
from bailiwick.agent.model import Probe
from bailiwick.agent.places import Places
from bailiwick.agent.window import boot, deadman, news, probing, switcher
from bailiwick.agent.window.course import (
    Asked,
    Drifted,
    NotArmed,
    NoWindow,
    Refused,
    WindowOpen,
    begin,
    carry,
    finish,
    note,
)
from bailiwick.agent.window.deadman import ENDS, Timer
from bailiwick.agent.window.decisions import Confirm, Extend, Failed, GiveUp, Phase, Window
from tests.agent.course.fake import FILE, TOKEN, Fake, staged


def asked(number: int, *, expect: str = "", limit: float = 180.0) -> Asked:
    return Asked(number, 120.0, limit, TOKEN, "ann", expect)


def opened(machine: Fake) -> Window:
    window = record.load(machine.places)
    assert window is not None
    return window


def timer(machine: Fake) -> int:
    """The dead-man's process, until it ends; its clock runs as it sleeps."""
    return deadman.run(machine, lambda text: None)


def settled(machine: Fake, number: int) -> None:
    assert begin(machine, asked(number))
    assert switcher.run(machine) == 0
    machine.world.switches = False
    assert opened(machine).phase is Phase.WAITING


def confirmed(machine: Fake, number: int) -> None:
    settled(machine, number)
    carry(machine, Confirm(TOKEN, machine.now(), machine.now()))
    assert Store(machine.places).confirmed() == number


def whats(machine: Fake) -> list[str]:
    return [entry["what"] for entry in history.entries(machine.places)]


def test_it_is_remembered_and_armed_before_the_switch_is_started(machine: Fake) -> None:
    number = staged(machine, "one")
    assert begin(machine, asked(number))
    assert machine.world.did == [f"remember {number}", "settle in", "timer", "switch"]
    window = opened(machine)
    assert (window.old, window.new, window.phase, window.owner) == (0, number, Phase.SWITCHING, "ann")
    assert window.deadline == 1000.0 + 180.0


def test_confirmed_in_time_it_stays(machine: Fake) -> None:
    number = staged(machine, "one")
    settled(machine, number)
    decision = carry(machine, Confirm(TOKEN, machine.now(), machine.now()))
    assert decision.window is None
    assert record.load(machine.places) is None
    assert Store(machine.places).confirmed() == number
    assert machine.world.did[-1] == f"committed {number}"
    assert not machine.places.live.exists()
    assert whats(machine) == ["confirmed"]
    assert timer(machine) == 0
    assert machine.world.stands == number


def test_the_window_counts_from_when_it_stood(machine: Fake) -> None:
    assert begin(machine, asked(staged(machine, "one")))
    machine.world.clock += 100
    assert switcher.run(machine) == 0
    assert opened(machine).deadline == 1000.0 + 100 + 120


def test_silence_brings_the_old_one_back_and_closes(machine: Fake) -> None:
    first, second = staged(machine, "one"), staged(machine, "two")
    confirmed(machine, first)
    settled(machine, second)
    assert timer(machine) == 0
    assert machine.world.stands == first
    assert 120 <= machine.now() - 1000.0 < 121
    assert record.load(machine.places) is None
    assert Store(machine.places).confirmed() == first
    last = history.entries(machine.places)[-1]
    assert (last["what"], last["generation"]) == ("returned", second)
    assert "nobody confirmed it in time" in last["reason"]


def test_a_switch_that_fails_is_taken_back_at_once(machine: Fake) -> None:
    number = staged(machine, "one")
    machine.world.broken = {number}
    assert begin(machine, asked(number))
    assert switcher.run(machine) == 1
    assert opened(machine).phase is Phase.RETURNING
    assert machine.world.did[-1] == "wake"
    began = machine.now()
    assert timer(machine) == 0
    assert machine.world.stands == 0
    assert machine.now() - began < 1
    assert "nft does not take it" in history.entries(machine.places)[-1]["reason"]


@pytest.mark.parametrize("must", [True, False])
def test_a_probe_that_must_hold_and_does_not_takes_it_back(
    machine: Fake, monkeypatch: pytest.MonkeyPatch, must: bool
) -> None:
    monkeypatch.setattr(probing, "holds", lambda probe: "the default route leaves by wan: it does not")
    assert begin(machine, asked(staged(machine, "one", (Probe("uplink", "wan", must=must),))))
    assert switcher.run(machine) == (1 if must else 0)
    assert opened(machine).phase is (Phase.RETURNING if must else Phase.WAITING)
    told = [line["probe"] for line in news.lines(machine.places, 0) if line["probe"]]
    assert told == [{"kind": "uplink", "what": "wan", "holds": False}]


def test_a_switch_that_is_killed_is_missed_and_taken_back(machine: Fake) -> None:
    assert begin(machine, asked(staged(machine, "one")))
    machine.world.stands, machine.world.switches = -1, False
    assert timer(machine) == 0
    assert machine.world.stands == 0
    assert machine.now() - 1000.0 < 10
    assert "ended without a word" in history.entries(machine.places)[-1]["reason"]


def test_a_switch_that_came_to_stand_meanwhile_is_not_missed(machine: Fake) -> None:
    """Its unit is gone because it is done: what was seen before the record was held no longer counts."""
    settled(machine, staged(machine, "one"))
    _, decision = note(machine, Failed("the switch ended without a word"), only=Phase.SWITCHING)
    assert decision.do == ()
    assert opened(machine).phase is Phase.WAITING


def test_a_switch_that_never_ends_is_taken_back_at_its_limit(machine: Fake) -> None:
    assert begin(machine, asked(staged(machine, "one"), limit=60))
    machine.world.stands = -1
    assert timer(machine) == 0
    assert machine.world.stands == 0
    assert not machine.world.switches
    assert 60 <= machine.now() - 1000.0 < 61


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


def test_what_had_drifted_and_was_taken_over_is_not_missed_afterwards(machine: Fake) -> None:
    """It cannot come back: the old generation does, and is held against itself."""
    first, second = staged(machine, "one"), staged(machine, "two")
    confirmed(machine, first)
    machine.world.also.append("changed by hand")
    settled(machine, second)
    machine.world.also.clear()
    carry(machine, GiveUp())
    assert timer(machine) == 0
    assert whats(machine)[-1] == "returned"


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


def test_asked_for_it_goes_back_by_the_timer(machine: Fake) -> None:
    settled(machine, staged(machine, "one"))
    carry(machine, GiveUp("the wrong house"))
    assert opened(machine).phase is Phase.RETURNING
    assert machine.world.did[-1] == "wake"
    assert timer(machine) == 0
    assert machine.world.stands == 0
    assert history.entries(machine.places)[-1]["reason"] == "generation 0 is back: the wrong house"


def test_a_daemon_that_dies_in_the_window_takes_it_back(machine: Fake) -> None:
    settled(machine, staged(machine, "one"))
    end = machine.now() + 30

    def die() -> None:
        if machine.now() >= end:
            machine.world.down = ("bailiwick-dnsmasq@main.service is failed",)

    machine.world.while_sleeping = die
    assert timer(machine) == 0
    assert machine.now() - 1000.0 < 45
    assert "dnsmasq@main.service is failed" in history.entries(machine.places)[-1]["reason"]


def test_a_daemon_that_is_started_anew_in_the_window_does_not(machine: Fake) -> None:
    number = staged(machine, "one")
    settled(machine, number)

    def restart() -> None:
        machine.world.down = ("it is inactive",) if 1020 <= machine.now() < 1025 else ()
        if machine.now() >= 1060 and record.load(machine.places):
            carry(machine, Confirm(TOKEN, machine.now(), machine.now()))

    machine.world.while_sleeping = restart
    assert timer(machine) == 0
    assert Store(machine.places).confirmed() == number


def test_more_time_is_given(machine: Fake) -> None:
    settled(machine, staged(machine, "one"))
    machine.world.clock += 100
    carry(machine, Extend(machine.now(), 300))
    assert opened(machine).deadline == 1000.0 + 100 + 300


def test_an_old_connection_does_not_confirm(machine: Fake) -> None:
    number = staged(machine, "one")
    settled(machine, number)
    with pytest.raises(Refused, match="older than the new generation"):
        carry(machine, Confirm(TOKEN, opened(machine).settled - 1, machine.now()))
    assert Store(machine.places).confirmed() == 0
    assert opened(machine).phase is Phase.WAITING


def test_what_is_still_otherwise_is_tried_again_and_then_told(machine: Fake) -> None:
    settled(machine, staged(machine, "one"))
    machine.world.also.append("a rule that stays")
    carry(machine, GiveUp())
    assert timer(machine) == 0
    window = opened(machine)
    assert window.phase is Phase.STUCK
    assert "a rule that stays" in window.reason
    assert machine.world.did.count("to 0") == 3
    assert timer(machine) == 0, "and then it is left alone"


def test_stuck_goes_on_once_it_is_asked_to(machine: Fake) -> None:
    test_what_is_still_otherwise_is_tried_again_and_then_told(machine)
    machine.world.also.clear()
    carry(machine, GiveUp("mended by hand"))
    assert timer(machine) == 0
    assert record.load(machine.places) is None


def test_a_device_takes_its_time_to_look_as_before(machine: Fake) -> None:
    settled(machine, staged(machine, "one"))
    machine.world.also.append("a lease that is renewed")
    end = machine.now() + 10

    def come_back() -> None:
        if machine.now() >= end:
            machine.world.also.clear()

    machine.world.while_sleeping = come_back
    carry(machine, GiveUp())
    assert timer(machine) == 0
    assert machine.world.did.count("to 0") == 1
    assert record.load(machine.places) is None


def test_a_boot_in_the_window_puts_the_old_files_back_first(machine: Fake) -> None:
    first, second = staged(machine, "one"), staged(machine, "two")
    confirmed(machine, first)
    settled(machine, second)
    machine.world.boot, machine.world.clock = "second", 3.0
    machine.world.did.clear()
    assert boot.run(machine) == 0
    assert machine.world.did == [f"files of {first}", "wake"]
    assert opened(machine).phase is Phase.RETURNING
    assert opened(machine).boot == "second"
    assert timer(machine) == 0
    assert machine.world.stands == first
    assert "restarted" in history.entries(machine.places)[-1]["reason"]


def test_a_boot_without_a_window_does_nothing(machine: Fake) -> None:
    confirmed(machine, staged(machine, "one"))
    machine.world.boot = "second"
    machine.world.did.clear()
    assert boot.run(machine) == 0
    assert machine.world.did == []


def test_a_power_cut_after_the_commit_leaves_the_new_one(machine: Fake) -> None:
    """Between the moment that the generation is the confirmed one and the record's end."""
    number = staged(machine, "one")
    settled(machine, number)
    Store(machine.places).confirm(number)
    machine.world.boot = "second"
    machine.world.did.clear()
    assert boot.run(machine) == 0
    assert machine.world.did == ["wake"]
    assert not machine.places.window.exists()
    assert timer(machine) == 0
    assert machine.world.did == ["wake", f"committed {number}"]
    assert not machine.places.live.exists()
    assert begin(machine, asked(staged(machine, "two")))


def test_what_a_word_s_bringer_leaves_undone_by_dying_the_timer_does(machine: Fake) -> None:
    number = staged(machine, "one")
    settled(machine, number)
    Store(machine.places).confirm(number)
    machine.world.did.clear()
    clock = Timer(machine, lambda text: None)
    assert clock.look()
    assert machine.world.did == []
    machine.world.clock += ENDS
    assert not clock.look()
    assert machine.world.did == [f"committed {number}"]
    assert not machine.places.window.exists()
    assert not machine.places.live.exists()
    assert whats(machine)[-1] == "confirmed"


def test_the_timer_is_there_before_the_record_and_leaves_when_none_comes(machine: Fake) -> None:
    confirmed(machine, staged(machine, "one"))
    machine.places.live.write_text("{}")
    clock = Timer(machine, lambda text: None)
    with lock(machine.places, "ann"):
        assert clock.look()
        machine.world.clock += 2 * ENDS
        assert clock.look()
    assert clock.look()  # whoever began is gone, or at its end
    machine.world.clock += ENDS
    assert not clock.look()
    assert not machine.places.live.exists()
    assert whats(machine) == ["confirmed"]


def test_a_record_that_somebody_took_away_is_written_again_and_goes_back(machine: Fake) -> None:
    first, second = staged(machine, "one"), staged(machine, "two")
    confirmed(machine, first)
    settled(machine, second)
    clock = Timer(machine, lambda text: None)
    assert clock.look()
    machine.places.window.unlink()
    assert clock.look()
    assert opened(machine).phase is Phase.RETURNING
    clock.look()
    assert machine.world.stands == first
    assert "taken away" in history.entries(machine.places)[-1]["reason"]


def test_the_timer_finishes_nothing_while_the_next_apply_begins(machine: Fake) -> None:
    number = staged(machine, "one")
    settled(machine, number)
    Store(machine.places).confirm(number)
    machine.world.did.clear()
    with lock(machine.places, "ann"):
        finish(machine)
    assert machine.world.did == []
    assert machine.places.live.exists()


def test_a_damaged_record_stands_for_the_confirmed_generation(machine: Fake) -> None:
    first, second = staged(machine, "one"), staged(machine, "two")
    confirmed(machine, first)
    settled(machine, second)
    machine.places.window.write_text("{")
    assert timer(machine) == 0
    assert machine.world.stands == first
    assert record.load(machine.places) is None


@pytest.mark.slow
def test_a_damaged_pointer_is_set_again_by_what_the_record_says(machine: Fake) -> None:
    first, second = staged(machine, "one"), staged(machine, "two")
    confirmed(machine, first)
    settled(machine, second)
    machine.places.confirmed.unlink()
    machine.places.confirmed.write_text("rubbish")
    assert timer(machine) == 0
    assert machine.world.stands == first
    assert Store(machine.places).confirmed() == first


@pytest.mark.slow
def test_an_old_generation_that_is_damaged_in_the_window_is_told(machine: Fake) -> None:
    """Nothing better can be done than to try; the timer neither gives up before nor dies of it."""
    first, second = staged(machine, "one"), staged(machine, "two")
    confirmed(machine, first)
    settled(machine, second)
    (machine.places.generations / str(first) / f"files{FILE}").write_bytes(b"onf")
    machine.world.broken = {first}
    assert timer(machine) == 0
    assert opened(machine).phase is Phase.STUCK
    assert any("not everything is there to go back with" in line["text"] for line in news.lines(machine.places, 0))


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


def test_uninstalled_our_units_go_with_the_commit(machine: Fake) -> None:
    confirmed(machine, staged(machine, "one"))
    settled(machine, 0)
    assert "move out" not in machine.world.did
    carry(machine, Confirm(TOKEN, machine.now(), machine.now()))
    assert machine.world.did[-1] == "move out"
    assert Store(machine.places).confirmed() == 0


def test_without_a_window_there_is_nothing_to_decide(machine: Fake) -> None:
    with pytest.raises(NoWindow):
        carry(machine, GiveUp())
    with pytest.raises(NoWindow):
        carry(machine, Failed("late"))


def test_a_commit_that_the_disk_refuses_leaves_the_window_open(machine: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(machine, staged(machine, "one"))

    def refused(self: Store, number: int) -> None:
        raise durable.NotWritten("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "confirm", refused)
        with pytest.raises(durable.NotWritten):
            carry(machine, Confirm(TOKEN, machine.now(), machine.now()))
    assert opened(machine).phase is Phase.WAITING
    carry(machine, Confirm(TOKEN, machine.now(), machine.now()))


def test_a_record_that_the_disk_refuses_does_not_keep_the_old_one_away(
    machine: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(machine, staged(machine, "one"))
    refusals = 3
    save = record.save

    def full(places: object, window: Window) -> None:
        nonlocal refusals
        refusals -= 1
        if refusals >= 0:
            raise durable.NotWritten("the disk is full")
        save(machine.places, window)

    monkeypatch.setattr(record, "save", full)
    assert timer(machine) == 0
    assert machine.world.stands == 0
    assert machine.now() - 1000.0 < 125
    assert record.load(machine.places) is None


def test_a_record_that_never_can_be_written_does_not_either(machine: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk refuses until the old generation is back, so the record cannot even say that it is on its way."""
    settled(machine, staged(machine, "one"))
    save = record.save

    def full(places: Places, window: Window) -> None:
        if machine.world.stands != 0:
            raise durable.NotWritten("the disk is full")
        save(places, window)

    monkeypatch.setattr(record, "save", full)

    def give_up() -> None:
        assert machine.now() < 1300, "it never came back"

    machine.world.while_sleeping = give_up
    assert timer(machine) == 0
    assert machine.world.stands == 0


def test_progress_is_told_in_lines(machine: Fake) -> None:
    settled(machine, staged(machine, "one"))
    lines = news.lines(machine.places, 0)
    assert [line["line"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line["step"] for line in lines][-1] == "settled"
    assert news.lines(machine.places, len(lines) - 1) == lines[-1:]


def test_the_record_bears_no_word(machine: Fake) -> None:
    settled(machine, staged(machine, "one"))
    text = machine.places.window.read_text()
    assert json.loads(text)["window"]["token"] == TOKEN
    assert "a word that nobody guesses" not in text


def test_the_beginning_is_refused_whoever_else_opened_a_window_meanwhile(machine: Fake) -> None:
    number = staged(machine, "one")
    settled(machine, number)
    with record.held(machine.places):
        record.save(machine.places, replace(opened(machine), phase=Phase.STUCK))
    with pytest.raises(WindowOpen, match="stuck"):
        begin(machine, asked(number))
