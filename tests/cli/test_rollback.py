"""The ways back from an apply: ``rollback``, ``generations``, ``uninstall``, and a drill of it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.cli.conftest import HOME, Run
from tests.cli.device import HISTORY, WAITING, Device, packed

pytestmark = pytest.mark.slow


def test_rollback_gives_an_open_window_back_at_once(run: Run, home: Path, device: Device) -> None:
    device.says("status", {"window": WAITING, "confirmed": 0, "units": {}, "last": None})
    device.says("status", {"window": None, "confirmed": 0, "units": {}, "last": None})
    device.says("rollback", {"returning": 0}).says("progress", {"window": None})
    done = run("rollback")

    assert (done.returncode, done.stdout) == (0, "router is as it was before the first apply.\n")
    assert "begin" not in device.commands()


def test_rollback_of_what_goes_back_already_waits_for_it(run: Run, home: Path, device: Device) -> None:
    device.says("status", {"window": {**WAITING, "phase": "returning"}, "confirmed": 0, "units": {}, "last": None})
    device.says("status", {"window": None, "confirmed": 0, "units": {}, "last": None})
    device.says("progress", {"window": None})

    assert run("rollback").returncode == 0
    assert "rollback" not in device.commands()


@pytest.mark.parametrize(("words", "number"), [((), 1), (("7",), 7)])
def test_rollback_returns_to_the_one_before_or_to_any(
    run: Run, home: Path, fresh: Device, words: tuple[str, ...], number: int
) -> None:
    fresh.says("status", {"window": None, "confirmed": 2, "units": {}, "last": None}).says("history", HISTORY)
    fresh.script["progress"] = []
    fresh.says("progress", {"window": {**WAITING, "new": number}})
    done = run("rollback", *words, "--yes")

    assert done.returncode == 0, done.stderr
    assert fresh.given("begin")[0]["number"] == number
    assert "stage" not in fresh.commands()


def test_there_is_no_rollback_from_the_first(run: Run, home: Path, fresh: Device) -> None:
    fresh.says("status", {"window": None, "confirmed": 1, "units": {}, "last": None}).says("history", HISTORY)
    done = run("rollback", "--yes")

    assert done.returncode == 2
    assert "uninstall" in done.stderr


def test_generations_lists_what_is_kept_and_what_was_done(run: Run, home: Path, device: Device) -> None:
    device.says("history", HISTORY)
    done = run("generations")

    assert done.returncode == 0
    assert "2 files, home file ab, damaged" in done.stdout
    assert "3 returned generation 3" in done.stdout


def test_generations_differ_by_text_and_by_what_cannot_be_seen(run: Run, home: Path, device: Device) -> None:
    one = packed(home)
    home.write_text(HOME.replace("lan -> internet: web", "lan -> internet: web, mail"))
    other = packed(home)
    for number, each in ((1, one), (2, other)):
        generation = replace(each.generation, number=number)
        if number == 2:
            files = tuple(replace(f, mode=0o640) if f.path == "/etc/resolv.conf" else f for f in generation.files)
            generation = replace(generation, files=files)
        device.says("show", {"generation": asdict(generation), "contents": dict(each.encoded)})
    done = run("generations", "diff", "1", "2")

    assert done.returncode == 1
    assert "--- 1/etc/bailiwick/firewall.nft" in done.stdout
    assert "/etc/resolv.conf: its mode or owner differs" in done.stdout


def test_uninstall_is_an_apply_of_what_was_there_before(run: Run, home: Path, fresh: Device) -> None:
    fresh.says("status", {"window": None, "confirmed": 2, "units": {}, "last": None})
    fresh.says("status", {"window": None, "confirmed": 0, "units": {}, "last": None})
    fresh.says("uninstall", {"began": True}).says("destroy", {"destroyed": True})
    fresh.script["progress"] = []
    fresh.says("progress", {"window": {**WAITING, "new": 0}})
    done = run("uninstall", "--yes", "--auto-confirm", "--destroy")

    assert done.returncode == 0, done.stderr
    assert [one for one in fresh.commands() if one in ("uninstall", "confirm", "destroy")] == [
        "uninstall",
        "confirm",
        "destroy",
    ]


def test_nothing_is_destroyed_before_the_device_is_given_back(run: Run, home: Path, fresh: Device) -> None:
    fresh.says("status", {"window": None, "confirmed": 2, "units": {}, "last": None})
    fresh.says("uninstall", {"began": True})
    fresh.script["progress"] = []
    fresh.says("progress", {"window": {**WAITING, "new": 0}})
    done = run("uninstall", "--yes", "--destroy")

    assert done.returncode == 0
    assert "destroy" not in fresh.commands()


def test_a_real_device_is_locked_only_after_a_yes(run: Run, home: Path, device: Device) -> None:
    device.with_generation(packed(home))
    device.says("stage", {"number": 2}).says("begin", {"began": True})
    device.says("progress", status=255, errors="ssh: connect to host gate port 22: Connection timed out")
    device.says("progress", {"window": None})
    device.says("status", {"window": None, "confirmed": 1, "last": {"what": "returned", "reason": "nobody confirmed"}})
    refused, drilled = run("drill", "--to", "gate"), run("drill", "--to", "gate", "--yes", "--seconds", "10")

    assert (refused.returncode, device.commands().count("begin")) == (2, 1)
    assert drilled.returncode == 0, drilled.stderr
    assert "came back by itself (nobody confirmed), and is as it was." in drilled.stdout
    assert device.given("begin")[0]["patience"] == 10
