"""``status`` and ``drift``: how the device is, and what of it is not as it was left."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.device import DRIFT, WAITING, Device


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
