"""What was judged, as a page."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from datetime import date

from tests.agent.faults.catalogue import GROUPS
from tests.agent.faults.elsewhere import ELSEWHERE
from tests.agent.faults.judging import Judged

HEAD = """\
# Faults of an apply

Each row is an apply to a router that systemd booted in namespaces, met by one fault at one of its steps. The whole
device stands still at that step while the fault is played. Meanwhile a stranger tries the router's ports and the hosts
behind it from the uplink without a pause, and the owner sits in the management zone and does as an owner does.

Held to, each time: the record of the apply is gone in the end, or says in words what is wrong; the rules, addresses,
routes, policy routing, settings, units and files are those of one whole generation, the one that is said to be
confirmed, as plain tools show them; management answers; the outside never reached what neither generation opens, and in
the end exactly what that one opens; the resolver answers the LAN; and the next apply works and ends as it says.

A power cut is here: all processes killed at once, what is in memory gone, and every file as it was then. What a cut
loses of the disk besides is F06, below, and [power-cuts.md](power-cuts.md): a virtual machine, killed.

Written by `python -m tests.agent.faults --write`, which anyone can run as root; {when}, Linux {kernel}: {counts}.
"""
LAST = """\
## Faults that are played elsewhere, or cannot be

Those in a virtual machine have Debian's own kernel, tags on a trunk, and ssh from a machine in the management zone:
`pytest -m deep tests/agent/guest`.

"""
COLUMNS = """\
| fault | | at | verdict | stands in the end | seconds |
|---|---|---|---|---|---|"""


def _key(line: str) -> tuple[str, str]:
    cells = line.split(" | ")
    return cells[0].removeprefix("| "), cells[2]


def page(judged: Sequence[Judged], before: str = "") -> str:
    """Markdown; the groups of the catalogue, in its order. Of what was not judged now, the row of the page before."""
    rows = {_key(line): line for line in before.splitlines() if line.startswith("| ") and line.count(" | ") >= 5}
    rows |= {(one.fault.what, one.moment): _row(one) for one in judged}
    parts: list[str] = []
    counts: Counter[str] = Counter()
    for group, faults in GROUPS.items():
        keys = [(fault.what, moment) for fault in faults for moment in fault.moments]
        lines = [rows[key] for key in keys if key in rows]
        counts.update(line.split(" | ")[3].split(":")[0] for line in lines)
        if lines:
            parts.append(f"## {group[0].upper()}{group[1:]}\n\n{COLUMNS}\n" + "\n".join(lines) + "\n")
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.most_common())
    kernel = platform.release().split("-")[0]
    head = HEAD.format(when=date.today(), kernel=kernel, counts=f"{counts.total()} runs, {told}")
    return "\n".join([head, *parts, LAST + "".join(f"{one.line}\n" for one in ELSEWHERE)])


def _row(one: Judged) -> str:
    wrong = f": {one.wrong[0]}".replace("|", "\\|").replace("\n", " ")[:200] if one.wrong else ""
    return (
        f"| {one.fault.what} | {one.fault.ref} | {one.moment} | {one.verdict}{wrong} | {one.end} | {one.seconds:.0f} |"
    )
