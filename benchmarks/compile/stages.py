"""Homes through every stage, each timed alone, in processor time: stages compute and wait for nothing."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from statistics import median
from typing import ParamSpec, TypeVar

from bailiwick.intent import mean
from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render

P = ParamSpec("P")
T = TypeVar("T")

TODAY = date(2026, 1, 1)
STAGES = ("load", "resolve", "mean", "contradictions", "plan", "render")


def stage_times(homes: Iterable[Mapping[str, str]]) -> dict[str, float]:
    """The median processor seconds of each of ``STAGES`` over ``homes``: file names to texts."""
    taken: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for files in homes:
        document = _timed(taken["load"], loads, files)
        network = _timed(taken["resolve"], resolve, document, TODAY).network
        intent = _timed(taken["mean"], mean, network)
        _timed(taken["contradictions"], list, intent.contradictions())
        plan = _timed(taken["plan"], make_plan, network)
        _timed(taken["render"], render, plan)
    return {stage: median(seconds) for stage, seconds in taken.items()}


def _timed(seconds: list[float], work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    gc.collect()
    began = time.process_time()
    result = work(*args, **kwargs)
    seconds.append(time.process_time() - began)
    return result
