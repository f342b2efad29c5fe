"""A virtual machine with a disk is killed, and boots again; ``python -m tests.agent.guest.power`` has all the cuts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bailiwick.twin import StageError
from bailiwick.twin.stages.machine.watch import QEMU
from tests.agent.guest.power.__main__ import ORDER, PAGE
from tests.agent.guest.power.cuts import CUTS, Cut
from tests.agent.guest.power.table import HELD, rows_of
from tests.agent.guest.power.trial import Judged, Trial

SHARE = [one for one in CUTS if one.at in ("waiting", "acknowledged")]


def test_the_page_tells_of_every_cut_and_of_no_violation() -> None:
    rows = rows_of(PAGE.read_text(encoding="utf-8"))
    assert list(rows) == ORDER
    assert {row.split(" | ")[2] for row in rows.values()} == {HELD}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    if shutil.which(QEMU) is None:
        pytest.skip(f"no {QEMU} here (Debian's package qemu-system-x86)")
    directory: Path = tmp_path_factory.mktemp("power")
    made = Trial(directory)
    try:
        assert made.base
    except StageError as error:
        pytest.skip(str(error))
    yield made
    shutil.rmtree(directory)


def _held(judged: list[Judged]) -> None:
    assert judged
    assert {one.what: one.wrong for one in judged if one.wrong} == {}


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.deep
@pytest.mark.parametrize("cut", SHARE, ids=lambda one: one.at)
def test_a_killed_machine_boots_what_was_confirmed_last(trial: Trial, cut: Cut) -> None:
    _held(trial.cut(cut))


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.deep
@pytest.mark.parametrize("number", range(2))
def test_a_cut_at_any_write_leaves_what_was_confirmed_last(trial: Trial, number: int) -> None:
    _held(trial.cut_at_random(number))


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.deep
def test_a_clock_without_a_battery_changes_nothing_of_that(trial: Trial) -> None:
    _held([trial.in_order()])
