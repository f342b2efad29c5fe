"""The agent's own two units: what systemd says of them, and that they are written once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bailiwick.agent.disk import durable
from bailiwick.agent.places import Places
from bailiwick.agent.window import units
from bailiwick.targets.artifact import Artifact
from tests.targets.linux.private_stage import exposure, on_stage

MOST_EXPOSURE = 3.0


def files() -> tuple[Artifact, ...]:
    texts = {units.DEADMAN: units.deadman(), units.BOOT: units.boot()}
    return tuple(Artifact(f"{units.DIRECTORY}/{name}", text) for name, text in texts.items())


@pytest.mark.real
def test_systemd_finds_nothing_to_say_about_them(tmp_path: Path) -> None:
    """Its exit status says nothing about unknown keys: any line is a failure."""
    script = f"cd {units.DIRECTORY} && systemd-analyze verify --man=no {units.DEADMAN} {units.BOOT}"
    done = on_stage(files(), tmp_path, script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.real
@pytest.mark.parametrize("unit", [units.DEADMAN, units.BOOT])
def test_little_is_left_that_they_may(tmp_path: Path, unit: str) -> None:
    assert exposure(files(), tmp_path, unit) <= MOST_EXPOSURE


def test_the_timer_outlives_every_end_but_its_own() -> None:
    text = units.deadman()
    for line in (
        "Restart=always", "RestartPreventExitStatus=0", "StartLimitIntervalSec=0", "WatchdogSignal=SIGKILL",
        "RefuseManualStop=yes", "IgnoreOnIsolate=yes", "OOMScoreAdjust=-1000", "Type=notify",
    ):  # fmt: skip
        assert f"\n{line}\n" in text, line


def test_the_old_files_are_back_before_anything_reads_them() -> None:
    before = next(line for line in units.boot().splitlines() if line.startswith("Before=")).removeprefix("Before=")
    readers = {"network-pre.target", "bailiwick-firewall.service", "systemd-networkd.service", "systemd-sysctl.service"}
    assert readers <= set(before.split())
    assert "\nDefaultDependencies=no\n" in units.boot()


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of systemd."""
    commands: list[str] = []

    def run(*words: str) -> str:
        commands.append(" ".join(words))
        return ""

    monkeypatch.setattr(units, "run", run)
    monkeypatch.setattr(durable.write, "__defaults__", (0o600, f"{os.geteuid()}:{os.getegid()}"))
    return commands


def test_they_are_written_and_enabled_once_and_leave_nothing(tmp_path: Path, ran: list[str]) -> None:
    places = Places(tmp_path)
    (tmp_path / "etc/systemd/system").mkdir(parents=True)
    units.install(places)
    assert ran == ["systemctl daemon-reload"]
    assert (tmp_path / units.WANTS.lstrip("/")).is_symlink()
    units.install(places)
    assert ran == ["systemctl daemon-reload"], "nothing has changed"
    place = tmp_path / "etc/systemd/system" / units.DEADMAN
    place.write_text("[Service]\n")
    units.install(places)
    assert place.read_text() == units.deadman()
    ran.clear()
    units.remove(places)
    assert ran == [f"systemctl stop {units.BOOT}", "systemctl daemon-reload"]
    assert not [path for path in (tmp_path / "etc").rglob("*") if path.is_file() or path.is_symlink()]
    units.remove(places)
    assert len(ran) == 2
