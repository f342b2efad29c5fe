"""An apply as the owner's side carries it out, against a process that speaks as the agent does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bailiwick.apply.following import End, Ended
from bailiwick.apply.generations import pack
from bailiwick.apply.protocol import Garbled, Refusal
from bailiwick.apply.session import Session, Terms
from bailiwick.apply.tokens import Token
from bailiwick.apply.transport import Unreachable
from bailiwick.targets.artifact import Artifact, Tree
from tests.apply.stub import Stub, refusal

TOKEN = Token("/home.yaml", "gate", "gate", 3, "the word")
TERMS = Terms("me@here", patience=30, limit=60, expect="ab")
SECRET = "not to be seen"
CUT: dict[str, Any] = {"status": 255, "errors": "client_loop: send disconnect: Broken pipe"}
CLOSED: dict[str, Any] = {"status": 255, "errors": "ssh: connect to host gate port 22: Connection refused"}


class Clock:
    """Time passes only by waiting."""

    def __init__(self, least: float = 0.0) -> None:
        """``least``: seconds that every wait takes."""
        self.now, self._least = 0.0, least

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, self._least)


@pytest.fixture
def stub(tmp_path: Path) -> Stub:
    return Stub(tmp_path)


def session(stub: Stub, clock: Clock | None = None) -> Session:
    clock = clock or Clock()
    return Session(stub.agent, clock, clock.sleep)


def line(number: int, text: str = "x") -> dict[str, Any]:
    return {"line": number, "at": 1.0, "step": "switch", "text": text, "probe": None}


def open_window(phase: str, new: int = 3, reason: str = "") -> dict[str, Any]:
    return {"window": {"old": 2, "new": new, "phase": phase, "left": 25.0, "owner": "me", "reason": reason}}


def follow(stub: Stub, clock: Clock | None = None) -> tuple[Ended, list[Mapping[str, Any]]]:
    heard: list[Mapping[str, Any]] = []
    return session(stub, clock).follow(3, TERMS, heard.append), heard


def test_a_window_is_opened_with_a_digest_and_never_with_the_word(stub: Stub) -> None:
    stub.says("begin", {"began": True})

    assert session(stub).begin(3, TOKEN, TERMS)
    assert stub.given("begin") == [
        {"number": 3, "patience": 30, "limit": 60, "token": TOKEN.digest, "owner": "me@here", "expect": "ab"}
    ]
    assert TOKEN.word not in json.dumps(stub.log)


def test_nothing_to_do_opens_none(stub: Stub) -> None:
    stub.says("begin", {"unchanged": True}).says("uninstall", {"unchanged": True})

    assert not session(stub).begin(3, TOKEN, TERMS)
    assert not session(stub).uninstall(TOKEN, TERMS)
    assert "number" not in stub.given("uninstall")[0]


def test_a_generation_is_staged_by_standard_input_alone(stub: Stub) -> None:
    tree = Tree("gate", (Artifact("/etc/x", "@SECRET:a@", 0o600, secrets={"@SECRET:a@": "a"}),))
    stub.says("stage", {"number": 7})

    assert session(stub).stage(pack(tree, "debian-12", {"a": SECRET})) == 7
    assert stub.given("stage")[0]["generation"]["device"] == "gate"
    assert SECRET not in json.dumps([one["words"] for one in stub.log])


def test_the_word_is_given_over_a_connection_of_its_own(stub: Stub) -> None:
    stub.says("confirm", {"confirmed": 3, "text": "generation 3 is confirmed"})

    assert session(stub).confirm("the word") == "generation 3 is confirmed"
    assert stub.given("confirm") == [{"token": "the word"}]
    assert stub.fresh == [True]
    assert "the word" not in json.dumps([one["words"] for one in stub.log])


def test_it_is_followed_until_it_stands_and_each_line_is_heard_once(stub: Stub) -> None:
    stub.says("progress", line(1), line(2), open_window("switching"))
    stub.says("progress", line(2), line(3), open_window("waiting"))
    ended, heard = follow(stub)

    assert ended == Ended(End.STANDS, 25.0)
    assert [one["line"] for one in heard] == [1, 2, 3]
    assert [one["after"] for one in stub.given("progress")] == [0, 2]


def test_a_cut_connection_is_made_anew(stub: Stub) -> None:
    stub.says("progress", line(1), **CUT).says("progress", **CLOSED)
    stub.says("progress", line(2), open_window("waiting"))
    ended, heard = follow(stub)

    assert ended.end is End.STANDS
    assert [one["line"] for one in heard if one["line"]] == [1, 2]
    assert [one["after"] for one in stub.given("progress")] == [0, 1, 1]
    assert "nothing listens for ssh" in next(one["text"] for one in heard if "listens" in one["text"])
    assert all(stub.fresh)


def test_a_device_that_is_never_heard_of_again_is_lost_in_the_end(stub: Stub) -> None:
    stub.says("progress", **CLOSED)
    clock = Clock(least=40)
    ended, _ = follow(stub, clock)

    assert ended == Ended(End.LOST)
    assert clock.now >= TERMS.limit + TERMS.patience


def test_one_that_went_back_says_why(stub: Stub) -> None:
    stub.says("progress", open_window("returning")).says("progress", {"window": None})
    stub.says("status", {"window": None, "confirmed": 2, "last": {"what": "returned", "reason": "a probe failed"}})

    assert follow(stub)[0] == Ended(End.BACK, why="a probe failed")


def test_one_that_somebody_else_confirmed(stub: Stub) -> None:
    stub.says("progress", {"window": None}).says("status", {"window": None, "confirmed": 3, "last": None})

    assert follow(stub)[0].end is End.CONFIRMED


def test_another_apply_s_window_is_not_taken_for_ours(stub: Stub) -> None:
    stub.says("progress", open_window("waiting", new=4))
    stub.says("status", {**open_window("waiting", new=4), "confirmed": 2, "last": None})
    ended, _ = follow(stub)

    assert ended.end is End.BACK
    assert "another apply" in ended.why


def test_one_that_is_stuck_says_what_differs(stub: Stub) -> None:
    stub.says("progress", open_window("stuck", reason="eth0 has no address"))

    assert follow(stub)[0] == Ended(End.STUCK, why="eth0 has no address")


def test_a_refusal_bears_its_kind_and_all_that_came_with_it(stub: Stub) -> None:
    stub.says("begin", {**refusal("an apply is open", "window-open"), **open_window("waiting", 9)}, status=1)
    with pytest.raises(Refusal, match="an apply is open") as caught:
        session(stub).begin(3, TOKEN, TERMS)

    assert caught.value.kind == "window-open"
    assert caught.value.data["window"]["new"] == 9


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("stage", {"number": "7"}),
        ("stage", {}),
        ("confirm", {}),
        ("drift", {"differences": []}),
        ("facts", {}),
        ("preflight", {"findings": [{"what": "x"}]}),
    ],
)
def test_an_answer_that_lacks_what_is_needed_is_none(stub: Stub, command: str, answer: dict[str, Any]) -> None:
    stub.says(command, answer)
    one = session(stub)
    packed = pack(Tree("gate", ()), "debian-12", {})
    ask: dict[str, Callable[[], object]] = {
        "stage": lambda: one.stage(packed),
        "confirm": lambda: one.confirm("w"),
        "drift": one.drift,
        "facts": one.look,
        "preflight": lambda: one.preflight(packed),
    }
    with pytest.raises(Garbled):
        ask[command]()


def test_drift_tells_ours_from_others(stub: Stub) -> None:
    ours, foreign = {"what": "a", "ours": True}, {"what": "b", "ours": False}
    stub.says("drift", {"digest": "ab", "differences": [ours, foreign]})

    assert session(stub).drift().ours == (ours,)


def test_a_device_that_cannot_be_reached_is_told_at_once(stub: Stub) -> None:
    stub.says("facts", **CLOSED)
    with pytest.raises(Unreachable):
        session(stub).look()
