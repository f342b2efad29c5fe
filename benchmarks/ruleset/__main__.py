"""``python -m benchmarks.ruleset [ROUNDS]``: every table of the packet costs, as Markdown on standard output."""

from __future__ import annotations

import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from benchmarks.ruleset.costs import Cost, measure
from benchmarks.ruleset.lab import Lab, run
from benchmarks.ruleset.peers import Load, peers
from benchmarks.ruleset.reloads import Reloads, reload_under_load, replace_under_load, steady_under_load
from benchmarks.ruleset.rules import conntrack, floor, linear, rendered

NUMBERS = (60, 600, 6000)
ROUNDS = 15
RELOAD_SECONDS = 10.0


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    lab = Lab()
    try:
        variants: dict[str, Load | None] = {"none": None, "conntrack": _text(conntrack()), "floor": _text(floor())}
        for number in NUMBERS:
            variants[f"Bailiwick, policy, {number}"] = _text(rendered(number, hygiene=False))
        for number in NUMBERS:
            variants[f"Bailiwick, policy and hygiene, {number}"] = _text(rendered(number, hygiene=True))
        for number in NUMBERS:
            variants[f"linear, {number}"] = _text(linear(number))
        others, words = peers(lab.folder, NUMBERS)
        variants |= others
        print(f"Measured {date.today().isoformat()}, Linux {platform.release()}, {run('nft', '--version').strip()}.")
        print(f"{rounds} rounds, every variant once a round, medians, load average {_load()}.\n")
        print("\n".join(_costs(measure(lab, variants, rounds))))
        if words:
            print(f"\n{words}")
        print("\n" + "\n".join(_reloads(lab)))
    finally:
        lab.close()


def _text(rules: str) -> Load:
    def load(lab: Lab) -> None:
        lab.nft(lab.router, rules)

    return load


def _costs(costs: dict[str, Cost]) -> Iterator[str]:
    bare, least = costs["none"], costs["floor"]
    yield "| rule set | first packet, added ns | of the floor | next packets, added ns | of the floor | denied, ns |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, cost in costs.items():
        first, following = cost.first - bare.first, cost.following - bare.following
        of_first = first / (least.first - bare.first)
        of_following = following / (least.following - bare.following)
        denied = f"{cost.denied:,.0f}" if cost.denied else ""
        yield f"| {name} | {first:,.0f} | {of_first:.2f} | {following:,.0f} | {of_following:.2f} | {denied} |"
    yield f"\nA packet without rules: {bare.first:,.0f} ns; a next packet at the floor: {least.following:,.0f} ns."


def _reloads(lab: Lab) -> Iterator[str]:
    yield "| 6,000 permissions | reloads | frames | frames/s | lost, established | lost, new | leaked | without NAT |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for name, result in (
        ("no reload", steady_under_load(lab, NUMBERS[-1], RELOAD_SECONDS)),
        ("load-firewall", reload_under_load(lab, NUMBERS[-1], RELOAD_SECONDS)),
        ("table deleted and added", replace_under_load(lab, NUMBERS[-1], RELOAD_SECONDS)),
    ):
        yield _reload(name, result)


def _reload(name: str, r: Reloads) -> str:
    lost = f"{r.lost_established} | {r.lost_fresh} | {r.leaked} | {r.untranslated}"
    return f"| {name} | {r.reloads} | {r.frames:,} | {r.frames / r.seconds:,.0f} | {lost} |"


def _load() -> str:
    return Path("/proc/loadavg").read_text().split()[0]


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(error.cmd)}: {error.stderr}")
