"""Every single-token change of the RouterOS scripts of the examples and of made-up homes, before the proof and judges.

What a packet or a frame shows the proof must show, and what no reader looks at has a reason. ``python -m
tests.proof.mutations.scripts`` prints the same as a table.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bailiwick.dataplane.model import Device
from bailiwick.intent import Intent
from bailiwick.proof.wired import Machines
from bailiwick.workflow import check
from tests.proof.mutations.made_up import routeros_home
from tests.proof.mutations.script_trial import ScriptTrial
from tests.proof.mutations.trial import Judged, Verdict

pytestmark = pytest.mark.real  # nft reads what a hypervisor's access ports drop

EXAMPLE = Path(__file__).parents[2] / "examples/public-apps-mikrotik.yaml"
SHARE, MANY = 331, 8
"""Every so manieth mutant in the daily run, and in the deep one; the command takes all."""
MADE_UP, MADE_UP_MANY = 3, 60
"""Mutants of each made-up home."""
SEEDS = (0, 1, 2, 4, 7, 10, 11, 12, 13, 15)
"""Made-up homes that have neither native VLANs beside trunks nor forced DNS with a way out."""


def example(size: int) -> ScriptTrial:
    return ScriptTrial(check(EXAMPLE, date(2026, 1, 1)), size=size)


def some(seed: int, size: int, count: int) -> list[Judged]:
    trial = ScriptTrial(routeros_home(seed), size=size)
    return judged(trial, max(1, len(trial.mutants()) // count))


def judged(trial: ScriptTrial, share: int) -> list[Judged]:
    return [trial.judge(mutant) for mutant in trial.mutants()[::share]]


def missed(found: list[Judged]) -> str:
    return "\n".join(str(one) for one in found if one.verdict is Verdict.MISSED)


@pytest.mark.slow
def test_what_a_packet_shows_the_proof_shows() -> None:
    found = judged(example(300), SHARE)
    assert not missed(found), missed(found)
    assert sum(one.verdict in (Verdict.SEEN, Verdict.REFUSED) for one in found) > len(found) // 2, "most of them matter"


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS[:3])
def test_so_it_is_in_made_up_homes(seed: int) -> None:
    found = some(seed, 150, MADE_UP)
    assert not missed(found), missed(found)


@pytest.mark.slow
def test_a_proof_that_always_holds_is_caught() -> None:
    def credulous(_intent: Intent, _device: Device, _others: Machines | None) -> bool:
        return True

    trial = ScriptTrial(check(EXAMPLE, date(2026, 1, 1)), credulous, size=300)
    assert missed(judged(trial, SHARE))


@pytest.mark.deep
def test_many_of_them() -> None:
    found = judged(example(1200), MANY)
    assert not missed(found), missed(found)


@pytest.mark.deep
@pytest.mark.parametrize("seed", SEEDS)
def test_many_of_them_in_made_up_homes(seed: int) -> None:
    found = some(seed, 600, MADE_UP_MANY)
    assert not missed(found), missed(found)
