"""The guard: the filter once more, as a table of its own that stands while the device goes from one state to another.

A packet passes only when every table lets it, so what passes then is what the old filter and the new one both let
through. It translates nothing and marks nothing: that is the firewall's own, and done once.
"""

from __future__ import annotations

import re

from bailiwick.plan.model import Hook, Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.nftables.base_chains import FAMILY, table
from bailiwick.targets.linux.nftables.syntax import Chain, Heading, NamedSet, Table

PATH = "/etc/bailiwick/guard.nft"
NAME = "bailiwick_guard"

_HEAD = f"""\
# The filter of {{router}} once more, for the moments in which it changes. Written from its home file: change that.
# `bailiwick apply` loads it beside the old rules before it changes anything, and takes it away once the new ones stand.
# What it holds is what the filter chains of firewall.nft hold.

table {FAMILY} {NAME}
delete table {FAMILY} {NAME}

"""
_COMMENT = re.compile(r'comment "[^"]*"|log prefix "[^"]*"')
_NAMED = re.compile(r"@([\w./-]+)|\b(?:jump|goto) ([\w./-]+)")


def guard(plan: Plan) -> Artifact:
    """The guard's file: loaded by nobody but an apply, so that nothing has to take it up."""
    return Artifact(
        PATH, _HEAD.format(router=plan.router) + "".join(f"{text}\n" for text, _ in filters(plan).lines()), mode=0o600
    )


def filters(plan: Plan) -> Table:
    """The filter's base chains, and of sets, maps and chains those that they lead to, in the firewall's order."""
    parts = table(plan).parts
    by_name = {part.name: part for part in parts}
    needed: set[str] = set()
    waiting = [hook.value for hook in Hook]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += _leads_to(by_name[name])
    return Table(FAMILY, NAME, tuple(part for part in parts if part.name in needed))


def _leads_to(part: NamedSet | Chain) -> list[str]:
    if isinstance(part, NamedSet):
        texts = [element.value for element in part.elements]
    else:
        texts = [rule.statement for rule in part.rules if not isinstance(rule, Heading)]
    return [one[1] or one[2] for text in texts for one in _NAMED.finditer(_COMMENT.sub("", text))]
