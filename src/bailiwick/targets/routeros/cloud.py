"""What the vendor's cloud does for the device: a name for its address where one is asked for, and the time where nobody
else tells it, for most devices forget it without power.

Source: MikroTik's manual, "Cloud". Off is ``no`` up to 7.16 and ``auto`` from 7.17 on: off but for Back to Home.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.release import release
from bailiwick.targets.routeros.syntax import command

AUTO_SINCE = 17
"""The release 7.x from which on ``ddns-enabled=no`` is no longer a word."""


def cloud(plan: Plan) -> Iterator[Line]:
    """The address that the cloud sees is the one that the name gets, never an inner one."""
    names = tuple(one.id for one in plan.dynamic_names)
    ids = (*names, *(one.id for one in plan.time_servers))
    off = "auto" if release(plan.platform) >= AUTO_SINCE else "no"
    said = {"ddns-enabled": "yes" if names else off, "update-time": "no" if plan.time_servers else "yes"}
    yield command("/ip cloud", "set", said, ids)
    if names:
        yield command("/ip cloud advanced", "set", {"use-local-address": "no"}, names)
