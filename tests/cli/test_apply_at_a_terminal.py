"""``apply`` at a terminal: questions, answers, and Ctrl-C."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest

from tests.cli.device import Device

pytestmark = pytest.mark.slow


def interrupted(home: Path, *words: str) -> tuple[int, str]:
    """Ctrl-C once the device hangs: the whole group of processes hears it, as at a terminal. Who runs tests behind the
    shell's back (``&``) has the signal ignored, and its children too (POSIX.1-2024, XCU 2.11)."""
    process = subprocess.Popen(
        ["env", "--default-signal=INT", sys.executable, "-m", "bailiwick", *words],
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
    said = process.communicate(timeout=180)[1]
    return process.returncode, said


@pytest.mark.parametrize(("command", "words"), [("progress", "goes on by itself"), ("facts", "interrupted")])
def test_ctrl_c_is_told_whether_the_device_goes_on(home: Path, fresh: Device, command: str, words: str) -> None:
    (fresh.directory / "hang").write_text(command)
    fresh.script[command] = []
    fresh.says(command)
    status, said = interrupted(home, "apply", "--yes")

    assert (status, said) == (130, said)
    assert words in said
    assert ("`bailiwick rollback`" in said) == (command == "progress")


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
    said = process.communicate(timeout=180)[0]
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
