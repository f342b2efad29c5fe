"""How far an owned host came, for a terminal: each pair as its blast radius has it and as it was seen."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

from bailiwick.report.terminal import Terminal
from bailiwick.report.trial_text import differences, lacking, summary
from bailiwick.twin.acts.owned import SUBJECT
from bailiwick.twin.result import Check, TwinResult


def raid_text(result: TwinResult, terminal: Terminal) -> str:
    """The table, then what differs of single packets, if anything does."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", width=2)
    for title in ("tries", "from", "claimed", "seen"):
        table.add_column(title, overflow="fold")
    for check in result.checks:
        if check.subject.startswith(SUBJECT):
            target, _, origin = check.subject.removeprefix(SUBJECT).partition(", from ")
            table.add_row(_mark(check, terminal), target, origin, check.expected, check.seen)
    marks = terminal.marks
    parts = (
        terminal.print(*(Text(line, style="yellow") for line in lacking(result))),
        terminal.print(*(Text(f"{marks.differs} {line}", style="red") for line in differences(result))),
        terminal.print(table).strip("\n"),
        summary(result),
    )
    return "\n\n".join(part for part in parts if part)


def _mark(check: Check, terminal: Terminal) -> Text:
    if check.holds is None:
        return Text("?", style="yellow")
    return Text(terminal.marks.agrees, "green") if check.holds else Text(terminal.marks.differs, "red")
