"""A page for each device that a person configures by hand."""

from __future__ import annotations

from bailiwick.plan.model import Sheet
from bailiwick.targets.artifact import Tree
from bailiwick.targets.lines import BLANK, Line, artifact

KINDS = {"access-point": "access point", "switch": "switch", "isp-box": "provider's box"}


def sheet_tree(sheet: Sheet) -> Tree:
    """The device's tree: one Markdown page with a box to tick before each line."""
    ids = (sheet.id,)
    lines = [
        Line(f"# {sheet.device}: what to enter on the {KINDS.get(sheet.kind, sheet.kind)}"),
        BLANK,
        Line("This device is configured on its own page. Tick a line off when it is entered."),
        BLANK,
        *(Line(f"- [ ] {text}", ids) for text in sheet.lines),
    ]
    if not sheet.lines:
        lines.append(Line("Nothing: the home file asks nothing of it.", ids))
    return Tree(
        device=sheet.device,
        artifacts=(artifact("/sheet.md", lines),),
        spans={sheet.id: tuple(sorted(sheet.spans))},
    )
