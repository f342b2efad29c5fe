"""Whole commands, as a person waits for them."""

from __future__ import annotations

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


def process_times(rounds: int) -> dict[str, float]:
    """The median seconds of each of ``COMMANDS``; the rounds are interleaved, and the first one is thrown away."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for number in range(rounds + 1):
        for name, arguments in COMMANDS.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
            if number:
                taken[name].append(time.perf_counter() - began)
    return {name: median(seconds) for name, seconds in taken.items()}
