"""The fault matrix: a share in every run, all under ``--deep``; ``python -m tests.agent.faults`` shows a table."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest

from tests.agent.faults.__main__ import PAGE
from tests.agent.faults.catalogue import FAULTS
from tests.agent.faults.elsewhere import ELSEWHERE, LIST
from tests.agent.faults.fault import Fault
from tests.agent.faults.judging import Ground, Judged, Verdict, ground, judge
from tests.agent.faults.moments import MOMENTS
from tests.agent.faults.table import page
from tests.twin.contained.boxes import root_of

SHARE = (("kill-both", "networkd"), ("power", "firewall"), ("management-closed", "wait"))
"""Processes, power, people: one of each."""
OPEN: dict[str, str] = {}
"""What is known to be violated, and not mended yet: by name, and why."""
EVERY = [(fault, moment) for fault in FAULTS for moment in fault.moments]

by_name = {fault.name: fault for fault in FAULTS}


@pytest.fixture(scope="module")
def base() -> Iterator[Ground]:
    root_of()
    made = ground()
    yield made
    shutil.rmtree(made.run)
    ground.cache_clear()


def test_every_fault_has_a_name_and_moments_that_there_are() -> None:
    assert len(by_name) == len({fault.what for fault in FAULTS}) == len(FAULTS)
    assert {moment for fault in FAULTS for moment in fault.moments} <= MOMENTS.keys()


def test_the_page_tells_of_every_run_and_of_no_violation_but_those_that_are_open() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.count(" | ") >= 5]
    rows = [line for line in rows if not line.startswith("| fault |")]
    told = [(line.split(" | ")[0].removeprefix("| "), line.split(" | ")[2]) for line in rows]
    assert sorted(told) == sorted((fault.what, moment) for fault, moment in EVERY)
    wrong = {line.split(" | ")[0].removeprefix("| ") for line in rows if Verdict.VIOLATED in line}
    assert wrong <= {by_name[name].what for name in OPEN}


def test_no_fault_of_the_list_is_forgotten() -> None:
    played = {fault.ref for fault in FAULTS} - {""}
    elsewhere = [one.ref for one in ELSEWHERE]
    assert sorted([*played, *elsewhere]) == sorted(LIST)
    assert elsewhere == sorted(elsewhere)
    text = PAGE.read_text(encoding="utf-8")
    assert text.endswith("".join(f"{one.line}\n" for one in ELSEWHERE))


@pytest.mark.parametrize("test", [test for one in ELSEWHERE for test in one.tests])
def test_what_is_played_elsewhere_is_played(test: str) -> None:
    path, _, name = test.partition("::")
    assert re.search(rf"^def {name}\(", (PAGE.parents[1] / path).read_text(encoding="utf-8"), re.MULTILINE), test


def test_a_page_keeps_the_rows_that_were_not_judged_now() -> None:
    one, other = FAULTS[0], FAULTS[1]
    first = page([Judged(one, one.moments[0], end="new", seconds=3)])
    both = page([Judged(other, other.moments[0], Verdict.VIOLATED, "old", wrong=["a | b"])], first)
    assert f"| {one.what} |  | {one.moments[0]} | held | new | 3 |" in both
    assert "VIOLATED: a \\| b" in both
    assert "2 runs, 1 held, 1 VIOLATED" in both


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize(("name", "moment"), SHARE)
def test_an_apply_survives_a_fault(base: Ground, name: str, moment: str) -> None:
    one = judge(by_name[name], moment)
    assert (one.verdict, one.wrong) == (Verdict.HELD, []), one.log


@pytest.mark.real
@pytest.mark.deep
@pytest.mark.parametrize(("fault", "moment"), EVERY, ids=[f"{fault.name}-{moment}" for fault, moment in EVERY])
def test_an_apply_survives_every_fault(base: Ground, fault: Fault, moment: str) -> None:
    if fault.name in OPEN:
        pytest.xfail(OPEN[fault.name])
    one = judge(fault, moment)
    assert (one.verdict, one.wrong) == (Verdict.HELD, []), one.log
