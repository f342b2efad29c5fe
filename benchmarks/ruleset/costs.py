"""What each rule set adds to a packet: a router for each, all alive at once, and short bursts to them in random turn.

Loads of other programs come and go over seconds, and the kernel's memory lies differently from one load of a rule set
to the next. So every rule set stays loaded in a router of its own, and a round, which takes about a second, sends a
burst to each: what disturbs a round disturbs all of them alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.ruleset.lab import CLIENT, DENIED, PERMITTED, ROUTER_OUTSIDE, SERVER, Lab, Stream
from benchmarks.ruleset.peers import Load

BURST = 2048
LONGEST = 40_000_000
"""Nanoseconds: a rule set that is slower than that for a burst gets shorter ones."""
FLOWS = 256
OTHERS_EVERY = 3
"""Next and denied packets are sent in every third round: they need fewer rounds than first ones."""
PORT_BLOCKS = 12
SETTLE = 0.03
"""Seconds for the kernel to free the connections of the round before."""
WARM_UP = 2
"""Rounds that do not count."""


@dataclass(frozen=True, slots=True)
class Variant:
    """``load`` None is a router without rules. ``denies``: there are packets that it drops."""

    load: Load | None
    denies: bool = True


@dataclass(slots=True)
class Cost:
    """Nanoseconds per packet, one for each round that counted; of two rule sets the same rounds. ``denied`` stays
    empty where nothing is denied."""

    first: list[float] = field(default_factory=list)
    following: list[float] = field(default_factory=list)
    denied: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Share:
    """What a rule set adds over none, as a fraction of what the floor adds: of the medians of all rounds, and the
    quartiles of the rounds' own."""

    median: float
    low: float
    high: float


def share(cost: Sequence[float], bare: Sequence[float], floor: Sequence[float]) -> Share:
    """Of samples that were taken in the same rounds."""
    middle = statistics.median
    each = [(one - none) / (least - none) for one, none, least in zip(cost, bare, floor, strict=True)]
    low, _, high = statistics.quantiles(each, n=4)
    return Share((middle(cost) - middle(bare)) / (middle(floor) - middle(bare)), low, high)


def measure(folder: Path, variants: Mapping[str, Variant], seconds: float) -> dict[str, Cost]:
    """Rounds until the time is up, at least two that count."""
    costs = {name: Cost() for name in variants}
    with ExitStack() as stack:
        labs: dict[str, Lab] = {}
        for number, (name, variant) in enumerate(variants.items(), 1):
            labs[name] = Lab(folder, number)
            stack.callback(labs[name].close)
            if variant.load is not None:
                variant.load(labs[name])
        random, turn, end = Random(1), 0, time.monotonic() + seconds
        lengths = dict.fromkeys(variants, BURST)
        while turn < WARM_UP + 2 * OTHERS_EVERY or time.monotonic() < end:
            for lab in labs.values():
                lab.forget_connections()
            time.sleep(SETTLE)
            order = list(variants)
            random.shuffle(order)
            for name in order:
                found = _burst(labs[name], turn, lengths[name])
                others = _others(labs[name], lengths[name], variants[name]) if turn % OTHERS_EVERY == 0 else None
                lengths[name] = int(min(BURST, max(FLOWS, LONGEST / found)))
                if turn >= WARM_UP:
                    _note(costs[name], found, others)
            turn += 1
    return costs


def _note(cost: Cost, first: float, others: tuple[float, float | None] | None) -> None:
    cost.first.append(first)
    if others is not None:
        following, denied = others
        cost.following.append(following)
        cost.denied += [] if denied is None else [denied]


def _burst(lab: Lab, turn: int, frames: int) -> float:
    """First packets, each of a flow of its own."""
    ports = 2000 + turn % PORT_BLOCKS * BURST
    return lab.send([Stream(CLIENT, SERVER, ports, BURST, PERMITTED)], count=frames).each


def _others(lab: Lab, frames: int, variant: Variant) -> tuple[float, float | None]:
    """Next packets of answered flows, and denied ones."""
    steady = Stream(CLIENT, SERVER, 1024, FLOWS, PERMITTED)
    lab.send([steady], count=FLOWS)
    for target in (ROUTER_OUTSIDE, CLIENT):  # masqueraded or not, one of them is the reply
        lab.send([Stream(SERVER, target, PERMITTED, 1, 1024, FLOWS)], count=FLOWS, back=True)
    following = lab.send([steady], count=2 * BURST).each
    if not variant.denies:
        return following, None
    return following, lab.send([Stream(CLIENT, SERVER, 2000, BURST, DENIED)], count=frames).each
