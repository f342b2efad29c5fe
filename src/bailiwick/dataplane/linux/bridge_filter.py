"""Ports of bridges that take no frame with a tag, as a filter in the bridges' own hooks drops those (nft(8), family
``bridge``; ``br_handle_frame`` of the kernel's net/bridge/br_input.c asks it before VLANs are looked at)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from bailiwick.dataplane.rules import TAGGED, Accept, Chain, Drop, Note, OnInterface, Rule, Table, Unknown
from bailiwick.dataplane.tally import Line, Tally

FAMILY, HOOK = "bridge", "prerouting"
BELOW = frozenset({FAMILY, "netdev", "arp"})
LAST = -200
"""Of the priorities before br_netfilter's own (NF_BR_PRI_BRNF -200, linux/netfilter_bridge.h), which may take a frame
out of the bridges' hands."""


def untagged_only(tables: Sequence[Table], names: Sequence[str]) -> tuple[frozenset[str], frozenset[Line]]:
    """Of the interfaces ``names`` those that take untagged frames alone, and the lines of the rules that say so.

    A chain is read as far as its rules are such; what stands behind another one may never be asked.
    """
    found: set[str] = set()
    lines: set[Line] = set()
    for chain in _chains(tables):
        for rule in chain.rules:
            patterns = _patterns(rule)
            if patterns is None:
                break
            found |= {name for name in names if any(fnmatchcase(name, one) for one in patterns)}
            lines.add(rule.line)
    return frozenset(found), frozenset(lines)


def unfollowed(tables: Sequence[Table], lines: frozenset[Line]) -> Iterator[tuple[Line, str]]:
    """What else is done to frames below the packet filter, apart from ``lines``, which ``untagged_only`` has read."""
    for table in tables:
        for chain in table.chains.values() if table.family in BELOW else ():
            if chain.hook is not None and not isinstance(chain.hook.policy, Accept) and chain.line is not None:
                yield chain.line, "what becomes of frames here is not followed: the chain's policy is no `accept`"
            for rule in chain.rules:
                if rule.line not in lines and not all(isinstance(step, Note) for step in rule.steps):
                    yield rule.line, "what becomes of frames here is not followed"


def understood(tally: Tally, lines: frozenset[Line]) -> Tally:
    """With these lines, which were unknown to a reader of packets."""
    unknown = tuple(one for one in tally.unknown if one[0] not in lines)
    more = len(tally.unknown) - len(unknown)
    return replace(tally, understood=tally.understood + more, unknown=unknown)


def _chains(tables: Sequence[Table]) -> Iterator[Chain]:
    for table in tables:
        for chain in table.chains.values() if table.family == FAMILY else ():
            hook = chain.hook
            if hook and (hook.type, hook.name) == ("filter", HOOK) and hook.priority < LAST:
                yield chain


def _patterns(rule: Rule) -> tuple[str, ...] | None:
    """The interfaces of a rule that drops every frame with a tag that comes by them; None for any other rule."""
    match [step for step in rule.steps if not isinstance(step, Note)]:
        case [OnInterface(side="iif", patterns=patterns, negated=False), Unknown(key=key), Drop()] if key == TAGGED:
            return patterns
    return None
