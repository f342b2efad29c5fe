"""Every single-token change of the files of the examples, before the proof and before packets walked one by one.

What a packet shows the proof must show: whatever it misses is a defect of the proof. ``python -m
tests.proof.mutations`` prints the same as a table, by class, with what neither saw.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bailiwick.dataplane.model import Device
from bailiwick.intent import Intent
from tests.proof.mutations.nft_loader import Loader
from tests.proof.mutations.trial import Judged, Trial, Verdict

pytestmark = pytest.mark.real

SHARES = {"one-router": 67, "public-apps": 131}
"""Every so manieth mutant in the daily run."""


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    with Loader() as one:
        yield one


def judged(trial: Trial, share: int) -> list[Judged]:
    return [trial.judge(mutant) for mutant in trial.mutants()[::share]]


def missed(found: list[Judged]) -> str:
    return "\n".join(str(one) for one in found if one.verdict is Verdict.MISSED)


@pytest.mark.parametrize("example", SHARES)
def test_what_a_packet_shows_the_proof_shows(example: str, loader: Loader) -> None:
    found = judged(Trial(example, loader), SHARES[example])
    assert not missed(found), missed(found)
    assert sum(one.verdict is Verdict.CAUGHT for one in found) >= len(found) // 10, "the packets tell mutants apart"


@pytest.mark.deep
@pytest.mark.parametrize("example", SHARES)
def test_all_of_them(example: str, loader: Loader) -> None:
    found = judged(Trial(example, loader), 1)
    assert not missed(found), missed(found)


def test_a_proof_that_always_holds_is_caught(loader: Loader) -> None:
    def credulous(_intent: Intent, _device: Device) -> bool:
        return True

    assert missed(judged(Trial("one-router", loader, prover=credulous), SHARES["one-router"]))


def test_a_ruleset_that_nft_refuses_leaves_nothing_behind(loader: Loader) -> None:
    listing, said = loader.load("table inet t { chain c { nonsense } }")
    assert listing is None
    assert said
    assert loader.load("table inet t { }")[0] is not None
