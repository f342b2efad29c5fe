"""Every single-token change of the lines about VLANs: the proof fails, or frames followed one by one see no change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bailiwick.language.diagnostic import Problems
from tests.proof.segments.mutations import Mutant, mutants, relation
from tests.proof.segments.sample import HOME, Sample

pytestmark = pytest.mark.real

SHARE = 29
"""Every so manieth mutant in the daily run."""


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample.of(HOME)


Prover = Callable[[Sample, Mutant], bool]


def proven(sample: Sample, mutant: Mutant) -> bool:
    try:
        return not sample.differences({(mutant.machine, mutant.path): mutant.text})
    except Problems:
        return False


def judged(sample: Sample, chosen: list[Mutant], prover: Prover = proven) -> tuple[list[Mutant], int, int]:
    """Those that the proof missed, how many it saw, and how many change nothing."""
    before = relation(sample, sample.machines({}))
    missed, seen, harmless = [], 0, 0
    for mutant in chosen:
        if not prover(sample, mutant):
            seen += 1
        elif _unchanged(sample, mutant, before):
            harmless += 1
        else:
            missed.append(mutant)
    return missed, seen, harmless


def _unchanged(sample: Sample, mutant: Mutant, before: object) -> bool:
    try:
        return relation(sample, sample.machines({(mutant.machine, mutant.path): mutant.text})) == before
    except Problems:
        return False


@pytest.mark.slow
def test_what_a_frame_shows_the_proof_shows(sample: Sample) -> None:
    chosen = list(mutants(sample))[::SHARE]
    missed, seen, _ = judged(sample, chosen)
    assert not missed, "\n".join(map(str, missed))
    assert seen > len(chosen) // 2, "most of them matter"


def test_a_proof_that_always_holds_is_caught(sample: Sample) -> None:
    def credulous(_sample: Sample, _mutant: Mutant) -> bool:
        return True

    assert judged(sample, list(mutants(sample))[::200], credulous)[0]


@pytest.mark.deep
def test_all_of_them(sample: Sample) -> None:
    missed, _, _ = judged(sample, list(mutants(sample)))
    assert not missed, "\n".join(map(str, missed))
