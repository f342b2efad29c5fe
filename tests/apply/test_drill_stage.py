"""The drill in a system of its own: booted, taken over, locked, and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apply.owner import HOME
from tests.twin.contained.boxes import root_of

pytestmark = [pytest.mark.real, pytest.mark.deep]


def drill(directory: Path) -> subprocess.CompletedProcess[str]:
    root_of("debian-12")
    return subprocess.run(
        [sys.executable, "-m", "bailiwick", "drill", "--format", "json", "--seconds", "10"],
        cwd=directory,
        env={**os.environ, "XDG_STATE_HOME": str(directory / "state")},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )


def test_nobody_is_let_in_and_then_it_is_back_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(HOME)
    done = drill(tmp_path)
    answer = json.loads(done.stdout)

    assert (done.returncode, answer["back"], answer["differs"]) == (0, True, []), answer
    assert answer["shut"] > 0
    assert not list(Path("/var/tmp").glob("bailiwick-drill-*"))


def test_a_home_that_nobody_may_manage_is_not_drilled(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(HOME.replace("lan -> router: ssh, icmp", "lan -> router: icmp"))
    done = drill(tmp_path)

    assert done.returncode == 3
    assert "may come in by ssh" in json.loads(done.stdout)["error"]
