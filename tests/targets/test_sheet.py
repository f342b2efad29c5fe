from __future__ import annotations

from dataclasses import replace

from bailiwick.targets.sheet import sheet_tree
from tests.targets.linux.router_plans import SHEETS


def test_each_line_is_a_box_to_tick_that_leads_to_its_place() -> None:
    tree = sheet_tree(SHEETS[0])
    page = tree.file("/sheet.md")
    assert "# ap: what to enter on the access point\n" in page.text
    (ticked,) = (n for n, line in enumerate(page.text.splitlines(), 1) if line == "- [ ] Port 1: untagged lan.")
    assert page.lines[ticked] == ("sheet:ap",)
    assert tree.spans["sheet:ap"] == SHEETS[0].spans


def test_a_device_of_which_nothing_is_asked_says_so() -> None:
    assert "Nothing:" in sheet_tree(replace(SHEETS[0], lines=())).file("/sheet.md").text
