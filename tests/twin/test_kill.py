"""``kill -9`` of ``try`` at random moments: no process, namespace, mount or file is left for anyone to clear."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import HOME
from tests.twin.apart import Apart, apart

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
MOMENTS = 10


@dataclass(frozen=True, slots=True)
class Traces:
    """What a run could leave where it was."""

    mounts: str
    namespaces: tuple[str, ...]  # those with names (ip-netns(8))
    links: tuple[str, ...]
    files: tuple[str, ...]  # below the directory that the run keeps temporary files and caches in


def traces(place: Apart, folder: Path) -> Traces:
    return Traces(
        place.mounts,
        place.names("/run/netns"),
        place.names("/sys/class/net"),
        tuple(sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))),
    )


def ended_after(seconds: float, place: Apart, folder: Path) -> dict[str, object]:
    """A trial of the home in the folder's parent, killed so many seconds after its start."""
    tried = [sys.executable, "-m", "bailiwick", "try", str(folder.parent / "home.yaml")]
    places = dict.fromkeys(("TMPDIR", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "HOME"), str(folder))
    done = subprocess.run(
        [*place.inside, sys.executable, "-m", "tests.twin.killing", f"{seconds:.3f}", *tried],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, **places},
        timeout=240,
    )
    return dict(json.loads(done.stdout))


def test_killed_at_any_moment_it_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(HOME)
    folder = tmp_path / "scratch"
    folder.mkdir()
    with apart() as place:
        before = traces(place, folder)
        assert before.mounts and before.links
        chance = random.Random(2026)
        killed = 0
        for _ in range(MOMENTS):
            told = ended_after(chance.uniform(0.2, 4.0), place, folder)
            assert told["left"] == []
            assert traces(place, folder) == before
            killed += not told["ended"]
        assert killed >= MOMENTS // 2

        whole = ended_after(200.0, place, folder)
        assert whole["ended"]
        assert isinstance(whole["processes"], int)
        assert whole["processes"] >= 5  # the stage's init and daemons were there to be killed
        assert whole["left"] == []
        assert traces(place, folder) == before


def test_what_is_left_is_seen(tmp_path: Path) -> None:
    there = tmp_path / "there"
    left = f"['setsid', 'sh', '-c', 'touch {there}; exec sleep 60']"
    script = f"import subprocess, time; subprocess.Popen({left}); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.twin.killing", str(there), sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "BAILIWICK_SETTLE": "2"},
    ) as killing:
        assert killing.stdout is not None
        told = json.loads(killing.stdout.read())
    assert told["left"] == ["sleep"]
