"""How far an owned host came, in words."""

from __future__ import annotations

from bailiwick.report.raid_text import raid_text
from bailiwick.report.terminal import Terminal
from bailiwick.twin.acts.owned import SUBJECT
from bailiwick.twin.result import Check, TwinResult


def test_each_pair_has_a_line_with_its_mark() -> None:
    checks = (
        Check(f"{SUBJECT}cloud, from proxy", "reached (https)", "reached, 1 of 9 packets arrived", True),
        Check(f"{SUBJECT}others in lan, from proxy", "not reached", "reached, 2 of 9 packets arrived", False),
        Check(f"{SUBJECT}printer, from proxy", "not reached", "not tried", None),
        Check("something else", "this", "that", True),
    )
    text = raid_text(TwinResult((), (), checks, (), (), (), (("total", 1.0),)), Terminal(120))

    rows = {tuple(line.split()[:2]) for line in text.splitlines() if "from" not in line and line.strip()}
    assert {("✓", "cloud"), ("✗", "others"), ("?", "printer")} <= rows
    assert "this" not in text
