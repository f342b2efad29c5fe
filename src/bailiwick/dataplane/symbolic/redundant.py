"""Rules that could go without any packet noticing, and rules that are written twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from bailiwick.dataplane.rules import FastTrack, Note, Rule
from bailiwick.dataplane.symbolic.effect import NO_EFFECT
from bailiwick.dataplane.symbolic.reach import Reach, Share
from bailiwick.dataplane.symbolic.tree import Node
from bailiwick.dataplane.symbolic.way import ON, Fate, Kind, Way, renamed, then, within
from bailiwick.packets.region import Region


@dataclass(frozen=True, slots=True)
class Redundant:
    """``notes``: what the rule does beside (a log line, a counter), for which it may stand there all the same."""

    chain: str
    index: int
    rule: Rule
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twice:
    """The rule says what ``first``, before it in its chain, says already."""

    chain: str
    index: int
    rule: Rule
    first: Rule


def redundant_rules(reach: Reach) -> Iterator[Redundant]:
    """Rules that some packet matches, and each of which alone could be taken out: what follows it does the same to
    all its packets. Of two such rules that do the work of each other, both are named."""
    for name in reach.chains.table.chains:
        yield from _Search(reach, name).all()


def written_twice(reach: Reach) -> Iterator[Twice]:
    """In the order of the text; what a rule logs or counts is not compared."""
    for name, chain in reach.chains.table.chains.items():
        known: dict[tuple[object, ...], Rule] = {}
        for index, rule in enumerate(chain.rules):
            steps = tuple(step for step in rule.steps if not isinstance(step, Note))
            if steps in known:
                yield Twice(name, index, rule, known[steps])
            elif steps:
                known[steps] = rule


class _Search:
    def __init__(self, reach: Reach, name: str) -> None:
        self.reach = reach
        self.name = name
        self.steps = reach.chains.steps
        self.effects = reach.effects
        self.space = reach.space
        self.built = reach.chains.built(name)
        changes = (any(fate.effect.assigned for fate in way) for way in self.built.ways)
        self._changing = [0, *accumulate(changes)]
        """How many rules up to each place change a packet, also where none comes to them now."""

    def all(self) -> Iterator[Redundant]:
        chain = self.built.chain
        end: Way = {ON: self.space.everything}
        shares = self.reach.rules(self.name)
        if chain.rules:
            yield from self._down(self.built.root, end, shares)

    def _down(self, node: Node, rest: Way, shares: tuple[Share, ...]) -> Iterator[Redundant]:
        """``rest`` is what the rules after this stretch do."""
        held = [share for share in shares[node.first : node.last] if share]
        if not held:
            return
        if node.halves is None:
            rule = self.built.chain.rules[node.first]
            if self._changes_nothing(rule, node.way, rest, shares[node.first]):
                notes = tuple(step.text for step in rule.steps if isinstance(step, Note))
                yield Redundant(self.name, node.first, rule, notes)
            return
        left, right = node.halves
        unchanged = self._changing[node.first] == self._changing[node.last]
        if unchanged and all(share.keys() == {NO_EFFECT} for share in held):  # what meets nobody here may be left out
            rest = within(rest, self.space.union(share[NO_EFFECT] for share in held))
        yield from self._down(left, then(self.effects, right.way, rest, Kind.ON), shares)
        yield from self._down(right, rest, shares)

    def _changes_nothing(self, rule: Rule, way: Way, rest: Way, share: Share) -> bool:
        if any(isinstance(step, FastTrack) for step in rule.steps):
            return False
        done = {fate: region for fate, region in way.items() if fate != ON}
        met = self.reach.meets(share, _all(done, self.space.nothing))
        if not met:
            return False  # it does nothing, or is dead
        with_it = renamed(then(self.effects, done, rest, Kind.ON), _compared)
        without_it = renamed(rest, _compared)
        for fate, region in with_it.items():
            others = {other: held for other, held in without_it.items() if other != fate}
            if self.reach.meets(share, region & _all(others, self.space.nothing)):
                return False
        return True


def _all(way: Way, nothing: Region) -> Region:
    for region in way.values():
        nothing = nothing | region
    return nothing


def _compared(fate: Fate) -> Fate:
    """A return is the chain's end; which rule translated does not matter."""
    return fate._replace(kind=Kind.ON if fate.kind is Kind.RETURN else fate.kind, landing=None)
