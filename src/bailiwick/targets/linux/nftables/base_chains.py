"""The table: its base chains in the kernel's hooks, and everything that they look up.

The order of input, forward and output is a promise: first what belongs to an accepted connection, then what
conntrack calls invalid, then hygiene, then the permissions of the pair, then the zone's refusal, and a last
``drop`` beside the policy, as a base chain that is being filled knows only its rules. On the forward hook forged
sources of zones are dropped between the permissions, none of which holds for them, and the refusal.
"""

from __future__ import annotations

from bailiwick.plan.model import Hook, Plan
from bailiwick.targets.linux.nftables import hygiene
from bailiwick.targets.linux.nftables.clamping import clamping
from bailiwick.targets.linux.nftables.pairs import dispatch, pairs
from bailiwick.targets.linux.nftables.returning import returning
from bailiwick.targets.linux.nftables.syntax import Chain, Heading, NamedSet, Rule, Table
from bailiwick.targets.linux.nftables.translation import postrouting, prerouting
from bailiwick.targets.linux.nftables.values import interfaces

FAMILY, NAME = "inet", "bailiwick"

_REPLIES = Rule("ct state established,related accept", ("replies",))
_INVALID = Rule("ct state invalid drop", ("hygiene:invalid",))
_LOOPBACK_IN = Rule('iifname "lo" accept', ("loopback",))
_LOOPBACK_OUT = Rule('oifname "lo" accept', ("loopback",))
_LAST = Rule("drop", ("refuse",))
_ICMP_ERRORS = Rule(
    "icmp type { destination-unreachable, time-exceeded, parameter-problem } accept", ("router:icmp-errors",)
)
"""What the router answers to a packet that it did not let through belongs to no connection (RFC 1812 §4.3)."""


def table(plan: Plan) -> Table:
    """The plan's filter and translation as one table."""
    filters: list[NamedSet | Chain] = []
    for hook in Hook:
        filters += pairs(hook, [flow for flow in plan.flows if flow.hook is hook], plan)
    nat_sets, doors = prerouting(plan)
    more_sets, masquerades = postrouting(plan)
    # A chain without rules would still be walked by every packet.
    translating = (
        Chain(
            "clamping",
            tuple(clamping(plan)),
            "type filter hook forward priority mangle; policy accept;",
            "segment sizes for tunnels and PPPoE",
        ),
        *returning(plan),
        Chain(
            "prerouting",
            tuple(doors),
            "type nat hook prerouting priority dstnat; policy accept;",
            "doors in, and questions that are turned to the right resolver",
        ),
        Chain(
            "postrouting",
            tuple(masquerades),
            "type nat hook postrouting priority srcnat; policy accept;",
            "the uplinks' addresses for what leaves by them",
        ),
    )
    return Table(
        FAMILY,
        NAME,
        (
            *hygiene.address_sets(plan),
            hygiene.ipv6(),
            *filters,
            *nat_sets,
            *more_sets,
            _filter(Hook.INPUT, _input(plan), "packets for the router itself"),
            _filter(Hook.FORWARD, _forward(plan), "packets through the router"),
            _filter(Hook.OUTPUT, _output(plan), "packets that the router sends of its own"),
            *(chain for chain in translating if chain.rules),
        ),
    )


def _filter(hook: Hook, rules: list[Rule | Heading], remark: str) -> Chain:
    return Chain(hook.value, tuple(rules), f"type filter hook {hook.value} priority filter; policy drop;", remark)


def _input(plan: Plan) -> list[Rule | Heading]:
    return [
        _REPLIES,
        _LOOPBACK_IN,
        _INVALID,
        hygiene.IPV6,
        *hygiene.sources(plan, Hook.INPUT),
        Heading("what may be opened"),
        dispatch(Hook.INPUT),
        *_refusals(plan),
        _LAST,
    ]


def _forward(plan: Plan) -> list[Rule | Heading]:
    return [
        *hygiene.exit_guard(plan),
        _REPLIES,
        _INVALID,
        hygiene.IPV6,
        *hygiene.sources(plan, Hook.FORWARD),
        *hygiene.destinations(plan, Hook.FORWARD),
        Heading("what may be opened"),
        dispatch(Hook.FORWARD),
        *hygiene.forged(plan),
        *_refusals(plan),
        _LAST,
    ]


def _output(plan: Plan) -> list[Rule | Heading]:
    return [
        *hygiene.exit_resolver_guard(plan),
        _REPLIES,
        _LOOPBACK_OUT,
        hygiene.IPV6,
        *hygiene.destinations(plan, Hook.OUTPUT),
        Heading("answers to packets that go nowhere, then what may be opened"),
        _ICMP_ERRORS,
        _INVALID,
        dispatch(Hook.OUTPUT),
        _LAST,
    ]


def _refusals(plan: Plan) -> list[Rule | Heading]:
    names = [plan.interface_of(place).name for place in plan.rejects]
    if not names:
        return []
    return [Rule(f"iifname {interfaces(names)} reject with icmpx admin-prohibited", tuple(sorted(plan.rejects)))]
