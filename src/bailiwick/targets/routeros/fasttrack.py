"""Fasttrack: packets of accepted connections pass by the rules (MikroTik's manual, "Connection tracking").

Not before the handshake is over, for until then mangle lowers the segment sizes in it; and never a connection with a
mark, which mangle sends by a way of its own. The rule that accepts comes next: not every packet can take the short way.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.rules import rule


def fasttrack(plan: Plan) -> Iterator[Line]:
    """One rule for each protocol that can."""
    if plan.fasttrack is None:
        return
    known = {"connection-state": "established,related", "connection-mark": "no-mark"}
    for asks in ({"protocol": "tcp", "tcp-flags": "!syn"}, {"protocol": "udp"}):
        yield rule("filter", "forward", "fasttrack-connection", known | asks, plan.fasttrack.id)
