"""The proof and the twin on homes that nobody has seen: what is proven is what happens, packet by packet.

Every other home has lost one rule or element of its ruleset, so that the two have more to agree on than what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bailiwick.twin import Check, TwinOptions, try_network
from tests.proof.mutations.nft_loader import Loader
from tests.twin.agreeing import Compared, Predictor, compare, device_of, parted
from tests.twin.faults.fault import without
from tests.twin.homes import small

pytestmark = pytest.mark.real

FEW, MANY = 10, 100
LOOPBACK = re.compile(r" 127\.\d+\.\d+\.\d+ -> router 255\.255\.255\.255 ")


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    with Loader() as one:
        yield one


def known(check: Check) -> bool:
    """Linux takes a loopback source that is nobody's address to its input hook when the packet is for everybody and
    there are no routing rules (``inet_lookup_ifaddr_rcu``, net/ipv4/devinet.c); the interpreter ends it before, where
    no rule sees it. Both drop it."""
    return check.subject.startswith("the rules that decide") and LOOPBACK.search(check.seen) is not None


def disagreements(seed: int, one: Compared) -> list[str]:
    """In words; none when proof and twin agree."""
    found = list(one.parted)
    if one.proven:
        result = one.result
        wrong = [*result.differences, *(check for check in result.checks if check.differs and not known(check))]
        wrong += [*(x for x in result.leases if not x.holds), *(x for x in result.loaded if x.found is False)]
        if wrong:
            found.append(f"proven, and the twin saw {wrong[:3]}")
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
