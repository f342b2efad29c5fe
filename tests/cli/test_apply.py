"""``apply`` and its like as an owner runs them, with an ssh whose far end is a script."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import Any

import pytest

from bailiwick.apply.generations import Packed, pack
from bailiwick.workflow.checking import check
from tests.apply.stub import PROGRAM, Stub, refusal
from tests.cli.conftest import HOME, Run

LINKS = [
    {"name": name, "mac": f"02:00:00:00:00:0{number}", "kind": "", "up": True, "addresses": [], "default": False}
    for number, name in enumerate(("eth0", "eth1"), 1)
]
FACTS = {
    "system": {"id": "debian", "version": "13", "name": "Debian"},
    "systemd": True,
    "links": LINKS,
    "installed": {
        "systemd-networkd.service": ["disabled", False],
        "ufw.service": ["enabled", True],
        "dnsmasq.service": ["masked", False],
    },
    "confirmed": 0,
    "generation": None,
    "window": None,
    "drift": {"digest": "ab", "differences": []},
}
WAITING = {"old": 0, "new": 1, "phase": "waiting", "left": 90.0, "owner": "her@there", "reason": ""}
DRIFT = {"what": "/etc/resolv.conf", "ours": True, "text": "/etc/resolv.conf was changed by hand."}


class Device(Stub):
    """A device at the end of an ssh that is no ssh."""

    def with_generation(self, packed: Packed, *drift: dict[str, Any]) -> None:
        generation = replace(packed.generation, number=1)
        differs = {"digest": "ab", "differences": list(drift)}
        self.says("facts", {**FACTS, "confirmed": 1, "generation": asdict(generation), "drift": differs})
        self.says("show", {"generation": asdict(generation), "contents": dict(packed.encoded)})

    def commands(self) -> list[str]:
        return [one["command"] for one in self.log]


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    place = tmp_path / "device"
    place.mkdir()
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(f'#!/bin/sh\nexec {sys.executable} -I {PROGRAM} {place} "$@"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Device(place)


def packed(home: Path) -> Packed:
    checked = check(home, date.today())
    return pack(checked.trees[0], checked.read.network.router.platform, {})


@pytest.fixture
def fresh(device: Device) -> Device:
    """Nothing of ours is there; everything goes well."""
    device.says("facts", FACTS).says("drift", {"digest": "ab", "differences": []})
    device.says("preflight", {"findings": []}).says("live", {"digest": "ab", "listing": {}})
    device.says("stage", {"number": 1}).says("begin", {"began": True})
    device.says("progress", {"line": 1, "at": 1, "step": "switch", "text": "files"}, {"window": WAITING})
    device.says("confirm", {"confirmed": 1, "text": "generation 1 is confirmed"})
    return device


def test_a_dry_run_shows_everything_and_changes_nothing(run: Run, home: Path, fresh: Device) -> None:
    done = run("apply", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "is the first one there" in done.stdout
    assert "added      /etc/bailiwick/firewall.nft" in done.stdout
    assert "started    bailiwick-firewall.service" in done.stdout
    assert "ufw.service (enabled, running)" in done.stdout
    assert "dnsmasq.service" not in done.stdout.replace("bailiwick-dnsmasq", "")
    assert "cannot be said" in done.stdout
    assert not {"stage", "begin"} & set(fresh.commands())


def test_an_apply_says_how_to_keep_it_and_confirm_keeps_it(run: Run, home: Path, fresh: Device, tmp_path: Path) -> None:
    done = run("apply", "--yes", "--confirm-timeout", "60")

    assert done.returncode == 0, done.stderr
    assert "files" in done.stderr
    assert "Generation 1 stands on router. It goes back by itself in 90 s." in done.stdout
    (begun,) = fresh.given("begin")
    assert (begun["number"], begun["patience"], begun["expect"]) == (1, 60, "ab")

    kept = run("confirm")
    assert (kept.returncode, kept.stdout) == (0, "router: generation 1 is confirmed.\n")
    assert [one["command"] for one in fresh.log][-1] == "confirm"
    options = fresh.log[-1]["words"]
    assert "ControlPath=none" in options
    again = run("confirm")
    assert (again.returncode, "was begun from here" in again.stderr) == (2, True)


def test_the_word_is_neither_an_argument_nor_in_the_environment(run: Run, home: Path, fresh: Device) -> None:
    run("apply", "--yes")
    run("confirm")
    (given,) = fresh.given("confirm")

    assert given["token"] not in json.dumps([one["words"] for one in fresh.log])


def test_the_word_of_an_owner_from_elsewhere_comes_by_standard_input(run: Run, home: Path, fresh: Device) -> None:
    done = run("confirm", "--token", stdin="the word\n")

    assert done.returncode == 0
    assert fresh.given("confirm") == [{"token": "the word"}]


def test_auto_confirm_confirms_over_a_new_connection(run: Run, home: Path, fresh: Device) -> None:
    done = run("apply", "--yes", "--auto-confirm")

    assert done.returncode == 0
    assert "generation 1 is confirmed" in done.stdout
    assert fresh.commands()[-1] == "confirm"


def test_a_probe_that_failed_leaves_the_word_to_the_owner(run: Run, home: Path, fresh: Device) -> None:
    failed = {"line": 1, "step": "probe", "text": "no", "probe": {"kind": "uplink", "what": "eth0", "holds": False}}
    fresh.script["progress"] = []
    fresh.says("progress", failed, {"window": WAITING})
    done = run("apply", "--yes", "--auto-confirm")

    assert "a probe failed: uplink eth0" in done.stderr
    assert "`bailiwick confirm" in done.stdout
    assert "confirm" not in fresh.commands()


def test_without_a_yes_nothing_is_changed(run: Run, home: Path, fresh: Device) -> None:
    done = run("apply")

    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert "stage" not in fresh.commands()


def test_an_unchanged_file_asks_once_and_touches_nothing(run: Run, home: Path, device: Device) -> None:
    device.with_generation(packed(home))
    done = run("apply", "--yes")

    assert (done.returncode, done.stdout) == (0, "router is as the home file says (generation 1): nothing to do.\n")
    assert device.commands() == ["facts"]


def test_a_change_is_compared_with_what_stands_there(run: Run, home: Path, device: Device) -> None:
    device.with_generation(packed(home))
    device.says("preflight", {"findings": []})
    home.write_text(HOME.replace("lan -> internet: web", "lan -> internet: web, mail"))
    done = run("apply", "--dry-run", "--format", "json")
    answer = json.loads(done.stdout)

    assert answer["files"]["changed"] == ["/etc/bailiwick/firewall.nft", "/etc/bailiwick/guard.nft"]
    assert answer["files"]["added"] == answer["files"]["removed"] == []
    assert [(one["from"], one["to"]) for one in answer["comparison"]["allowed"]] == [("zone:lan", "uplink:wan")]
    assert answer["comparison"]["denied"] == []
    assert answer["units"]["started"] == []


def test_a_device_that_somebody_changed_is_left_alone_unless_it_is_taken_over(
    run: Run, home: Path, device: Device
) -> None:
    device.with_generation(packed(home), DRIFT)
    device.says("preflight", {"findings": []})
    device.says("stage", {"number": 2}).says("begin", {"began": True})
    device.says("progress", {"window": {**WAITING, "new": 2}})
    refused, taken = run("apply", "--yes"), run("apply", "--yes", "--take-over")

    assert refused.returncode == 1
    assert "/etc/resolv.conf was changed by hand." in refused.stdout
    assert "--take-over" in refused.stderr
    assert taken.returncode == 0
    assert device.commands().count("begin") == 1


def test_an_open_window_is_told_and_left_alone(run: Run, home: Path, device: Device) -> None:
    device.says("facts", {**FACTS, "window": WAITING, "drift": None})
    done = run("apply", "--yes")

    assert done.returncode == 1
    assert "generation 1 (her@there) stands, and waits to be confirmed; 90 s until generation 0" in done.stderr
    assert device.commands() == ["facts"]


def interrupted(home: Path, *words: str) -> tuple[int, str]:
    """Ctrl-C once the device hangs: the whole group of processes hears it, as at a terminal."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bailiwick", *words],
        cwd=home.parent,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    log = home.parent / "device" / "log.jsonl"
    while not log.exists() or (home.parent / "device" / "hang").read_text() not in log.read_text():
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    return process.returncode, said


@pytest.mark.parametrize(("command", "words"), [("progress", "goes on by itself"), ("facts", "interrupted")])
def test_ctrl_c_is_told_whether_the_device_goes_on(home: Path, fresh: Device, command: str, words: str) -> None:
    (fresh.directory / "hang").write_text(command)
    fresh.script[command] = []
    fresh.says(command)
    status, said = interrupted(home, "apply", "--yes")

    assert status == 130
    assert words in said
    assert ("`bailiwick rollback`" in said) == (command == "progress")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("facts", {**FACTS, "links": LINKS[:1]}),
        ("preflight", {"findings": [{"severity": "error", "what": "nft", "text": "There is no port eth1."}]}),
    ],
)
def test_what_would_not_work_there_ends_it_before_anything_is_staged(
    run: Run, home: Path, fresh: Device, command: str, answer: dict[str, Any]
) -> None:
    fresh.script[command] = []
    fresh.says(command, answer)
    done = run("apply", "--yes")

    assert done.returncode == 3
    assert "There is no port eth1" in done.stdout
    assert "stage" not in fresh.commands()


def test_a_home_file_that_does_not_hold_goes_nowhere(run: Run, home: Path, fresh: Device) -> None:
    home.write_text(HOME + "tests:\n  deny:\n    - lan -> router: ssh\n")
    done = run("apply", "--yes")

    assert done.returncode == 1
    assert fresh.commands() == []


def test_a_secret_that_is_missing_ends_it_before_anybody_is_asked(run: Run, home: Path, fresh: Device) -> None:
    home.write_text(HOME.replace("address: dhcp", "pppoe: {user: me, password: !secret pppoe}"))
    done = run("apply", "--yes")

    assert done.returncode == 2
    assert "The secret pppoe is not there" in done.stderr
    assert fresh.commands() == []


def test_a_device_of_another_name_is_none(run: Run, home: Path, fresh: Device) -> None:
    done = run("apply", "--device", "nosuch")

    assert (done.returncode, fresh.commands()) == (2, [])
    assert "It configures router" in done.stderr


def test_a_refusal_of_the_device_is_a_sentence(run: Run, home: Path, fresh: Device) -> None:
    fresh.script["begin"] = []
    fresh.says("begin", refusal("the device was changed since", "drifted"), status=1)
    done = run("apply", "--yes")

    assert done.returncode == 1
    assert "error: The device refuses: the device was changed since." in done.stderr


def test_what_the_device_lacks_is_the_world_s_fault(run: Run, home: Path, fresh: Device) -> None:
    fresh.script["begin"] = []
    fresh.says("begin", refusal("the timer could not be armed", "world"), status=1)
    done = run("apply", "--yes")

    assert (done.returncode, "cannot do it: the timer could not be armed." in done.stderr) == (3, True)


def test_a_machine_that_no_systemd_started_is_none_of_ours(run: Run, home: Path, fresh: Device) -> None:
    fresh.script["facts"] = []
    fresh.says("facts", {**FACTS, "systemd": False, "drift": None, "installed": {}})
    done = run("apply", "--yes")

    assert done.returncode == 3
    assert "was not started by systemd" in done.stdout
    assert fresh.commands() == ["facts"]


def test_a_device_that_went_back_fails(run: Run, home: Path, fresh: Device) -> None:
    fresh.script["progress"] = []
    fresh.says("progress", {"window": None})
    fresh.says("status", {"window": None, "confirmed": 0, "last": {"what": "returned", "reason": "nft failed"}})
    done = run("apply", "--yes", "--format", "json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["outcome"] == "back"
    assert "nft failed" in json.loads(done.stdout)["error"]


def test_a_device_that_cannot_be_reached_is_the_world_s_fault(run: Run, home: Path, device: Device) -> None:
    device.says("status", status=255, errors="ssh: connect to host router port 22: No route to host")
    done = run("status")

    assert (done.returncode, done.stderr) == (3, "error: router cannot be reached from here.\n")


def test_status_tells_of_an_open_window_and_of_units_that_are_down(run: Run, home: Path, device: Device) -> None:
    units = {"bailiwick-firewall.service": "failed", "bailiwick-deadman.service": "inactive", "x.service": "active"}
    device.says("status", {"window": WAITING, "confirmed": 3, "units": units, "last": None})
    done = run("status")

    assert done.returncode == 1
    assert "router: generation 3 is confirmed." in done.stdout
    assert "bailiwick-firewall.service is failed" in done.stdout
    assert "deadman" not in done.stdout


def test_a_device_in_good_order(run: Run, home: Path, device: Device) -> None:
    device.says("status", {"window": None, "confirmed": 3, "units": {"x.service": "active"}, "last": None})

    assert run("status").returncode == 0


def test_drift_names_what_is_ours_apart_from_others(run: Run, home: Path, device: Device) -> None:
    foreign = {"what": "docker0", "ours": False, "whose": "docker", "text": "docker0 is Docker's."}
    device.says("drift", {"digest": "ab", "differences": [DRIFT, foreign]})
    device.says("drift", {"digest": "ab", "differences": [foreign]})
    drifted, clean = run("drift"), run("drift")

    assert (drifted.returncode, clean.returncode) == (1, 0)
    assert "one thing is otherwise" in drifted.stdout
    assert "Of others, left alone\n  docker0 is Docker's." in clean.stdout


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


def asked(home: Path, *answers: str) -> tuple[int, str]:
    """``apply`` at a terminal, with these answers typed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bailiwick", "apply"],
        cwd=home.parent,
        stdin=theirs,
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
    )
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    said = process.communicate(timeout=60)[0]
    os.close(ours)
    os.close(theirs)
    return process.returncode, said


@pytest.mark.parametrize(
    ("answers", "ends"),
    [
        (("n",), "Nothing was changed."),
        (("y", "n"), "`bailiwick rollback` gives it back now."),
        (("y", "y"), "router: generation 1 is confirmed."),
    ],
)
def test_at_a_terminal_one_is_asked_before_and_after(
    home: Path, fresh: Device, answers: tuple[str, ...], ends: str
) -> None:
    status, said = asked(home, *answers)

    assert (status, said.strip().splitlines()[-1].endswith(ends)) == (0, True), said
    assert ("begin" in fresh.commands()) == (len(answers) > 1)
    assert ("confirm" in fresh.commands()) == (answers == ("y", "y"))
    assert not any("BatchMode=yes" in one["words"] for one in fresh.log)


HISTORY = {
    "entries": [
        {"when": "1", "what": "confirmed", "generation": 1, "before": 0},
        {"when": "2", "what": "confirmed", "generation": 2, "before": 1},
        {"when": "3", "what": "returned", "generation": 3, "before": 2},
    ],
    "generations": [{"number": 1, "made": "1", "files": 2, "source": "ab", "confirmed": False, "whole": False}],
}


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


def test_nothing_is_destroyed_before_the_device_is_given_back(run: Run, home: Path, fresh: Device) -> None:
    fresh.says("status", {"window": None, "confirmed": 2, "units": {}, "last": None})
    fresh.says("uninstall", {"began": True})
    fresh.script["progress"] = []
    fresh.says("progress", {"window": {**WAITING, "new": 0}})
    done = run("uninstall", "--yes", "--destroy")

    assert done.returncode == 0
    assert "destroy" not in fresh.commands()
