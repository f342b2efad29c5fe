"""Home files proven: the stages of the proof, with both engines of packet sets, in processor time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.linux import rules as rules_of
from bailiwick.proof.prove import prove
from bailiwick.workflow.checking import Checked, check, check_read
from bailiwick.workflow.nft_listing import nft_listing
from bailiwick.workflow.reading import read_files

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
TODAY = date(2026, 1, 1)
STAGES = ("compile", "nft, wall", "read back", "proof", "proof, plain engine")


@dataclass(frozen=True, slots=True)
class Timed:
    """``rules`` counts those of nft; seconds by stage."""

    rules: int
    seconds: Mapping[str, float]


def prove_example(name: str, rounds: int) -> Timed:
    return _timed(lambda: check(ROOT / "examples" / name, TODAY), rounds)


def prove_files(files: Mapping[str, str], rounds: int) -> Timed:
    return _timed(lambda: check_read(read_files(files, "home.yaml", TODAY)), rounds)


def _timed(compiled: Callable[[], Checked], rounds: int) -> Timed:
    taken: dict[str, list[float]] = {stage: [] for stage in STAGES}
    rules = 0
    for _ in range(rounds):
        checked = _measured(taken["compile"], compiled)
        tree = checked.trees[0]
        texts = {one.path: one.text for one in tree.artifacts}
        began = time.perf_counter()
        listing = nft_listing(rules_of(texts))
        taken["nft, wall"].append(time.perf_counter() - began)
        device = _measured(taken["read back"], partial(read_tree, texts, listing.ruleset, tree.device, listing.places))
        for stage, pure in (("proof", False), ("proof, plain engine", True)):
            proof = _measured(taken[stage], partial(prove, checked.intent, device, pure))
            if not proof.holds:
                raise SystemExit(f"not proven: {proof.differences[0]}")
        rules = sum(len(chain.rules) for table in device.tables for chain in table.chains.values())
    return Timed(rules, {stage: median(seconds) for stage, seconds in taken.items()})


def _measured(seconds: list[float], work: Callable[[], T]) -> T:
    gc.collect()
    began = time.process_time()
    result = work()
    seconds.append(time.process_time() - began)
    return result
