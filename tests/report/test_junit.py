"""JUnit's XML: its shape, and that nothing that failed or was not tried is lost in it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from bailiwick.claims.claim import Evidence, Outcome, Witness
from bailiwick.report.junit import junit
from bailiwick.twin.result import Check
from bailiwick.workflow.trial import Trial

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "skipped", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "skipped", "errors"},
    "testcase": {"classname", "name"},
    "failure": {"message"},
    "skipped": {"message"},
    "system-out": set[str](),
}
INSIDE = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase", "system-out"},
    "testcase": {"failure", "skipped"},
    "failure": set[str](),
    "skipped": set[str](),
    "system-out": set[str](),
}


def read(trial: Trial) -> ElementTree.Element:
    return ElementTree.fromstring(junit("small", trial.checked.intent.claims(), trial.result))


def hold_shape(element: ElementTree.Element) -> None:
    assert set(element.attrib) == ATTRIBUTES[element.tag]
    assert {child.tag for child in element} <= INSIDE[element.tag]
    if element.tag in ("testsuites", "testsuite"):
        for key, path in (("tests", ".//testcase"), ("failures", ".//failure"), ("skipped", ".//skipped")):
            assert int(element.attrib[key]) == len(element.findall(path))
    if element.tag == "testcase":
        assert len(element) <= 1
    for child in element:
        hold_shape(child)


@pytest.mark.parametrize("which", ["good", "bad", "refuted"])
def test_the_shape_is_what_readers_expect(which: str, request: pytest.FixtureRequest) -> None:
    trial: Trial = request.getfixturevalue(which)
    hold_shape(read(trial))


def test_each_claim_is_a_test_case(good: Trial) -> None:
    names = [case.get("name", "") for case in read(good).findall("./testsuite[@name='claims']/testcase")]

    assert len(names) == len(good.checked.intent.claims())
    assert names[0].endswith(f"[{good.checked.intent.claims()[0].id}]")


def test_everything_that_failed_is_a_failure(bad: Trial) -> None:
    root = read(bad)
    told = {case.get("name", ""): case.find("failure") for case in root.iter("testcase")}
    failed = {name for name, failure in told.items() if failure is not None}

    assert {"DNS <x> from lan", "DHCP in lan for 52:54:00:00:00:02", "nftables rule 3 (firewall.nft:7)"} < failed
    assert sum(name.endswith("]") for name in failed) == 1
    skipped = {case.get("name") for case in root.iter("testcase") if case.find("skipped") is not None}
    assert skipped == {"unclear", "rule 4 (firewall.nft:8)"}


def test_a_refuted_claim_says_where_to_look(refuted: Trial) -> None:
    failure = read(refuted).find(".//failure")

    assert failure is not None
    assert failure.get("message") == "seen nowhere"
    assert "/etc/bailiwick/firewall.nft:7  drop" in (failure.text or "")


def test_inconclusive_is_skipped_with_the_reason(good: Trial) -> None:
    claim = good.checked.intent.claims()[0]
    unseen = Evidence(claim.id, Witness.TWIN, Outcome.INCONCLUSIVE, note="nobody listens there")
    skipped = read(replace(good, result=replace(good.result, evidence=(unseen,)))).find(".//skipped")

    assert skipped is not None
    assert skipped.get("message") == "nobody listens there"


def test_characters_that_no_document_may_hold_are_replaced(good: Trial) -> None:
    check = Check("a\x1bb", "c", "d\x00e\ud800", False)
    failure = read(replace(good, result=replace(good.result, checks=(check,)))).find(".//failure")

    assert failure is not None
    assert failure.get("message") == "meant c, saw d\ufffde\ufffd"
