"""The way back: who is silent, fails, dies or asks for it."""

from __future__ import annotations

import pytest

from bailiwick.agent.disk import history, record
from bailiwick.agent.disk.store import Store
from bailiwick.agent.model import Probe
from bailiwick.agent.window import news, probing, switcher
from bailiwick.agent.window.course import (
    begin,
    carry,
    note,
)
from bailiwick.agent.window.decisions import Confirm, Failed, GiveUp, Phase
from tests.agent.course.applying import asked, confirmed, opened, settled, timer, whats
from tests.agent.course.fake import TOKEN, Fake, staged


def test_silence_brings_the_old_one_back_and_closes(machine: Fake) -> None:
    first, second = staged(machine, "one"), staged(machine, "two")
    confirmed(machine, first)
    settled(machine, second)
    assert timer(machine) == 0
    assert machine.world.stands == first
    assert "run ssh.service again" in machine.world.did
    assert "rid of all but ('inet bailiwick',)" in machine.world.did
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


def test_what_had_drifted_and_was_taken_over_is_not_missed_afterwards(machine: Fake) -> None:
    """It cannot come back: the old generation does, and is held against itself, with its rules as they were listed at
    the beginning: the timer may make no namespace to load them in (``units.SANDBOX``)."""
    first, second = staged(machine, "one"), staged(machine, "two")
    confirmed(machine, first)
    machine.world.also.append("changed by hand")
    settled(machine, second)
    machine.world.also.clear()
    machine.world.known.clear()
    carry(machine, GiveUp())
    assert timer(machine) == 0
    assert whats(machine)[-1] == "returned"
    assert machine.world.known == [{f"the rules of {first}": "as nft lists them"}]


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
