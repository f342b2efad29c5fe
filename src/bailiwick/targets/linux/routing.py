"""Policy routing of the exits (ip-rule(8)): who leaves by one uplink alone, and by nothing when that one is gone.

Rules and ``unreachable`` routes hang on no link, so they hold before networkd starts, while an uplink is down and
after its interface has gone. networkd adds the real default route to an exit's table, with a lower metric, for as
long as the link is up. A source meets, in this order: the home's own subnets by the main table, without its
defaults; the exit's table; ``unreachable``. Answers that the firewall marked, as their connection came in by
one of several uplinks, meet the main table without its defaults and then that uplink's table; those to a
network that another uplink's port is in meet that uplink's table first.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from ipaddress import collapse_addresses

from bailiwick.plan.model import Exit, Plan, Return
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner, comments, paragraphs

BATCH = "/etc/bailiwick/exits.batch"
LOADER = "/usr/lib/bailiwick/load-exits"
PROTOCOL = 141
"""Marks rules and routes as ours; the loader takes it and the eight after it in turn. rtnetlink.h gives them to
nobody."""

MARK = f"protocol {PROTOCOL}"
"""At the end of every line of the batch, where the loader finds it."""

HOME, EXIT, CLOSED, BEYOND, NEAR, BACK = 1000, 1100, 1200, 1250, 1300, 1400
"""Preferences, ways back after the closed ones: below the kernel's 32766 for the main table, above its 0 for local
addresses."""

UNREACHABLE_METRIC = 4294967294
"""The largest that iproute2 takes: any other default of the table goes before it."""


def routing(plan: Plan) -> tuple[Artifact, ...]:
    """The batch and its loader. Without exits the batch is empty: loading it takes earlier rules away."""
    batch = artifact(
        BATCH,
        (*banner("Ways out that some addresses must take", plan.router), *paragraphs(*_batch(plan))),
        reload="systemctl reload bailiwick-exits.service",
    )
    script = resources.files(__package__).joinpath("load-exits.sh").read_text(encoding="utf-8")
    return batch, Artifact(LOADER, script, mode=0o755)


def _batch(plan: Plan) -> Iterator[tuple[Line, ...]]:
    if not plan.exits:
        yield comments("Nobody has a way out of their own.")
    else:
        yield from _exits(plan)
    yield from map(_return, plan.returns)


def _exits(plan: Plan) -> Iterator[tuple[Line, ...]]:
    everyone = tuple(exit_.id for exit_ in plan.exits)
    yield (
        *comments("Each exit's table ends here, whatever becomes of its link."),
        *(
            Line(
                f"route replace unreachable default metric {UNREACHABLE_METRIC} table {exit_.table} {MARK}", (exit_.id,)
            )
            for exit_ in plan.exits
        ),
    )
    yield (
        *comments("The home's own subnets first, never by a default route."),
        *(
            Line(f"rule add pref {HOME} to {subnet} lookup main suppress_prefixlength 0 {MARK}", everyone)
            for subnet in collapse_addresses(plan.home_subnets)
        ),
    )
    yield from map(_exit, plan.exits)


def _exit(exit_: Exit) -> tuple[Line, ...]:
    sources = tuple(exit_.sources.cidrs())
    rules = (
        *(f"pref {EXIT} from {source} lookup {exit_.table}" for source in sources),
        f"pref {EXIT} oif {exit_.interface} lookup {exit_.table}",
        *(f"pref {CLOSED} from {source} unreachable" for source in sources),
    )
    return (
        *comments(f"By {exit_.uplink.split(':', 1)[1]}, or not at all; its resolver's own queries too."),
        *(Line(f"rule add {rule} {MARK}", (exit_.id,)) for rule in rules),
    )


def _return(back: Return) -> tuple[Line, ...]:
    rules = (
        *(f"pref {BEYOND} to {network} fwmark {back.mark} lookup {back.table}" for network in back.beyond),
        f"pref {NEAR} fwmark {back.mark} lookup main suppress_prefixlength 0",
        f"pref {BACK} fwmark {back.mark} lookup {back.table}",
    )
    return (
        *comments(f"What came in by {back.uplink.split(':', 1)[1]} is answered by it."),
        *(Line(f"rule add {rule} {MARK}", (back.id,)) for rule in rules),
    )
