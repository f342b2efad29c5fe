"""Made-up homes: what is rendered of each is read back, and proven to be what was meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from bailiwick.dataplane import linux
from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.nft.places import scan
from bailiwick.proof.prove import prove
from bailiwick.workflow.checking import check_read
from bailiwick.workflow.reading import read_files
from tests.homes import generate_home
from tests.proof.mutations.nft_loader import Loader

pytestmark = pytest.mark.real

TODAY = date(2026, 1, 1)
FEW, MANY = 12, 1000


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    with Loader() as one:
        yield one


def differences(seed: int, loader: Loader, pure: bool = False) -> list[str]:
    """Those of one home, in words."""
    files = generate_home(zones=1 + seed % 6, hosts=seed % 13, sentences=3 + seed % 17, seed=seed)
    checked = check_read(read_files(files, "home.yaml", TODAY))
    tree = checked.trees[0]
    texts = {one.path: one.text for one in tree.artifacts}
    rules = linux.rules(texts)
    listing, said = loader.load("".join(rules.values()))
    assert listing is not None, said
    device = read_tree(texts, json.loads(listing), tree.device, (scan(rules.items()),))
    found = prove(checked.intent, device, pure).differences
    return [f"{one.kind}: {one.sentence}: {one.packet} {one.line}" for one in found]


@pytest.mark.parametrize("seed", range(FEW))
def test_a_home_is_proven(seed: int, loader: Loader) -> None:
    assert differences(seed, loader) == []


def test_the_plain_engine_proves_it_too(loader: Loader) -> None:
    assert differences(4, loader, pure=True) == []


@pytest.mark.deep
def test_many_homes_are_proven(loader: Loader) -> None:
    failed = {seed: found for seed in range(FEW, FEW + MANY) if (found := differences(seed, loader))}
    assert not failed, failed
