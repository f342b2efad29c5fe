"""``python -m benchmarks.ruleset [SECONDS]``: every table of the packet costs, as Markdown on standard output.

The seconds are those of the first table; the other one takes half a minute.
"""

from __future__ import annotations

import platform
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from benchmarks.ruleset.costs import Cost, Variant, measure, share
from benchmarks.ruleset.lab import Lab, run
from benchmarks.ruleset.peers import Load, peers
from benchmarks.ruleset.reloads import Reloads, reload_under_load, replace_under_load, steady_under_load
from benchmarks.ruleset.rules import conntrack, floor, linear, reference, rendered

NUMBERS = (60, 600, 6000)
SECONDS = 360.0
RELOAD_SECONDS = 10.0


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    with tempfile.TemporaryDirectory(prefix="ruleset-") as name:
        folder = Path(name)
        variants = {
            "none": Variant(None, denies=False),
            "conntrack": Variant(_text(conntrack()), denies=False),
            "floor": Variant(_text(floor()), denies=False),
        }
        for words, rules in (
            ("verdict map, then one set, by hand", reference),
            ("Bailiwick, policy", lambda number: rendered(number, hygiene=False)),
            ("Bailiwick, policy and hygiene", lambda number: rendered(number, hygiene=True)),
            ("linear", linear),
        ):
            variants |= {f"{words}, {number}": Variant(_text(rules(number))) for number in NUMBERS}
        others, missing = peers(folder, NUMBERS)
        variants |= {words: Variant(load) for words, load in others.items()}
        print(f"Measured {date.today().isoformat()}, Linux {platform.release()}, {run('nft', '--version').strip()}.")
        costs, load = measure(folder, variants, seconds), _load()
        print(f"{len(costs['none'].first)} rounds, load average {load} with the sender's own.\n")
        print("\n".join(_costs(costs)))
        if missing:
            print(f"\n{missing}")
        lab = Lab(folder)
        try:
            print("\n" + "\n".join(_reloads(lab)))
        finally:
            lab.close()


def _text(rules: str) -> Load:
    def load(lab: Lab) -> None:
        lab.nft(lab.router, rules)

    return load


def _costs(costs: dict[str, Cost]) -> Iterator[str]:
    bare, least, middle = costs["none"], costs["floor"], statistics.median
    yield "| rule set | first packet, added ns | of the floor | quartiles | next, added ns | of it | denied, ns |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for name, cost in costs.items():
        first, following = middle(cost.first) - middle(bare.first), middle(cost.following) - middle(bare.following)
        one = share(cost.first, bare.first, least.first)
        next_ = share(cost.following, bare.following, least.following)
        spread = f"{one.low:.2f}-{one.high:.2f}"
        denied = f"{middle(cost.denied):,.0f}" if cost.denied else ""
        opening = f"{first:,.0f} | {one.median:.2f} | {spread}"
        yield f"| {name} | {opening} | {following:,.0f} | {next_.median:.2f} | {denied} |"
    without, next_packet = middle(bare.first), middle(least.following)
    yield f"\nA packet without rules: {without:,.0f} ns; a next packet at the floor: {next_packet:,.0f} ns."


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
