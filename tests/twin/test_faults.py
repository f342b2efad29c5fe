"""Planted faults: a share in every run, all under ``--deep``; ``python -m tests.twin.faults`` shows them as a table."""

from __future__ import annotations

import pytest

from tests.twin.faults.__main__ import PAGE
from tests.twin.faults.catalogue import FAULTS
from tests.twin.faults.fault import Fault, NothingChanged, in_block, instead, without
from tests.twin.faults.judging import HOMES, Verdict, findings, judge
from tests.twin.homes import small
from tests.twin.test_trial import small_trial

SHARE = (
    "anti-spoof-missing",
    "hairpin-not-masked",
    "reply-mark-missing",
    "exit-route-by-the-wrong-link",
    "resolver-on-the-uplink",
    "record-wrong",
)
"""Of every group one or two, in the homes that are quick to try."""
EXPECTED = (Verdict.REFUTED, Verdict.INCONCLUSIVE, Verdict.HARMLESS)


def named(name: str) -> Fault:
    return next(fault for fault in FAULTS if fault.name == name)


def test_every_fault_changes_its_files_and_has_a_name_of_its_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len({fault.what for fault in FAULTS}) == len(FAULTS)
    for fault in FAULTS:
        for path, edit in fault.edits:
            text = HOMES[fault.home]().file(path).text
            assert edit(text) != text, fault.name


def test_the_page_tells_of_every_fault() -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [fault.name for fault in FAULTS if f"| {fault.what} | {fault.home}: `{fault.path}:" not in page]
    assert missing == []
    assert f"| {Verdict.UNSEEN} |" not in page
    assert f"| {Verdict.ELSEWHERE} |" not in page


def test_a_fault_that_a_file_no_longer_holds_is_an_error() -> None:
    text = "\tchain a {\n\t\tone\n\t\ttwo\n\t}\n\tchain b {\n\t\tone\n\t}\n"
    assert in_block("chain b", instead("one", "three"))(text) == text.replace("b {\n\t\tone", "b {\n\t\tthree")
    for edit in (without("four"), in_block("chain c", without("one")), in_block("chain b", without("two"))):
        with pytest.raises(NothingChanged):
            edit(text)


@pytest.mark.real
@pytest.mark.slow
def test_an_undamaged_home_gives_no_finding() -> None:
    assert list(findings(small_trial())) == []
    assert small().tree.artifacts


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("name", SHARE)
def test_a_planted_fault_is_refuted(name: str) -> None:
    one = judge(named(name))
    assert (one.verdict, one.findings[:3]) == (Verdict.REFUTED, one.findings[:3])


@pytest.mark.real
@pytest.mark.deep
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_planted_fault_is_refuted(fault: Fault) -> None:
    one = judge(fault)
    assert one.verdict in EXPECTED, (one.verdict, one.findings[:5])
    assert (one.verdict is Verdict.HARMLESS) == bool(fault.harmless)
