"""The import rules bite: each planted violation, in a copy of the sources, is caught by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PLANTED = {
    "intent borrows from plan": ("intent/intent.py", "from bailiwick.plan import make_plan", "bailiwick.plan"),
    "plan borrows from intent": ("plan/passes.py", "from bailiwick.intent import mean", "bailiwick.intent"),
    "network looks up": ("network/model.py", "from bailiwick.targets import render", "bailiwick.targets"),
    "targets reads intent": ("targets/artifact.py", "import bailiwick.intent.meant", "bailiwick.intent"),
    "the prover asks the compiler": ("proof/prove.py", "from bailiwick.plan import make_plan", "bailiwick.plan"),
    "a reader knows names": ("dataplane/model.py", "import bailiwick.network.model", "bailiwick.network.model"),
    "plan starts processes": ("plan/passes.py", "import subprocess", "subprocess"),
    "language asks the clock": ("language/reader.py", "import time", "time"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(copy: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_rules_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("violation", PLANTED)
def test_a_planted_violation_is_caught(copy: Path, violation: str) -> None:
    file, line, imported = PLANTED[violation]
    path = copy / "src" / "bailiwick" / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = lint(copy)
    assert done.returncode == 1
    importer = "bailiwick." + file.removesuffix(".py").replace("/", ".")
    assert f"{importer} -> {imported}" in done.stdout
