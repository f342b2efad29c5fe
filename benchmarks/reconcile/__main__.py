"""``python -m benchmarks.reconcile``: a router with many open connections gets rules that refuse half of them.

Router and rules are those of ``benchmarks.ruleset``. Processor time of a process of its own in the router's namespace
and of the tools that it asks, without the start of Python and the loading of modules.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from bailiwick.agent.connections import conntrack
from bailiwick.agent.connections.judging import Judge
from bailiwick.agent.connections.netlink import Netfilter
from bailiwick.agent.connections.reconcile import reconcile
from bailiwick.agent.look.running import running
from bailiwick.agent.places import Places
from benchmarks.ruleset.lab import CLIENT, DENIED, PERMITTED, SERVER, Lab, Stream
from benchmarks.ruleset.rules import floor, rendered

ROUNDS = 3
OPEN = (100, 1_000, 10_000)
PERMISSIONS = (60, 6_000)
STAGES = ("look", "list", "judge", "whole", "again")


def main() -> None:
    print("| permissions | connections | look at the device | list | judge | whole, half of them ended | again |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="reconcile-") as name:
        lab = Lab(Path(name))
        try:
            for permissions in PERMISSIONS:
                for number in OPEN:
                    took = [_round(lab, permissions, number) for _ in range(ROUNDS)]
                    cells = (f"{statistics.median(one[stage] for one in took):,.0f}" for stage in STAGES)
                    print(f"| {permissions:,} | {number:,} | {' | '.join(cells)} |", flush=True)
        finally:
            lab.close()


def _round(lab: Lab, permissions: int, number: int) -> dict[str, float]:
    lab.forget()
    lab.nft(lab.router, floor())
    half = number // 2
    lab.send([Stream(CLIENT, SERVER, 10_000, half, port) for port in (PERMITTED, DENIED)], count=number + 64)
    lab.nft(lab.router, rendered(permissions, hygiene=True))
    return dict(json.loads(lab.inside(lab.router, sys.executable, "-m", "benchmarks.reconcile", "inside")))


def spent() -> float:
    """Seconds of the processor: this process's, and of those that it has waited for."""
    return sum(os.times()[:4])


def inside() -> None:
    """In the router: milliseconds of each stage."""
    took: dict[str, float] = {}

    def timed(stage: str, since: float) -> float:
        now = spent()
        took[stage] = (now - since) * 1000
        return now

    at = spent()
    now = running()
    at = timed("look", at)
    with Netfilter() as netfilter:
        found = list(conntrack.connections(netfilter))
    at = timed("list", at)
    judge = Judge(now.device)
    for one in found:
        judge.verdict(one)
    at = timed("judge", at)
    first = reconcile(Places(Path("/nowhere")), lambda _: None)
    at = timed("whole", at)
    second = reconcile(Places(Path("/nowhere")), lambda _: None)
    timed("again", at)
    if not first.ended or second.ended or second.kept != first.kept:
        sys.exit(f"not as expected: {first}; {second}")
    print(json.dumps(took))


if __name__ == "__main__":
    inside() if sys.argv[1:] == ["inside"] else main()
