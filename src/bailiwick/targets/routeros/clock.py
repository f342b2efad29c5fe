"""The clock, by NTP. Source: MikroTik's manual, "NTP" (a name is looked up for each question)."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command


def clock(plan: Plan) -> Iterator[Line]:
    """The servers, each an object of ours; where there is none, ``cloud`` sets the clock."""
    for one in plan.time_servers:
        yield command("/system ntp client servers", "add", {"address": one.server, **tag(one.id)}, (one.id,))
    asks = bool(plan.time_servers)
    ids = tuple(one.id for one in plan.time_servers)
    said = {"enabled": "yes", "mode": "unicast"} if asks else {"enabled": "no"}
    yield command("/system ntp client", "set", said, ids)
