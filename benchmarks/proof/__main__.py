"""``python -m benchmarks.proof [ROUNDS]``: the tables of docs/performance.md, "Proof and audit", on standard output."""

from __future__ import annotations

import gc
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

from bailiwick.cli.main import COLLECT
from benchmarks.compile.growth import exponent
from benchmarks.proof.audits import STAGES as AUDIT
from benchmarks.proof.audits import audit_times
from benchmarks.proof.dumps import made_up_dump
from benchmarks.proof.homes import ROOT, STAGES, Timed, prove_example, prove_files
from tests.homes import generate_home

HOMES = ((8, 40, 100), (16, 80, 200), (32, 160, 400), (64, 320, 800))
"""Zones, hosts and sentences."""
DUMPS = (100, 1_000, 10_000, 50_000)
PLAIN = 10_000
"""The plain engine is not asked beyond."""
AUDITED = 5_000
DATA = ROOT.parent / "shared" / "data" / "iptables"


def main() -> None:
    gc.set_threshold(*COLLECT)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"Measured on {date.today()}, Python {platform.python_version()}, {platform.machine()}; ", end="")
    print(f"medians of {rounds}, in milliseconds of processor time but for what says wall.\n")
    _processes(rounds)
    _homes(rounds)
    _growth(min(rounds, 3))


def _processes(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="proof-") as folder:
        dump = Path(folder) / "made-up.iptables-save"
        dump.write_text(made_up_dump(AUDITED))
        commands = {f"check {name}": ["check", f"examples/{name}"] for name in ("one-router.yaml", "public-apps.yaml")}
        commands[f"audit of {AUDITED:,} made-up rules"] = ["audit", str(dump)]
        for path in sorted(DATA.glob("*/*iptables-save*")):
            commands[f"audit {path.name}"] = ["audit", str(path)]
        print("| whole process | wall | processor |\n|---|---:|---:|")
        for name, arguments in commands.items():
            wall, processor = _process(arguments, rounds)
            print(f"| `{name}` | {wall * 1000:.0f} | {processor * 1000:.0f} |", flush=True)


def _process(arguments: list[str], rounds: int) -> tuple[float, float]:
    taken = []
    for _ in range(rounds):
        began, spent = time.perf_counter(), _children()
        done = subprocess.run(
            [sys.executable, "-m", "bailiwick", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        taken.append((time.perf_counter() - began, _children() - spent))
        if done.returncode not in (0, 1):
            raise SystemExit(done.stderr)
    return median(wall for wall, _ in taken), median(processor for _, processor in taken)


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _homes(rounds: int) -> None:
    print("\n| home | rules |", " | ".join(STAGES), "|\n|---|---:|" + "---:|" * len(STAGES))
    for name in ("one-router.yaml", "public-apps.yaml"):
        _row(name, prove_example(name, rounds))
    sizes, proofs = [], []
    for zones, hosts, sentences in HOMES:
        timed = prove_files(generate_home(zones, hosts, sentences, seed=1), 1)
        _row(f"made up: {zones} zones, {hosts} hosts, {sentences} sentences", timed)
        sizes.append(float(sentences))
        proofs.append(timed.seconds["proof"])
    print(f"\nThe proof grows with the sentences to the power of {exponent(sizes, proofs):.2f}.")


def _row(name: str, timed: Timed) -> None:
    print(f"| {name} | {timed.rules} |", " | ".join(f"{s * 1000:.0f}" for s in timed.seconds.values()), "|", flush=True)


def _growth(rounds: int) -> None:
    print("\n| rules | dead | engine |", " | ".join(AUDIT), "| all |\n|---:|---:|---|" + "---:|" * (len(AUDIT) + 1))
    columns: dict[str, list[float]] = {stage: [] for stage in (*AUDIT, "all")}
    for rules in DUMPS:
        text = made_up_dump(rules)
        for pure in (False, True) if rules <= PLAIN else (False,):
            runs = [audit_times(text, pure) for _ in range(rounds if rules < PLAIN else 1)]
            times = {stage: median(run[stage] for run, _ in runs) for stage in AUDIT}
            times["all"] = sum(times.values())
            shown = " | ".join(f"{seconds * 1000:.0f}" for seconds in times.values())
            print(f"| {rules:,} | {runs[0][1]} | {'plain' if pure else 'OxiDD'} | {shown} |", flush=True)
            if not pure:
                for stage, seconds in times.items():
                    columns[stage].append(seconds)
    grown = " | ".join(f"{exponent(DUMPS, seconds):.2f}" for seconds in columns.values())
    print(f"| exponent | | OxiDD | {grown} |")


if __name__ == "__main__":
    main()
