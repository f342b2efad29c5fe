"""An apply from beginning to end, on a device that is made up: what is done, in what order, and what is left."""

from __future__ import annotations

import json

import pytest

from bailiwick.agent.disk import record
from bailiwick.agent.disk.store import Store
from bailiwick.agent.window import news, switcher
from bailiwick.agent.window.course import (
    NoWindow,
    Refused,
    begin,
    carry,
)
from bailiwick.agent.window.decisions import Confirm, Extend, Failed, GiveUp, Phase
from tests.agent.course.applying import asked, confirmed, opened, settled, timer, whats
from tests.agent.course.fake import TOKEN, Fake, staged


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
