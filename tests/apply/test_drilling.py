"""A lock-out on purpose: what is shut, and what is said of a device that comes back, or does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bailiwick.apply.facts import Facts
from bailiwick.apply.session import Session, Terms
from bailiwick.apply.tokens import kept
from bailiwick.targets.artifact import Tree
from bailiwick.workflow import drilling
from bailiwick.workflow.applying import Home, Target, mean_home, prove_home_of
from bailiwick.workflow.device_states import generation_against
from bailiwick.workflow.drilling import NoDrill, drill, lock_out
from bailiwick.workflow.way_in import way_in
from tests.apply.stub import Stub

EXAMPLE = Path(__file__).parents[2] / "examples" / "one-router.yaml"
TERMS = Terms("me", patience=10, limit=10)
CLOSED: dict[str, Any] = {"status": 255, "errors": "ssh: connect to host gate port 22: Connection timed out"}
WINDOW = {"old": 1, "new": 2, "phase": "returning", "left": 0.0, "owner": "me", "reason": ""}
BACK = {"window": None, "confirmed": 1, "last": {"what": "returned", "reason": "nobody confirmed it in time"}}


@pytest.fixture(scope="module")
def home() -> Home:
    return prove_home_of(mean_home(EXAMPLE, date(2026, 1, 1), "", "2026"))


@pytest.fixture(autouse=True)
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def stub(tmp_path: Path, home: Home) -> Stub:
    """A device that is as the home file says."""
    one = Stub(tmp_path)
    one.says("facts", facts(home)).says("stage", {"number": 2}).says("begin", {"began": True})
    return one


def facts(home: Home, *differences: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    generation = asdict(replace(home.meant.packed.generation, number=1))
    return {
        "system": {"id": "debian", "version": "12", "name": ""},
        "systemd": True,
        "links": [],
        "installed": {},
        "confirmed": 1,
        "generation": generation,
        "window": None,
        "drift": {"digest": "ab", "differences": list(differences)},
        **more,
    }


def run(stub: Stub, home: Home) -> tuple[drilling.Drilled, list[Mapping[str, Any]]]:
    heard: list[Mapping[str, Any]] = []
    session = Session(stub.agent, sleep=lambda _seconds: None)
    return drill(session, home, Target(EXAMPLE, "router", "gate"), TERMS, heard.append), heard


def test_nobody_is_let_in_and_what_passes_through_goes_on(home: Home) -> None:
    shut = lock_out(home.tree)
    changed = [a.path for a, b in zip(home.tree.artifacts, shut.artifacts, strict=True) if a != b]
    compared = generation_against("shut", {a.path: a.text for a in shut.artifacts}, home.proven)
    owner = Facts("debian", "12", True, (), {}, 1, None, None, came_by="192.168.11.254", came_from="192.168.11.5")

    assert changed == ["/etc/bailiwick/firewall.nft"]
    assert not way_in(home.proven.device, owner)
    assert way_in(compared.old.side.device, owner)
    assert {one.egress for one in compared.comparison.allowed} == {"router"}
    assert compared.comparison.denied == ()


def test_what_has_no_firewall_is_not_drilled() -> None:
    with pytest.raises(NoDrill, match="no firewall"):
        lock_out(Tree("hv", ()))


@pytest.mark.slow
def test_a_device_that_was_locked_and_came_back_as_it_was(stub: Stub, home: Home) -> None:
    stub.says("progress", **CLOSED).says("progress", {"window": WINDOW}).says("progress", {"window": None})
    stub.says("status", BACK)
    done, heard = run(stub, home)

    assert done.holds
    assert done.why == "nobody confirmed it in time"
    assert heard[0]["step"] == "connection"
    assert stub.given("begin")[0]["expect"] == "ab"
    assert kept(EXAMPLE) == ()


@pytest.mark.slow
def test_one_that_is_not_as_it_was_does_not_hold(stub: Stub, home: Home) -> None:
    stub.says("facts", facts(home, {"what": "x", "ours": True, "text": "eth0 has no address."}))
    stub.says("progress", **CLOSED).says("progress", {"window": None}).says("status", BACK)
    done, _ = run(stub, home)

    assert not done.holds
    assert done.differs == ("eth0 has no address.",)


def test_one_that_was_never_locked_shows_nothing_and_is_given_back_at_once(stub: Stub, home: Home) -> None:
    stub.says("progress", **CLOSED)  # a connection that was cut for a moment is no lock
    stub.says("progress", {"window": {**WINDOW, "phase": "waiting"}}).says("progress", {"window": None})
    stub.says("rollback", {"returning": 1}).says("status", BACK)
    done, _ = run(stub, home)

    assert (done.back, done.shut, done.holds) == (True, 0.0, False)


def test_one_that_is_stuck_does_not_hold(stub: Stub, home: Home) -> None:
    stub.says("progress", **CLOSED)
    stub.says("progress", {"window": {**WINDOW, "phase": "stuck", "reason": "eth0 differs"}})
    done, _ = run(stub, home)

    assert (done.back, done.holds, done.why) == (False, False, "eth0 differs")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"window": WINDOW}, "waits to be confirmed"),
        ({"confirmed": 0, "generation": None}, "apply that first"),
        ({"drift": {"digest": "a", "differences": [{"ours": True}]}}, "apply that first"),
    ],
)
def test_only_a_device_that_is_as_the_home_file_says_is_drilled(
    tmp_path: Path, home: Home, more: dict[str, Any], words: str
) -> None:
    stub = Stub(tmp_path).says("facts", facts(home, **more))
    with pytest.raises(NoDrill, match=words):
        run(stub, home)

    assert [one["command"] for one in stub.log] == ["facts"]
