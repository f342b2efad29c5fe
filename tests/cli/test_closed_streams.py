"""Standard streams that are closed, full, or whose reader goes away: what was asked is done, or nothing was begun, and
the exit status says which. What has nothing to print does not ask for a stream: `true >&-` is true."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bailiwick.cli.answer import Answer
from bailiwick.cli.status import Status
from tests.cli.device import Device

pytestmark = pytest.mark.slow

Shell = Callable[..., "subprocess.CompletedProcess[str]"]

WORLD, DEFECT = 3, 70


@pytest.fixture
def shell(home: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A line for bash, in which `bailiwick` is the program; a defect would leave its file in ``tmp_path``."""
    defects = home.parent / "defects"
    defects.mkdir()
    monkeypatch.setenv("TMPDIR", str(defects))

    def go(line: str) -> subprocess.CompletedProcess[str]:
        program = f'bailiwick() {{ "{sys.executable}" -m bailiwick "$@"; }}'
        done = subprocess.run(
            ["bash", "-c", f"{program}; set -o pipefail; {line}"],
            cwd=home.parent,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert list(defects.glob("bailiwick-defect-*")) == [], done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr
        return done

    return go


@pytest.mark.parametrize("closed", ["<&- >&- 2>&-", ">&-", ">/dev/full"])
@pytest.mark.parametrize("words", ["", " --format json"])
def test_nothing_is_begun_where_nothing_can_be_printed(shell: Shell, fresh: Device, closed: str, words: str) -> None:
    done = shell(f"bailiwick apply --yes --auto-confirm{words} {closed}")

    assert done.returncode == WORLD
    assert not {"stage", "begin", "confirm"} & set(fresh.commands())
    assert "2>&-" in closed or "could not be written" in done.stderr or "stdout takes nothing" in done.stderr


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-", "2>/dev/full"])
def test_what_is_asked_is_done_without_the_streams_that_it_does_not_need(
    shell: Shell, fresh: Device, closed: str
) -> None:
    done = shell(f"bailiwick apply --yes --auto-confirm {closed}")

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("router: generation 1 is confirmed.\n")


def test_a_question_needs_somebody_to_answer(shell: Shell, fresh: Device) -> None:
    done = shell("bailiwick apply <&-")

    assert (done.returncode, "--yes agrees beforehand" in done.stderr) == (2, True)
    assert "begin" not in fresh.commands()


@pytest.mark.parametrize(
    ("line", "status"),
    [("bailiwick apply --yes --auto-confirm 2>&1 | true", WORLD), ("bailiwick apply --yes 2>&1 >&- | true", WORLD)],
)
def test_nothing_is_begun_where_nobody_reads(shell: Shell, fresh: Device, line: str, status: int) -> None:
    done = shell(line)

    assert done.returncode == status
    assert not {"stage", "begin"} & set(fresh.commands())


@pytest.fixture
def leaving(fresh: Device, tmp_path: Path) -> str:
    """A reader who goes away once the device has begun; until then the device's answer is held back."""
    ssh, log = tmp_path / "bin" / "ssh", fresh.directory / "log.jsonl"
    begun, gone = tmp_path / "begun", tmp_path / "gone"
    program = ssh.read_text().removeprefix("#!/bin/sh\nexec ")
    held = f'if grep -q \'"command": "begin"\' {log}; then touch {begun}; until [ -e {gone} ]; do sleep 0.05; done; fi'
    ssh.write_text(f"#!/bin/sh\n{program}status=$?\n{held}\nexit $status\n")
    return f"{{ until [ -e {begun} ]; do sleep 0.05; done; exec <&-; touch {gone}; }}"


@pytest.mark.parametrize("words", ["", " --format json"])
def test_a_reader_who_goes_away_ends_no_apply(shell: Shell, fresh: Device, leaving: str, words: str) -> None:
    done = shell(f"bailiwick apply --yes --auto-confirm{words} 2>&1 | {leaving}")

    assert (done.returncode, fresh.commands()[-1]) == (0, "confirm")


@pytest.mark.parametrize("words", ["", " --format json"])
def test_the_status_of_an_apply_that_goes_back_is_not_lost_with_its_reader(
    shell: Shell, fresh: Device, leaving: str, words: str
) -> None:
    fresh.script["progress"] = []
    fresh.says("progress", {"line": 1, "at": 1, "step": "switch", "text": "files"}, {"window": None})
    fresh.says("status", {"window": None, "confirmed": 0, "last": {"what": "returned", "reason": "a probe failed"}})
    done = shell(f"bailiwick apply --yes --auto-confirm{words} 2>&1 | {leaving}")

    assert (done.returncode, "confirm" in fresh.commands()) == (1, False)


@pytest.mark.parametrize("json_form", [False, True])
def test_what_has_come_to_pass_is_said_on_stderr_where_stdout_is_full(
    json_form: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = Path("/dev/full").open("w", buffering=1)  # noqa: SIM115 - what stays in it cannot be flushed at its end
    monkeypatch.setattr(sys, "stdout", full)
    answer = Answer("apply", Path("home.yaml"), json_form)
    with pytest.raises(OSError, match="No space left"):
        answer.outcome("gate: generation 1 is confirmed.")
        answer.close(Status.HOLDS)
    with suppress(OSError):
        full.close()

    assert capsys.readouterr().err == "gate: generation 1 is confirmed.\n"


@pytest.mark.parametrize("command", ["matrix", "--help", "--version", "check --format json", "schema", "plan"])
@pytest.mark.parametrize("closed", [">&-", ">/dev/full"])
def test_an_answer_that_cannot_be_written_is_no_success(shell: Shell, command: str, closed: str) -> None:
    done = shell(f"bailiwick {command} {closed}")

    assert done.returncode == WORLD
    assert done.stderr.startswith("error: the answer could not be written: ")


def test_nothing_to_say_needs_nobody_to_say_it_to(shell: Shell) -> None:
    assert shell("bailiwick check >&-").returncode == 0
    assert shell("bailiwick check <&- >&- 2>&-").returncode == 0


@pytest.mark.parametrize("streams", ["2>&-", ">&- 2>&-", "2>/dev/full"])
def test_a_mistake_is_still_in_the_status(shell: Shell, home: Path, streams: str) -> None:
    home.write_text(home.read_text().replace("web", "wbe"))

    assert shell(f"bailiwick check {streams}").returncode == 2


def test_the_status_of_a_check_is_not_lost_with_its_reader(shell: Shell, home: Path) -> None:
    home.write_text(home.read_text().replace("web", "wbe"))

    assert shell("bailiwick check --format json | true").returncode == 2


def test_what_is_opened_later_does_not_take_the_place_of_a_closed_stream(shell: Shell) -> None:
    """The files that are written are whole, and have nothing of what was to be printed in them."""
    done = shell("bailiwick build built <&- 2>&- && bailiwick build again <&- >&- 2>&-; diff -r built again")

    assert done.returncode == 0, done.stdout


def test_the_object_for_programs_says_what_the_status_says(shell: Shell, fresh: Device) -> None:
    done = shell("bailiwick apply --yes --auto-confirm --format json <&- 2>&-")

    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, 0)
