"""What each rule set adds to a packet: the variants interleaved in one run, round after round, and medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.ruleset.lab import CLIENT, DENIED, PERMITTED, ROUTER_OUTSIDE, SERVER, Lab, Stream
from benchmarks.ruleset.peers import Load

FRESH = 16_000
STEADY = 64_000
FLOWS = 256
SETTLE = 0.15
"""Seconds for the kernel's workers to take down the rules that were there before."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Nanoseconds per packet, medians over the rounds. ``denied`` is None where nothing is denied."""

    first: float
    following: float
    denied: float | None


def measure(lab: Lab, variants: Mapping[str, Load | None], rounds: int) -> dict[str, Cost]:
    """Every variant once a round, in turn; None is a router without rules. The sends begin with one to warm up."""
    samples: dict[str, list[tuple[float, float, float]]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, load in variants.items():
            lab.forget()
            if load is not None:
                load(lab)
            time.sleep(SETTLE)
            samples[name].append(_round(lab, denies=name not in ("none", "conntrack", "floor")))
    return {name: _cost(found) for name, found in samples.items()}


def _round(lab: Lab, *, denies: bool) -> tuple[float, float, float]:
    fresh = Stream(CLIENT, SERVER, 2000, 60_000, PERMITTED)
    lab.send([fresh], count=FRESH // 4)
    lab.forget_connections()
    first = lab.send([fresh], count=FRESH).each
    lab.forget_connections()
    steady = Stream(CLIENT, SERVER, 1024, FLOWS, PERMITTED)
    lab.send([steady], count=FLOWS)
    for target in (ROUTER_OUTSIDE, CLIENT):  # masqueraded or not, one of them is the reply
        lab.send([Stream(SERVER, target, PERMITTED, 1, 1024, FLOWS)], count=FLOWS, back=True)
    following = lab.send([steady], count=STEADY).each
    denied = lab.send([Stream(CLIENT, SERVER, 2000, 60_000, DENIED)], count=FRESH).each if denies else 0.0
    return first, following, denied


def _cost(samples: Sequence[tuple[float, float, float]]) -> Cost:
    first, following, denied = (statistics.median(column) for column in zip(*samples, strict=True))
    return Cost(first, following, denied or None)
