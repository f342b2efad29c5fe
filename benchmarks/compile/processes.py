"""Whole commands, as a person waits for them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "python -c pass (the floor)": ["-c", "pass"],
    "bailiwick --help": ["-m", "bailiwick", "--help"],
    "bailiwick check one-router.yaml": ["-m", "bailiwick", "check", "examples/one-router.yaml"],
    "bailiwick check public-apps.yaml": ["-m", "bailiwick", "check", "examples/public-apps.yaml"],
    "bailiwick matrix public-apps.yaml": ["-m", "bailiwick", "matrix", "examples/public-apps.yaml"],
}


def process_times(rounds: int) -> dict[str, tuple[float, float]]:
    """The median seconds of each of ``COMMANDS``, on the wall and of the processor.

    The rounds are interleaved, and the first one is thrown away. On a machine that does other work as well, the
    wall's seconds say more about that.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for number in range(rounds + 1):
        for name, arguments in COMMANDS.items():
            wall, processor = time.perf_counter(), _children()
            subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
            if number:
                taken[name].append((time.perf_counter() - wall, _children() - processor))
    return {name: (median(wall for wall, _ in runs), median(cpu for _, cpu in runs)) for name, runs in taken.items()}


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system
