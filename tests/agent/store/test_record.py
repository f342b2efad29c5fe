"""The record of an open apply: whole or absent, over at the commit, and nobody hangs on to it."""

from __future__ import annotations

import hashlib
import json
import math
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.agent.disk import durable, history, record
from bailiwick.agent.disk.lock import Held
from bailiwick.agent.disk.store import Store
from bailiwick.agent.places import Places
from tests.agent.store.making import SMALL, made
from tests.agent.store.writer import ARMED, WAITING

HOLDING = """
import sys
from pathlib import Path
from bailiwick.agent.places import Places
from bailiwick.agent.disk.record import held
with held(Places(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path)
    durable.directory(places.state)
    return places


def test_what_is_saved_is_loaded_and_cleared(places: Places) -> None:
    assert record.load(places) is None

    record.save(places, ARMED)
    record.save(places, WAITING)

    assert record.load(places) == WAITING
    assert stat.S_IMODE(places.window.stat().st_mode) == 0o600
    record.clear(places)
    record.clear(places)
    assert record.load(places) is None


def test_an_apply_is_over_once_its_generation_is_the_confirmed_one(places: Places) -> None:
    store = Store(places)
    store.stage(made(SMALL), SMALL)
    store.stage(made(SMALL), SMALL)
    store.confirm(1)
    record.save(places, WAITING)

    assert record.load(places) == WAITING
    store.confirm(2)
    assert record.load(places) is None
    uninstalling = replace(WAITING, old=2, new=0)
    record.save(places, uninstalling)
    assert record.load(places) == uninstalling
    store.confirm(0)
    assert record.load(places) is None
    first = replace(WAITING, old=0, new=1)
    record.save(places, first)
    assert record.load(places) == first
    mended = replace(WAITING, old=0, new=0)
    record.save(places, mended)
    assert record.load(places) == mended


@pytest.mark.parametrize(
    ("old", "new"),
    [('"deadline": 180.0', '"deadline": 980.0'), ('"old": 1', '"old": 2'), ("{", ""), ("armed", "asleep"), ("win", "")],
)
def test_a_damaged_record_is_told(places: Places, old: str, new: str) -> None:
    record.save(places, ARMED)
    text = places.window.read_text()
    assert old in text
    places.window.write_text(text.replace(old, new, 1))

    with pytest.raises(record.Unreadable, match=r"window.json is damaged"):
        record.load(places)


@pytest.mark.parametrize("text", [b"", b"\0" * 300, b"[]", b"null", b"\xff"])
def test_a_record_that_is_none_is_told(places: Places, text: bytes) -> None:
    places.window.write_bytes(text)

    with pytest.raises(record.Unreadable):
        record.load(places)


def test_a_window_that_never_closes_is_not_written(places: Places) -> None:
    for endless in (math.inf, math.nan):
        with pytest.raises(ValueError, match="deadline"):
            record.save(places, replace(ARMED, deadline=endless))
    assert record.load(places) is None


def test_only_one_decides_at_a_time_and_one_who_hangs_is_ended_for_the_timer(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "PATIENCE", 0.2)
    started = [sys.executable, "-c", HOLDING, str(places.root)]
    with subprocess.Popen(started, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGSTOP)

        with pytest.raises(Held), record.held(places):
            pass
        with record.held(places, insist=True):
            pass
        assert process.wait() == -signal.SIGKILL
    with record.held(places):
        pass


def test_nobody_is_ended_in_the_place_of_the_one_who_hangs(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that a dead process left, whose number now is another's."""
    monkeypatch.setattr(record, "PATIENCE", 0.1)
    with subprocess.Popen(["sleep", "60"]) as bystander:
        with record.held(places):
            other = {"owner": "record", "pid": bystander.pid, "since": "", "start": "12"}
            (places.state / "window.lock").write_text(str(other).replace("'", '"'))
            with pytest.raises(Held), record.held(places, insist=True):
                pass
        assert bystander.poll() is None
        bystander.kill()


def test_history_is_kept_in_order(places: Places) -> None:
    assert history.entries(places) == ()

    history.append(places, what="committed", generation=1)
    history.append(places, what="returned", generation=1, why="nobody confirmed it in time")

    assert [(entry["what"], entry["generation"]) for entry in history.entries(places)] == [
        ("committed", 1),
        ("returned", 1),
    ]
    assert all(entry["at"].endswith("+00:00") for entry in history.entries(places))
    assert stat.S_IMODE(places.history.stat().st_mode) == 0o600


def test_half_a_line_of_history_is_told_and_in_nobodys_way(places: Places) -> None:
    history.append(places, what="one")
    with places.history.open("a") as file:
        file.write('{"what": "tw')
    history.append(places, what="three")

    assert [entry.get("what", entry) for entry in history.entries(places)] == [
        "one",
        {"unreadable": '{"what": "tw'},
        "three",
    ]


def test_history_is_not_written_through_a_link(places: Places) -> None:
    places.history.symlink_to("elsewhere")

    with pytest.raises(durable.NotWritten):
        history.append(places, what="one")
    assert not (places.state / "elsewhere").exists()


def test_a_record_of_an_agent_that_knew_less_is_read(places: Places) -> None:
    record.save(places, ARMED)
    data = json.loads(places.window.read_text())
    del data["window"]["reason"]
    written = json.dumps(data["window"], sort_keys=True).encode()
    places.window.write_text(json.dumps({**data, "sha256": hashlib.sha256(written).hexdigest()}))

    assert record.load(places) == ARMED


def test_a_damaged_pointer_keeps_nobody_from_going_back(places: Places) -> None:
    record.save(places, WAITING)
    places.confirmed.symlink_to("nowhere")

    assert record.load(places) == WAITING


def test_history_is_on_the_disk_with_its_name(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    brought: set[int] = set()
    real = os.fsync

    def fsync(file: int) -> None:
        brought.add(os.fstat(file).st_ino)
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    history.append(places, what="one")
    assert brought == {places.history.stat().st_ino, places.state.stat().st_ino}
    brought.clear()
    history.append(places, what="two")
    assert brought == {places.history.stat().st_ino}
