"""Policy routing of the exits (ip-rule(8)): who leaves by one uplink alone, and by nothing when that one is gone.

Rules and ``unreachable`` routes hang on no link, so they hold before networkd starts, while an uplink is down and
after its interface has gone. networkd adds the real default route to an exit's table, with a lower metric, for as
long as the link is up. A source meets, in this order: the home's own subnets by the main table, without its
defaults; the exit's table; ``unreachable``.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from ipaddress import collapse_addresses

from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import BLANK, Line, artifact, banner, comments

BATCH = "/etc/bailiwick/exits.batch"
LOADER = "/usr/lib/bailiwick/load-exits"
PROTOCOL = 141
"""Marks rules and routes as ours; the loader takes it and the eight after it in turn. rtnetlink.h gives them to
nobody."""

HOME, EXIT, CLOSED = 1000, 1100, 1200
"""Preferences: below the kernel's 32766 for the main table, above its 0 for local addresses."""

UNREACHABLE_METRIC = 4294967294
"""The largest that iproute2 takes: any other default of the table goes before it."""


def routing(plan: Plan) -> tuple[Artifact, ...]:
    """The batch and its loader. Without exits the batch is empty: loading it takes earlier rules away."""
    batch = artifact(
        BATCH,
        (*banner("Ways out that some addresses must take", plan.router), *_batch(plan)),
        reload="systemctl reload bailiwick-exits.service",
    )
    script = resources.files(__package__).joinpath("load-exits.sh").read_text(encoding="utf-8")
    return batch, Artifact(LOADER, script, mode=0o755)


def _batch(plan: Plan) -> Iterator[Line]:
    if not plan.exits:
        yield from comments("Nobody has a way out of their own.")
        return
    mark = f"protocol {PROTOCOL}"
    everyone = tuple(exit_.id for exit_ in plan.exits)
    yield from comments("Each exit's table ends here, whatever becomes of its link.")
    for exit_ in plan.exits:
        route = f"route replace unreachable default metric {UNREACHABLE_METRIC} table {exit_.table} {mark}"
        yield Line(route, (exit_.id,))
    yield BLANK
    yield from comments("The home's own subnets first, never by a default route.")
    for subnet in collapse_addresses(plan.home_subnets):
        yield Line(f"rule add pref {HOME} to {subnet} lookup main suppress_prefixlength 0 {mark}", everyone)
    for exit_ in plan.exits:
        ids = (exit_.id,)
        yield BLANK
        yield from comments(f"By {exit_.uplink.split(':', 1)[1]}, or not at all; its resolver's own queries too.")
        for source in exit_.sources.cidrs():
            yield Line(f"rule add pref {EXIT} from {source} lookup {exit_.table} {mark}", ids)
        yield Line(f"rule add pref {EXIT} oif {exit_.interface} lookup {exit_.table} {mark}", ids)
        for source in exit_.sources.cidrs():
            yield Line(f"rule add pref {CLOSED} from {source} unreachable {mark}", ids)
