"""The permissions of one pair as a handful of lookups, whatever their number.

Flows that are told apart only by hosts, protocols and ports share one set for each shape (which sides stand in
its key), single values in a hash and ranges in an interval set of their own, so that a packet is looked up a few
times and never walks a list. A logged flow adds a rule that writes the line and decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, product

from bailiwick.network.model import Match
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.plan.model import Flow, Plan
from bailiwick.targets.linux.nftables.disjoint import Box, disjoint
from bailiwick.targets.linux.nftables.sides import Domain, Side, domains, side
from bailiwick.targets.linux.nftables.syntax import PREFIX_MAX, Element, NamedSet, Rule, quote, shorten
from bailiwick.targets.linux.nftables.values import Span, address, addresses, number, protocol

COMMON_CONDITIONS = 2
"""``!=`` conditions per side that get rules of their own in one pair; rarer ones stand in the sets' keys."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a set's key: the expression that loads it and the set's type for it."""

    expression: str
    type: str


SOURCE = Field("ip saddr", "ipv4_addr")
DESTINATION = Field("ip daddr", "ipv4_addr")
PROTOCOL = Field("meta l4proto", "inet_proto")
PORT = Field("th dport", "inet_service")
ICMP_TYPE = Field("icmp type", "icmp_type")

KINDS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    ("any", ()),
    ("protocols", (PROTOCOL,)),
    ("ports", (PROTOCOL, PORT)),
    ("icmp", (ICMP_TYPE,)),
)
"""What a match leaves to be looked up. ``th dport`` is read only beside a protocol that has ports."""


@dataclass(frozen=True, slots=True)
class Permissions:
    sets: tuple[NamedSet, ...]
    rules: tuple[Rule, ...]

    @property
    def plain_accept(self) -> tuple[str, ...] | None:
        """The ids, when all the chain would do is accept."""
        if len(self.rules) == 1 and self.rules[0].statement == "accept":
            return self.rules[0].ids
        return None


@dataclass(frozen=True, slots=True)
class _Sided:
    flow: Flow
    source: Side
    destination: Side


def permissions(name: str, flows: Sequence[Flow], plan: Plan) -> Permissions:
    """The sets and rules for the flows of one hook, ingress and egress. ``name`` begins the sets' names."""
    source, destination = domains(plan, flows[0].ingress)[0], domains(plan, flows[0].egress)[1]
    sided = _common(
        [one for flow in sorted(flows, key=lambda flow: flow.id) for one in _sided(flow, source, destination)]
    )
    logs = [rule for one in sided if one.flow.log for rule in _log(one)]
    whole = [one for one in sided if _takes_everything(one, source, destination)]
    if whole:
        first = whole[0]
        ids = tuple(one.flow.id for one in sided)
        return Permissions((), (*logs, Rule(f"{first.source.condition}{first.destination.condition}accept", ids)))
    groups: dict[tuple[bool, str, bool, str, bool], list[_Sided]] = {}
    for one in sided:
        key = (
            one.flow.translated,
            one.source.condition,
            one.source.keyed,
            one.destination.condition,
            one.destination.keyed,
        )
        groups.setdefault(key, []).append(one)
    names = (f"{name}.{number}" for number in count(1))
    sets: list[NamedSet] = []
    rules: list[Rule] = []
    for _, members in sorted(groups.items()):
        for kind, fields in KINDS:
            made, rule = _lookups(names, members, kind, fields)
            sets += made
            rules += rule
    return Permissions(tuple(sets), (*logs, *rules))


def _sided(flow: Flow, source: Domain, destination: Domain) -> Iterator[_Sided]:
    """Nothing when no packet that hygiene lets pass can be meant."""
    sources = flow.sources & source.whole
    if sources and flow.destinations and flow.matches:
        yield _Sided(
            flow,
            side(SOURCE.expression, sources, source),
            side(DESTINATION.expression, flow.destinations, destination),
        )


def _common(sided: list[_Sided]) -> list[_Sided]:
    """Conditions that only few flows share put back into keys, so that their number never makes rules."""

    def kept(sides: Iterable[Side]) -> set[str]:
        counts = Counter(one.condition for one in sides if "!=" in one.condition)
        return {condition for condition, _ in sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:COMMON_CONDITIONS]}

    sources, destinations = kept(one.source for one in sided), kept(one.destination for one in sided)

    def demoted(one: Side, common: set[str]) -> Side:
        return replace(one, condition="", keyed=True) if "!=" in one.condition and one.condition not in common else one

    return [_Sided(one.flow, demoted(one.source, sources), demoted(one.destination, destinations)) for one in sided]


def _takes_everything(one: _Sided, source: Domain, destination: Domain) -> bool:
    return (
        not one.flow.translated
        and one.flow.sources.covers(source.reachable)
        and one.flow.destinations.covers(destination.reachable)
        and not one.source.keyed
        and not one.destination.keyed
        and any(match.protocol is None for match in one.flow.matches)
    )


def _kind(match: Match) -> str:
    if match.protocol is None:
        return "any"
    if match.protocol in (TCP, UDP) and match.ports is not None:
        return "ports"
    if match.protocol == ICMP and match.icmp_type is not None:
        return "icmp"
    if match.ports is not None or match.icmp_type is not None:
        raise ValueError(f"a match that no packet can have: {match}")
    return "protocols"


def _tail(match: Match) -> Box:
    if match.protocol is None:
        return ()
    if match.ports is not None:
        return ((match.protocol, match.protocol), match.ports)
    if match.icmp_type is not None:
        return ((match.icmp_type, match.icmp_type),)
    return ((match.protocol, match.protocol),)


def _lookups(
    names: Iterator[str], members: Sequence[_Sided], kind: str, tail: tuple[Field, ...]
) -> tuple[list[NamedSet], list[Rule]]:
    """The members of one shape: one rule for a single value, else a set for single values and one for ranges."""
    first = members[0]
    head = (*((SOURCE,) if first.source.keyed else ()), *((DESTINATION,) if first.destination.keyed else ()))
    fields = (*head, *tail)
    condition = _condition(first)
    pieces = disjoint(box for one in members for box in _boxes(one, kind))
    if not pieces:
        return [], []
    if not fields:
        return [], [Rule(f"{condition}accept", pieces[0][1])]
    if len(pieces) == 1:
        box, ids = pieces[0]
        return [], [Rule(f"{condition}{_inline(fields, box)}accept", ids)]
    sets: list[NamedSet] = []
    rules: list[Rule] = []
    for interval in (False, True):
        chosen = [(box, ids) for box, ids in pieces if any(a != b for a, b in box) is interval]
        if not chosen:
            continue
        lookup = " . ".join(field.expression for field in fields)
        set_name = next(names)
        sets.append(
            NamedSet(
                set_name,
                " . ".join(field.type for field in fields),
                tuple(Element(_key(fields, box), ids) for box, ids in chosen),
                interval=interval,
            )
        )
        everyone = tuple(sorted({one for _, ids in chosen for one in ids}))
        rules.append(Rule(f"{condition}{lookup} @{set_name} accept", everyone))
    return sets, rules


def _condition(one: _Sided) -> str:
    return ("ct status dnat " if one.flow.translated else "") + one.source.condition + one.destination.condition


def _boxes(one: _Sided, kind: str) -> Iterable[tuple[Box, str]]:
    tails = [_tail(match) for match in one.flow.matches if _kind(match) == kind]
    sources = [(span,) for span in one.source.addresses.spans] if one.source.keyed else [()]
    destinations = [(span,) for span in one.destination.addresses.spans] if one.destination.keyed else [()]
    for source, destination, tail in product(sources, destinations, tails):
        yield (*source, *destination, *tail), one.flow.id


def _value(field: Field, span: Span) -> str:
    if field.type == "ipv4_addr":
        return address(span)
    return protocol(span[0]) if field is PROTOCOL and span[0] == span[1] else number(span)


def _key(fields: Sequence[Field], box: Box) -> str:
    return " . ".join(_value(field, span) for field, span in zip(fields, box, strict=True))


def _inline(fields: Sequence[Field], box: Box) -> str:
    parts = dict(zip(fields, box, strict=True))
    if PORT in parts:
        port, proto = parts.pop(PORT), parts.pop(PROTOCOL)
        last = f"{protocol(proto[0])} dport {number(port)} "
    else:
        last = ""
    return "".join(f"{field.expression} {_value(field, span)} " for field, span in parts.items()) + last


def _log(one: _Sided) -> Iterable[Rule]:
    """The first packet alone: a flow of UDP that nobody answers stays new to conntrack, but is soon confirmed."""
    prefix = quote(shorten(f"bailiwick accept {one.flow.id}", PREFIX_MAX - 2) + " ")
    condition = _condition(one)
    for keyed in (one.source, one.destination):
        if keyed.keyed:
            condition += f"{keyed.field} {addresses(keyed.addresses)} "
    for match in one.flow.matches:
        kind = _kind(match)
        fields = dict(KINDS)[kind]
        inline = _inline(fields, _tail(match))
        yield Rule(f"ct status ! confirmed {condition}{inline}log prefix {prefix}", (one.flow.id,))
