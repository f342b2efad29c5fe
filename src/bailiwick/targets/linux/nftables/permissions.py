"""The permissions of one pair as a handful of lookups, whatever their number.

Flows that are told apart only by hosts, protocols and ports share one set for each shape (which sides stand in
its key), so that a packet is looked up a few times and never walks a list. A logged flow adds a rule that writes
the line and decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, product

from bailiwick.plan.model import Flow, Plan
from bailiwick.targets.linux.nftables.folding import Broad
from bailiwick.targets.linux.nftables.lookups import (
    DESTINATION,
    FIELDS,
    SOURCE,
    Kind,
    Owner,
    Values,
    accepting,
    look_at,
    spelled_out,
)
from bailiwick.targets.linux.nftables.sides import Domain, Side, domains, side
from bailiwick.targets.linux.nftables.syntax import PREFIX_MAX, NamedSet, Rule, quote, shorten
from bailiwick.targets.linux.nftables.values import addresses

COMMON_CONDITIONS = 2
"""``!=`` conditions per side that get rules of their own in one pair; rarer ones stand in the sets' keys."""


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
class _Shape:
    """What flows of one shape have in common: their conditions, and which sides stand in the key."""

    translated: bool
    source: str
    source_keyed: bool
    destination: str
    destination_keyed: bool

    @property
    def broad(self) -> bool:
        return not (self.translated or self.source_keyed or self.destination_keyed)

    @property
    def condition(self) -> str:
        return ("ct status dnat " if self.translated else "") + self.source + self.destination


@dataclass(frozen=True, slots=True)
class _Sided:
    flow: Flow
    source: Side
    destination: Side

    @property
    def shape(self) -> _Shape:
        return _Shape(
            self.flow.translated,
            self.source.condition,
            self.source.keyed,
            self.destination.condition,
            self.destination.keyed,
        )

    @property
    def values(self) -> list[Values]:
        return [look_at(match) for match in self.flow.matches]


def permissions(name: str, flows: Sequence[Flow], plan: Plan) -> Permissions:
    """The sets and rules for the flows of one hook, ingress and egress. ``name`` begins the sets' names."""
    hook = flows[0].hook
    source, destination = domains(plan, hook, flows[0].ingress)[0], domains(plan, hook, flows[0].egress)[1]
    ordered = sorted(flows, key=lambda flow: flow.id)
    sided = _common([one for flow in ordered for one in _sided(flow, source, destination)])
    names = (f"{name}.{number}" for number in count(1))
    sets: list[NamedSet] = []
    rules = [rule for one in sided if one.flow.log for rule in _log(one)]
    owners = _owners(sided, source, destination)
    for shape, kind in sorted(owners, key=_order):
        keyed = (*((SOURCE,) if shape.source_keyed else ()), *((DESTINATION,) if shape.destination_keyed else ()))
        made, accepts = accepting(shape.condition, (*keyed, *FIELDS[kind]), owners[shape, kind], names)
        sets += made
        rules += accepts
    return Permissions(tuple(sets), tuple(rules))


def _order(key: tuple[_Shape, Kind]) -> tuple[bool, str, bool, bool, int]:
    shape, kind = key
    return not shape.broad, shape.condition, shape.source_keyed, shape.destination_keyed, list(Kind).index(kind)


def _sided(flow: Flow, source: Domain, destination: Domain) -> Iterator[_Sided]:
    """Nothing when no packet that hygiene lets pass can be meant."""
    sources = flow.sources & source.members
    if sources and flow.destinations and flow.matches:
        yield _Sided(
            flow,
            side(SOURCE.expression, sources, source),
            side(DESTINATION.expression, flow.destinations, destination),
        )


def _common(sided: list[_Sided]) -> list[_Sided]:
    """Conditions that only few flows share put back into keys, so that their number never makes rules."""

    def kept(sides: Iterable[Side]) -> set[str]:
        counts = Counter(one.condition for one in sides if one.excepting)
        return {condition for condition, _ in sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:COMMON_CONDITIONS]}

    def demoted(one: Side, common: set[str]) -> Side:
        return (
            replace(one, condition="", keyed=True, excepting=False)
            if one.excepting and one.condition not in common
            else one
        )

    sources, destinations = kept(one.source for one in sided), kept(one.destination for one in sided)
    return [_Sided(one.flow, demoted(one.source, sources), demoted(one.destination, destinations)) for one in sided]


def _owners(sided: list[_Sided], source: Domain, destination: Domain) -> dict[tuple[_Shape, Kind], list[Owner]]:
    """Who asks for which boxes in each shape, what a broad shape opens moved over to it."""
    broad: dict[_Shape, Broad] = {}
    for one in sided:
        if one.shape.broad:
            opened = broad.setdefault(one.shape, Broad(one.source.addresses, one.destination.addresses))
            opened.add(one.values)
    owners: dict[tuple[_Shape, Kind], list[Owner]] = {}
    for one in sided:
        left = one.values
        reachable = one.source.addresses & source.reachable, one.destination.addresses & destination.reachable
        for shape, opened in broad.items():
            if opened.covers(*reachable):
                taken, left = opened.take(left)
                for kind, box in taken:
                    owners.setdefault((shape, kind), []).append((box, one.flow.id))
        for kind, tail in left:
            sources = [(span,) for span in one.source.addresses.spans] if one.source.keyed else [()]
            destinations = [(span,) for span in one.destination.addresses.spans] if one.destination.keyed else [()]
            for head, middle in product(sources, destinations):
                owners.setdefault((one.shape, kind), []).append(((*head, *middle, *tail), one.flow.id))
    return owners


def _log(one: _Sided) -> Iterable[Rule]:
    """The first packet alone: UDP that nobody answers stays new to conntrack, but is confirmed once it has left."""
    prefix = quote(shorten(f"bailiwick accept {one.flow.id}", PREFIX_MAX - 2) + " ")
    condition = one.shape.condition
    for keyed in (one.source, one.destination):
        if keyed.keyed:
            condition += f"{keyed.field} {addresses(keyed.addresses)} "
    for looked_at in spelled_out(one.values):
        yield Rule(f"ct status ! confirmed {condition}{looked_at}log prefix {prefix}", (one.flow.id,))
