"""The judged faults as a page."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from datetime import date

from tests.twin.faults.catalogue import GROUPS
from tests.twin.faults.judging import Judged, damaged_line

HEAD = """\
# Planted faults

Each row is a trial of a whole home in which one rendered file was damaged before the router was brought up. The twin
takes the damaged file for what was rendered, so that reading back finds nothing: packets, answers and leases have to.
**REFUTED** means that the trial failed, and with a finding about the very thing that was damaged, quoted beside.
**INCONCLUSIVE**: the kernel lacks what the fault is about, and the trial says so. **HARMLESS**: no packet goes another
way, because of what else stands before the same door. The lines are those that the trial names itself: of the home
file, which asked, and of the rendered files, which decided.

Written by `python -m tests.twin.faults --write`, which anyone can run, the tags by `--vm`
too, on Debian's kernel; {when}, Linux {kernel}: {counts}.
"""
COLUMNS = """\
| fault | planted in | verdict | what was seen | asked by | decided by |
|---|---|---|---|---|---|"""


def page(judged: Sequence[Judged], before: str = "") -> str:
    """Markdown; the groups of the catalogue, in its order. Of faults not judged now, the row of the page before."""
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in before.splitlines() if line.startswith("| ")}
    rows |= {one.fault.what: _row(one) for one in judged}
    parts: list[str] = []
    counts: Counter[str] = Counter()
    for group, faults in GROUPS.items():
        lines = [rows[fault.what] for fault in faults if fault.what in rows]
        counts.update(line.split(" | ")[2] for line in lines)
        if lines:
            parts.append(f"## {group[0].upper()}{group[1:]}\n\n{COLUMNS}\n" + "\n".join(lines) + "\n")
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.most_common())
    kernel = platform.release().split("-")[0]
    head = HEAD.format(when=date.today(), kernel=kernel, counts=f"{counts.total()} faults, {told}")
    return "\n".join([head, *parts])


def _row(one: Judged) -> str:
    fault = one.fault
    place = f"{fault.home}: `{fault.path}:{damaged_line(fault)}`"
    place += "".join(f", `{path}`" for path in dict.fromkeys(path for path, _ in fault.also))
    return f"| {fault.what} | {place} | {one.verdict} | {_cell(one.seen)} | {_few(one.asked)} | {_few(one.lines)} |"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
