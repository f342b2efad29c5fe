"""What runs in a guest is imported with Python's own library alone: there is no other one there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import bailiwick


@pytest.mark.parametrize("module", ["booted.witness", "acting", "machine.guest", "inside"])
def test_it_is_imported(module: str) -> None:
    sources = str(Path(bailiwick.__file__).parents[1])
    command = [sys.executable, "-S", "-P", "-c", f"import bailiwick.twin.stages.{module}"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": sources}
    )

    assert done.returncode == 0, done.stderr
