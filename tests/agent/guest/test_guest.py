"""Lock-outs in a virtual machine, with tags on a trunk: the device takes itself back, and is what it was. Asleep, its
window goes on (clock_gettime(2), CLOCK_BOOTTIME)."""

from __future__ import annotations

import shutil

import pytest

from bailiwick.twin import StageError
from bailiwick.twin.options import IN_A_BOOTED_ONE
from bailiwick.twin.stages.machine.watch import QEMU
from bailiwick.twin.trial import aimed_at
from tests.agent.guest.guest import played
from tests.agent.guest.homes import homes
from tests.agent.guest.scenario import FULL, LOCK_OUTS, OVERSLEPT, SLEPT, Seen
from tests.twin.homes import home_of

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.deep]


@pytest.fixture(scope="module")
def seen() -> dict[str, Seen]:
    if shutil.which(QEMU) is None:
        pytest.skip(f"no {QEMU} here (Debian's package qemu-system-x86)")
    try:
        texts = homes()
        one = home_of(texts["home"])
        aimed = aimed_at(one.network, one.intent, one.plan, (one.tree,), IN_A_BOOTED_ONE)
        found = played(aimed.script, texts, 4500)
    except StageError as error:
        pytest.skip(str(error))
    assert isinstance(found, list)
    return {one.name: one for one in found}


def test_a_stranger_becomes_the_router(seen: dict[str, Seen]) -> None:
    first = seen["first"]
    assert first.status == 0, first.said
    assert first.answers


@pytest.mark.parametrize("name", [one.name for one in LOCK_OUTS if not one.stays])
def test_a_lock_out_comes_back(seen: dict[str, Seen], name: str) -> None:
    one = seen[name]
    assert one.back is not None, one
    assert one.answers, one
    assert one.differences == (), one


def test_no_word_comes_through_a_full_table_of_connections(seen: dict[str, Seen]) -> None:
    one = seen[FULL]
    assert one.struck == 0, one
    assert one.word is not None
    assert (one.word[0], "cannot be reached" in one.word[1]) == (3, True), one


def test_a_machine_that_sleeps_past_the_deadline_takes_no_word(seen: dict[str, Seen]) -> None:
    one = seen[OVERSLEPT]
    window = next(lock_out.window for lock_out in LOCK_OUTS if lock_out.name == OVERSLEPT)
    assert one.struck == 0, one
    assert one.asleep > window, one
    if one.awake >= window:  # a slow machine's own doing: whether sleep counts cannot be told by it
        pytest.skip(f"inconclusive: awake for {one.awake:.0f} s, it had to go back without any sleep")
    assert one.word is not None
    assert one.word[0] == 1, one
    assert '"returned"' in one.last, one


def test_a_machine_that_sleeps_for_a_part_of_the_window_takes_it(seen: dict[str, Seen]) -> None:
    one = seen[SLEPT]
    assert one.struck == 0, one
    assert one.asleep > 1, one
    assert one.word is not None
    assert (one.word[0], one.back is not None, one.answers) == (0, True, True), one
    assert '"confirmed"' in one.last, one
