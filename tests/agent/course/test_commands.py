"""The agent's commands as they are asked and as they answer: JSON in, JSON out, never a traceback."""

from __future__ import annotations

import base64
import io
import json
import sys
from typing import Any

import pytest

from bailiwick.agent import failures
from bailiwick.agent.commands import CommandFailed
from bailiwick.agent.disk.store import Store
from bailiwick.agent.main import COMMANDS, main
from bailiwick.agent.model import Generation, as_text
from bailiwick.agent.window import switcher
from bailiwick.apply import protocol
from tests.agent.course.fake import FILE, TOKEN, WORD, Fake, staged


class Asking:
    """``ask`` gives the exit status, what came before the answer, and the answer."""

    def __init__(self, machine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.machine, self._patch, self._capsys = machine, monkeypatch, capsys

    def ask(self, command: str, asked: object = None) -> tuple[int, list[dict[str, Any]], dict[str, Any]]:
        text = b"" if asked is None else json.dumps(asked).encode()
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        status = main([command], self.machine)
        *news, answer = (json.loads(line) for line in self._capsys.readouterr().out.splitlines())
        return status, news, answer

    def good(self, command: str, asked: object = None) -> dict[str, Any]:
        status, _, answer = self.ask(command, asked)
        assert status == 0, answer
        return answer

    def refused(self, command: str, asked: object = None) -> str:
        status, _, answer = self.ask(command, asked)
        assert status == protocol.REFUSED
        assert answer["kind"] in protocol.KINDS
        assert answer["error"]
        return str(answer["kind"])


@pytest.fixture
def agent(machine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asking:
    monkeypatch.setattr("signal.signal", lambda *_: None)  # of this process they are pytest's
    monkeypatch.setattr("bailiwick.agent.questions.state", lambda unit: "active")
    return Asking(machine, monkeypatch, capsys)


def begun(agent: Asking, number: int, **more: object) -> dict[str, Any]:
    asked = {"number": number, "patience": 120, "limit": 180, "token": TOKEN, "owner": "ann", "expect": ""}
    return agent.good("begin", {**asked, **more})


def test_from_staging_to_the_confirmed_generation(agent: Asking) -> None:
    staged(agent.machine, "before")
    generation = json.loads(as_text(Store(agent.machine.places).generation(1)))
    contents = {FILE: base64.b64encode(b"before").decode()}
    number = agent.good("stage", {"generation": {**generation, "number": 0}, "contents": contents})["number"]
    assert number == 2
    assert begun(agent, number) == {"began": True}
    window = agent.good("status")["window"]
    assert (window["old"], window["new"], window["phase"], window["left"]) == (0, 2, "switching", 180.0)
    assert "token" not in window
    assert switcher.run(agent.machine) == 0
    _, news, answer = agent.ask("progress", {"after": 1, "wait": 5})
    assert [line["line"] for line in news] == list(range(2, len(news) + 2))
    assert answer["window"]["phase"] == "waiting"
    assert agent.refused("begin", {"number": 1, "token": TOKEN}) == "window-open"
    assert agent.refused("confirm", {"token": TOKEN}) == "refused", "the word itself is asked, not its sum"
    assert agent.good("extend", {"patience": 500})["window"]["left"] == 500.0
    assert agent.good("confirm", {"token": WORD}) == {"confirmed": 2, "text": "generation 2 is confirmed"}
    status = agent.good("status")
    assert (status["window"], status["confirmed"], status["device"]) == (None, 2, "gate")
    history = agent.good("history")
    assert history["entries"][-1]["what"] == "confirmed"
    assert [(one["number"], one["confirmed"], one["whole"]) for one in history["generations"]] == [
        (1, False, True),
        (2, True, True),
    ]
    assert begun(agent, 1) == {"unchanged": True}


def test_given_up_it_says_what_comes_back(agent: Asking) -> None:
    begun(agent, staged(agent.machine, "one"))
    assert agent.good("rollback", {"why": "no"}) == {"returning": 0}
    assert agent.refused("rollback", {"why": "no"}) == "refused"


def test_units_that_died_are_not_confirmed(agent: Asking) -> None:
    begun(agent, staged(agent.machine, "one"))
    switcher.run(agent.machine)
    agent.machine.world.down = ("bailiwick-dnsmasq@main.service is failed",)
    _, _, answer = agent.ask("confirm", {"token": WORD})
    assert "dnsmasq@main.service is failed" in answer["error"]
    agent.machine.world.down = ()
    agent.good("confirm", {"token": WORD})


def test_who_came_by_an_address_that_goes_shows_nothing_of_the_new_one(agent: Asking) -> None:
    begun(agent, staged(agent.machine, "one"))
    switcher.run(agent.machine)
    agent.machine.world.going = "192.168.11.2"
    _, _, answer = agent.ask("confirm", {"token": WORD})
    assert "192.168.11.2, which goes" in answer["error"]
    assert agent.good("status")["window"]["phase"] == "waiting"
    agent.machine.world.going = ""
    agent.good("confirm", {"token": WORD})


def test_the_window_closes_for_a_word_that_comes_late(agent: Asking) -> None:
    begun(agent, staged(agent.machine, "one"))
    switcher.run(agent.machine)
    agent.machine.world.clock += 121
    assert agent.refused("confirm", {"token": WORD}) == "refused"
    assert agent.good("status")["window"]["phase"] == "returning"


def test_secrets_are_shown_by_their_markers(agent: Asking) -> None:
    number = staged(agent.machine, "password: sesame", shown="password: <secret:wifi>")
    answer = agent.good("show", {"number": number})
    assert base64.b64decode(answer["contents"][FILE]) == b"password: <secret:wifi>"
    assert "sesame" not in json.dumps(answer)


@pytest.mark.parametrize("command", ["confirm", "extend", "rollback"])
def test_without_a_window(agent: Asking, command: str) -> None:
    assert agent.refused(command, {"token": WORD, "patience": 1}) == "no-window"


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("begin", {"number": "one", "token": TOKEN}),
        ("begin", {"number": 0, "token": "short"}),
        ("begin", {"number": 0, "token": TOKEN, "patience": -1}),
        ("begin", {"number": 0, "token": TOKEN, "patience": True}),
        ("begin", []),
        ("stage", {"generation": {}, "contents": {}}),
        ("stage", {}),
        ("show", {}),
        ("preflight", {"generation": 7}),
        ("nonsense", {}),
    ],
)
def test_what_is_no_question(agent: Asking, command: str, asked: object) -> None:
    assert agent.refused(command, asked) == "input"


def test_a_generation_that_is_not_there(agent: Asking) -> None:
    assert agent.refused("show", {"number": 7}) == "unknown-generation"
    assert agent.refused("begin", {"number": 7, "token": TOKEN}) == "unknown-generation"


def test_a_full_disk_is_told_before_anything_is_written(agent: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    generation = json.loads(as_text(Generation(0, "gate", "debian-12")))
    monkeypatch.setattr("bailiwick.agent.disk.space.ensure", lambda *_: "/var: 1 KiB are free, and 9 KiB are needed")
    assert agent.refused("stage", {"generation": generation, "contents": {}}) == "space"


def test_nothing_of_ours_is_destroyed_while_it_stands(agent: Asking) -> None:
    begun(agent, staged(agent.machine, "one"))
    assert agent.refused("destroy") == "installed"


def test_a_mistake_of_the_agents_own_is_one_sentence(agent: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(Fake, "look", broken)
    status, _, answer = agent.ask("live")
    assert status == 1
    assert answer["kind"] == "world"
    assert "the agent made a mistake (" in answer["error"]
    assert "ZeroDivisionError: by nought" in answer["error"]


def test_every_kind_is_of_the_protocol() -> None:
    assert set(failures.KINDS.values()) <= set(protocol.KINDS)


def test_every_command_of_the_protocol_is_there() -> None:
    table = (protocol.__doc__ or "").split("=============")[4:]
    for name in COMMANDS:
        assert f"``{name}``" in "".join(table), name


def test_a_tool_that_failed_is_of_the_world(agent: Asking) -> None:
    answer = failures.answer(agent.machine, CommandFailed("`nft` failed (1): no"))
    assert answer == {"error": "`nft` failed (1): no", "kind": "world"}
