"""A trial as JUnit's XML, which build servers read: a test case for each claim, check, lease and thing not loaded.

There is no standard; this keeps to what Jenkins, GitLab and GitHub's readers share: ``testsuites`` of ``testsuite`` of
``testcase``, each with at most one ``failure`` (with ``message`` and a text) or ``skipped`` (with ``message``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from bailiwick.claims.claim import Claim, Outcome
from bailiwick.report.refutations import refutation_lines
from bailiwick.twin.result import TwinResult

UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold (XML 1.0, production 2)."""


@dataclass(frozen=True, slots=True)
class Case:
    """``failure`` and ``skipped`` are messages, "" for none; ``text`` says more of a failure."""

    group: str
    name: str
    failure: str = ""
    skipped: str = ""
    text: str = ""


def junit(name: str, claims: Iterable[Claim], result: TwinResult) -> str:
    """``name`` is the home's; ``claims`` are those that the result has evidence of. One suite for each kind."""
    suites: dict[str, list[Case]] = {}
    for case in _cases(claims, result):
        suites.setdefault(case.group, []).append(case)
    total = dict(result.seconds).get("total", 0.0)
    root = ElementTree.Element("testsuites", _counts(f"bailiwick {name}", [c for s in suites.values() for c in s]))
    root.set("time", f"{total:.3f}")
    for group, cases in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", _counts(group, cases))
        for case in cases:
            _write(suite, f"{_clean(name)}.{group}", case)
        if group == "claims" and result.untried:
            lacks = "\n".join(f"{lack.name}: {lack.note}" for lack in result.untried)
            ElementTree.SubElement(suite, "system-out").text = _clean(lacks)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _counts(name: str, cases: list[Case]) -> dict[str, str]:
    return {
        "name": _clean(name),
        "tests": str(len(cases)),
        "failures": str(sum(bool(case.failure) for case in cases)),
        "skipped": str(sum(bool(case.skipped) for case in cases)),
        "errors": "0",
    }


def _write(suite: ElementTree.Element, group: str, case: Case) -> None:
    one = ElementTree.SubElement(suite, "testcase", {"classname": group, "name": _clean(case.name)})
    if case.failure:
        ElementTree.SubElement(one, "failure", {"message": _clean(case.failure)}).text = _clean(case.text)
    elif case.skipped:
        ElementTree.SubElement(one, "skipped", {"message": _clean(case.skipped)})


def _clean(text: str) -> str:
    return UNWRITABLE.sub("\ufffd", text)


def _cases(claims: Iterable[Claim], result: TwinResult) -> Iterator[Case]:
    texts = {claim.id: claim for claim in claims}
    refuted = {one.claim.id: "\n".join(refutation_lines(one)) for one in result.refutations}
    for evidence in result.evidence:
        claim = texts[evidence.claim]
        yield Case(
            "claims",
            f"{claim.text} [{claim.id}]",
            failure=(evidence.note or "refuted") if evidence.outcome is Outcome.REFUTED else "",
            skipped=(evidence.note or "inconclusive") if evidence.outcome is Outcome.INCONCLUSIVE else "",
            text=refuted.get(claim.id, ""),
        )
    for check in result.checks:
        yield Case(
            "checks",
            check.subject,
            failure=f"meant {check.expected}, saw {check.seen}" if check.differs else "",
            skipped=check.seen if check.holds is None else "",
        )
    for lease in result.leases:
        given = f"was given {lease.address or 'nothing'}"
        yield Case("leases", f"DHCP in {lease.zone} for {lease.mac}", failure="" if lease.holds else given)
    for entry in result.loaded:
        if entry.found is not True:
            note = entry.note or "not found"
            missing = entry.found is False
            name = f"{entry.subject} ({entry.place})"
            yield Case("loaded", name, failure=note if missing else "", skipped="" if missing else note)
    everything = sum(entry.found is True for entry in result.loaded)
    if everything:
        yield Case("loaded", f"{everything} things that the files ask for are there")
