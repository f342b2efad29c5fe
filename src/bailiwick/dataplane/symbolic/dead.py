"""Rules that no packet can match, and what takes their packets away.

Provably so: what may reach a rule and what may match it have nothing in common, whatever the unknown tests say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bailiwick.dataplane.rules import Rule
from bailiwick.dataplane.symbolic.chains import Chains
from bailiwick.dataplane.symbolic.effect import NO_EFFECT
from bailiwick.dataplane.symbolic.reach import Reach, Share, called
from bailiwick.dataplane.symbolic.tree import Node
from bailiwick.dataplane.symbolic.way import Kind, Way
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.region import Region

_MANY = 64
_CHANGED = (header.MARK, header.CT_MARK, header.STATE)


class Cause(StrEnum):
    SHADOWED = "shadowed"
    """The rules of ``by`` together take every packet that it could match."""
    ITSELF = "itself"
    """Its own tests contradict each other, or ask for another address family."""
    ELSEWHERE = "elsewhere"
    """The jumps of ``by`` send no such packet here."""
    UNUSED = "unused"
    """No rule jumps to its chain."""
    CHANGED = "changed"
    """The mark or state that it asks for is never there: rules before it set another."""
    HOOK = "hook"
    """No packet looks so where its chain hooks in."""


@dataclass(frozen=True, slots=True)
class Dead:
    """``index`` counts the chain's rules from 0. ``by`` are the rules that answer for it, in the order of the way."""

    table: str
    family: str
    chain: str
    index: int
    rule: Rule
    cause: Cause
    by: tuple[Rule, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(rule.line for rule in self.by)

    @property
    def place(self) -> tuple[str, str, str, int]:
        return self.family, self.table, self.chain, self.index


def dead_rules(reach: Reach) -> Iterator[Dead]:
    """Of one table and one address family, chain by chain; for ``inet`` see ``dead_in_all``."""
    return _Search(reach).all()


def dead_in_all(*families: list[Dead]) -> list[Dead]:
    """Of a table that both address families go through: the rules that are dead for each, in the words of the first
    for which the rule is not of the other family."""
    common = set.intersection(*({dead.place for dead in found} for found in families))
    best: dict[tuple[str, str, str, int], Dead] = {}
    for dead in (dead for found in families for dead in found if dead.place in common):
        if dead.place not in best or best[dead.place].cause is Cause.ITSELF:
            best[dead.place] = dead
    return list(best.values())


class _Search:
    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.chains: Chains = reach.chains
        self.steps = reach.chains.steps
        self.effects = reach.effects
        ways = (self.chains.built(name).root.way for name in self.chains.table.chains)
        self._changing = any(fate.effect.assigned for way in ways for fate in way)
        self._callers: dict[str, list[tuple[str, int]]] = {}
        for name, chain in self.chains.table.chains.items():
            for index, rule in enumerate(chain.rules):
                for target in called(rule):
                    self._callers.setdefault(target, []).append((name, index))

    def all(self) -> Iterator[Dead]:
        table = self.chains.table
        for name, chain in table.chains.items():
            for index, (rule, share) in enumerate(zip(chain.rules, self.reach.rules(name), strict=True)):
                if share:
                    continue
                matched = self.steps.matches(rule)
                by: dict[tuple[str, int], None] = {}
                cause = self._cause(name, index, matched, by, frozenset())
                rules = tuple(table.chains[chain].rules[at] for chain, at in by)
                yield Dead(table.name, table.family, name, index, rule, cause, rules)

    def _cause(
        self, name: str, index: int, matched: Region, by: dict[tuple[str, int], None], seen: frozenset[str]
    ) -> Cause:
        """Why packets that look like ``matched`` do not come to a rule; adds to ``by`` who answers for it."""
        if not matched:
            return Cause.ITSELF
        wanted = self._loosened(matched)
        share = self.reach.within(self.reach.chain(name), wanted)
        if share:
            for at, taken in self._fewest(name, share, index):
                self._name(name, at, taken, by)
            return Cause.SHADOWED if by else Cause.CHANGED
        if self.chains.table.chains[name].hook is not None:
            return Cause.HOOK
        callers = [] if name in seen else self._callers.get(name, [])
        if not callers:
            return Cause.UNUSED
        causes = [self._of_call(name, caller, wanted, by, seen | {name}) for caller in callers]
        return next((cause for cause in (Cause.SHADOWED, Cause.ELSEWHERE, Cause.CHANGED) if cause in causes), causes[0])

    def _of_call(
        self, name: str, caller: tuple[str, int], wanted: Region, by: dict[tuple[str, int], None], seen: frozenset[str]
    ) -> Cause:
        chain, at = caller
        sent = self.steps.space.nothing
        for fate, region in self.steps.sent(self.chains.table.chains[chain].rules[at], name).items():
            sent = sent | (region & self.effects.pull(wanted, fate.effect))
        if not sent:
            by[caller] = None
            return Cause.ELSEWHERE
        return self._cause(chain, at, sent, by, seen)

    def _loosened(self, region: Region) -> Region:
        """Marks and states may change on the way: who answers for a rule is looked for without them."""
        return region.without(*_CHANGED) if self._changing else region

    def _fewest(self, name: str, share: Share, until: int) -> list[tuple[int, Share]]:
        """Rules before ``until`` that together take the whole share, with what each takes; none of them can be spared.

        Where marks change on the way they are only those that took something.
        """
        built = self.chains.built(name)
        found: list[int] = []
        self._takers(built.root, share, until, found)
        taken = [(at, self._ended(built.ways[at], share)) for at in found]
        if self._changing or len(found) > _MANY:
            return taken
        whole = share[NO_EFFECT]
        kept = taken
        for one in taken:
            others = [other for other in kept if other is not one]
            if others and whole <= self.steps.space.union(held[NO_EFFECT] for _, held in others):
                kept = others
        return kept

    def _takers(self, node: Node, share: Share, until: int, found: list[int]) -> Share:
        """Adds the rules before ``until`` that end the way of some packets of the share; what goes on after them."""
        if not share or node.first >= until:
            return share
        if node.last <= until:
            if not self._ended(node.way, share):
                return self.reach.past(share, node.way)
            if node.halves is None:
                found.append(node.first)
                return self.reach.past(share, node.way)
        assert node.halves is not None
        left, right = node.halves
        return self._takers(right, self._takers(left, share, until, found), until, found)

    def _ended(self, way: Way, share: Share) -> Share:
        """The packets that certainly do not go on."""
        on = self.steps.space.nothing
        for fate, region in way.items():
            if fate.kind is Kind.ON:
                on = on | region
        return self.reach.within(share, ~on)

    def _name(self, name: str, index: int, taken: Share, by: dict[tuple[str, int], None]) -> None:
        """The rule itself, or those of the chains that it sends these packets to."""
        rule = self.chains.table.chains[name].rules[index]
        before = len(by)
        for target in called(rule):
            if target not in self.chains.table.chains:
                continue
            inside: Share = {}
            for fate, region in self.steps.sent(rule, target).items():
                self.reach.add(inside, taken, region, fate.effect)
            if inside:
                for at, held in self._fewest(target, inside, len(self.chains.built(target).chain.rules)):
                    self._name(target, at, held, by)
        if len(by) == before:
            by[name, index] = None
