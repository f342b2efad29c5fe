"""What is held against a machine that has booted: each thing that is not as it is to be is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.agent.guest.power.cuts import EITHER, NEW, OLD
from tests.agent.guest.power.inside import Standing
from tests.agent.guest.power.trial import wrong_with

LOOKS = {
    OLD: {"rules": "drop\n", "units": "ssh.service\n"},
    NEW: {"rules": "accept\n", "units": "ssh.service\n"},
}
CONFIRMED = '{"what": "confirmed", "generation": 1, "before": 0}'
RETURNED = '{"what": "returned", "generation": 2, "before": 1}'
STANDING = Standing(4.0, True, 1, RETURNED, LOOKS[OLD], 0.0)


def test_the_last_confirmed_one_is_right() -> None:
    assert wrong_with(STANDING, OLD, frozenset({OLD}), LOOKS) == []
    assert wrong_with(replace(STANDING, last=CONFIRMED), OLD, EITHER, LOOKS) == []
    new = replace(STANDING, confirmed=2, looks=LOOKS[NEW], last=CONFIRMED.replace("1", "2", 1))
    assert wrong_with(new, NEW, EITHER, LOOKS) == []


def test_that_it_was_put_back_at_boot_is_no_difference() -> None:
    looks = {**LOOKS[OLD], "units": "bailiwick-boot.service\nssh.service\n"}
    assert wrong_with(replace(STANDING, looks=looks), OLD, EITHER, LOOKS) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(STANDING, over=None),
        replace(STANDING, answers=False),
        replace(STANDING, confirmed=2),
        replace(STANDING, last=CONFIRMED.replace("1", "2", 1)),
        replace(STANDING, looks=LOOKS[NEW]),
        replace(STANDING, looks={**LOOKS[OLD], "units": ""}),
        replace(STANDING, looks={**LOOKS[OLD], "units": "ssh.service\nother.service\n"}),
    ],
    ids=["open", "ssh", "generation", "history", "rules", "lost unit", "another unit"],
)
def test_what_is_otherwise_is_told(other: Standing) -> None:
    assert len(wrong_with(other, OLD, frozenset({OLD}), LOOKS)) == 1


def test_the_old_one_is_wrong_where_the_new_one_was_confirmed() -> None:
    assert wrong_with(STANDING, OLD, frozenset({NEW}), LOOKS) == ["generation 1 is the confirmed one"]
