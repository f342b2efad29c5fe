"""``python -m benchmarks.compile [ROUNDS]``: the tables of docs/performance.md, "Compile", on standard output."""

from __future__ import annotations

import gc
import platform
import sys
from datetime import date

from bailiwick.cli.main import COLLECT
from benchmarks.compile.growth import exponent
from benchmarks.compile.processes import process_times
from benchmarks.compile.stages import STAGES, stage_times
from tests.homes import generate_home

SIZES = ((8, 250, 625), (16, 500, 1250), (32, 1000, 2500), (64, 2000, 5000))
"""Zones, hosts and sentences: each row is twice the one before."""


def main() -> None:
    gc.set_threshold(*COLLECT)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"Measured on {date.today()}, Python {platform.python_version()}, {platform.machine()}; ", end="")
    print(f"medians of {rounds} homes of each size, in milliseconds of processor time.\n")
    print("| zones | hosts | sentences |", " | ".join(STAGES), "| all |")
    print("|---:" * (len(STAGES) + 4) + "|")
    columns: dict[str, list[float]] = {stage: [] for stage in (*STAGES, "all")}
    for zones, hosts, sentences in SIZES:
        homes = (generate_home(zones=zones, hosts=hosts, sentences=sentences, seed=seed) for seed in range(rounds))
        times = stage_times(homes)
        times["all"] = sum(times.values())
        for stage, seconds in times.items():
            columns[stage].append(seconds)
        print(
            f"| {zones} | {hosts} | {sentences} |",
            " | ".join(f"{s * 1000:.1f}" for s in times.values()),
            "|",
            flush=True,
        )
    grown = [exponent([size[2] for size in SIZES], seconds) for seconds in columns.values()]
    print("| growth | | exponent |", " | ".join(f"{slope:.2f}" for slope in grown), "|")
    print("\n| whole process | wall, ms | processor, ms | over the floor |\n|---|---:|---:|---:|")
    processes = process_times(rounds * 3)
    _, floor = next(iter(processes.values()))
    for name, (wall, processor) in processes.items():
        print(f"| `{name}` | {wall * 1000:.0f} | {processor * 1000:.0f} | {processor / floor:.1f} × |")


if __name__ == "__main__":
    main()
