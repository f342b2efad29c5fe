"""Power, processes and files that go in the middle of an apply: what is left stands for one generation."""

from __future__ import annotations

import pytest

from bailiwick.agent.disk import durable, history, record
from bailiwick.agent.disk.lock import lock
from bailiwick.agent.disk.store import Store
from bailiwick.agent.places import Places
from bailiwick.agent.window import boot, news
from bailiwick.agent.window.course import (
    begin,
    carry,
    finish,
)
from bailiwick.agent.window.deadman import ENDS, Timer
from bailiwick.agent.window.decisions import Confirm, Phase, Window
from tests.agent.course.applying import asked, confirmed, opened, settled, timer, whats
from tests.agent.course.fake import FILE, TOKEN, Fake, staged


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


def test_a_commit_that_a_power_cut_kept_from_the_history_is_told_after_the_boot(machine: Fake) -> None:
    """Between the record's end and the history's line."""
    number = staged(machine, "one")
    settled(machine, number)
    Store(machine.places).confirm(number)
    record.clear(machine.places)
    machine.world.boot = "second"
    assert boot.run(machine) == 0
    assert timer(machine) == 0
    last = history.entries(machine.places)[-1]
    assert (last["what"], last["generation"]) == ("confirmed", number)
    assert timer(machine) == 0
    assert whats(machine).count("confirmed") == 1


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
    assert "run ssh.service again" in machine.world.did
    assert not any(did.startswith("rid of") for did in machine.world.did), "our own table may be one of them"


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
