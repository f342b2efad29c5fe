"""Made-up homes whose router is a MikroTik: what is rendered of each is read back, and proven to be what was meant."""

from __future__ import annotations

import re

import pytest

from bailiwick.proof.prove import prove
from bailiwick.workflow.machines import read_script
from tests.proof.mutations.made_up import routeros_home

FEW, MANY = 12, 500
_TWO_TAGS = re.compile(r"VLAN \d+ on port \w+ hears VLAN \d+ and \d+ on port \w+")
"""Where a native VLAN stands beside a trunk, a stranger's second tag leads on: that home is wired so, and told."""


def differences(seed: int) -> list[str]:
    checked = routeros_home(seed)
    tree = checked.trees[0]
    device = read_script(tree.device, {one.path: one.text for one in tree.artifacts})
    found = prove(checked.intent, device).differences
    said = [f"{one.kind}: {one.sentence}: {one.packet} {one.line}" for one in found]
    return [one for one in said if not _TWO_TAGS.search(one)]


@pytest.mark.parametrize("seed", range(FEW))
def test_a_home_is_proven(seed: int) -> None:
    assert differences(seed) == []


@pytest.mark.deep
def test_many_homes_are_proven() -> None:
    failed = {seed: found for seed in range(FEW, FEW + MANY) if (found := differences(seed))}
    assert not failed, failed
