"""The proof and the twin on homes that nobody has seen: what is proven is what happens, packet by packet.

Every other home has lost one rule or element of its ruleset, so that the two have more to agree on than what was meant.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bailiwick.twin import TwinOptions, try_network
from tests.proof.mutations.nft_loader import Loader
from tests.twin.agreeing import Compared, Predictor, compare, device_of, parted
from tests.twin.faults.fault import without
from tests.twin.homes import small

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("twin")]

FEW, MANY = 10, 100


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    with Loader() as one:
        yield one


def disagreements(seed: int, one: Compared) -> list[str]:
    """In words; none when proof and twin agree."""
    found = list(one.parted)
    if one.proven and not one.result.holds:
        wrong = [*one.result.differences, *(check for check in one.result.checks if check.differs)]
        found.append(f"proven, and the twin saw {wrong[:3]}, {one.result.leases}")
    if not one.damage and not one.proven:
        found.append("undamaged, and not proven")
    return [f"home {seed}{f' without {one.damage}' if one.damage else ''}: {what}" for what in found]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FEW))
def test_proof_and_twin_agree(seed: int, loader: Loader) -> None:
    one = compare(seed, loader)

    assert disagreements(seed, one) == []
    assert one.walked > 500


def test_a_prediction_from_other_files_parts_from_what_is_seen(loader: Loader) -> None:
    one = small()
    shorter = one.changed(without("policy:lan->dmz:https"))
    result = try_network(one.network, one.intent, one.plan, shorter.tree, TwinOptions(patience=0.2))
    wrong = [seen for seen in result.observations if seen.packet.egress == "zone:dmz"]

    assert list(parted(wrong, Predictor(shorter, device_of(shorter, loader)))) == []
    assert (
        len(list(parted(wrong, Predictor(one, device_of(one, loader)))))
        == len([seen for seen in wrong if seen.differs])
        > 0
    )


@pytest.mark.deep
def test_proof_and_twin_agree_on_many(loader: Loader) -> None:
    found = [line for seed in range(FEW, FEW + MANY) for line in disagreements(seed, compare(seed, loader))]
    assert found == []
