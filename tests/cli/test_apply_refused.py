"""An ``apply`` that is not to be, or does not stand: nothing is changed unasked, and it is said why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.apply.stub import refusal
from tests.cli.conftest import HOME, Run
from tests.cli.device import DRIFT, FACTS, LINKS, WAITING, Device, packed

pytestmark = pytest.mark.slow


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


def test_an_open_window_is_told_and_left_alone(run: Run, home: Path, device: Device) -> None:
    device.says("facts", {**FACTS, "window": WAITING, "drift": None})
    done = run("apply", "--yes")

    assert done.returncode == 1
    assert "generation 1 (her@there) stands, and waits to be confirmed; 90 s until generation 0" in done.stderr
    assert device.commands() == ["facts"]


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


def test_without_a_yes_nothing_is_changed(run: Run, home: Path, fresh: Device) -> None:
    done = run("apply")

    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert "stage" not in fresh.commands()
