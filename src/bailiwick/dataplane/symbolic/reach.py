"""What reaches each rule of a table: from the top of every base chain down, through jumps.

A packet is counted in the coordinates of the base chain that it entered, with what happened to it since; the tree that
a chain was joined in gives each rule's share in a few steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bailiwick.dataplane.rules import Chain, Goto, Jump, Rule, VerdictMap
from bailiwick.dataplane.symbolic.chains import Built, Chains
from bailiwick.dataplane.symbolic.effect import NO_EFFECT, Effect, after
from bailiwick.dataplane.symbolic.tree import Node
from bailiwick.dataplane.symbolic.way import Kind, Way
from bailiwick.packets.region import Region

Share = dict[Effect, Region]
"""What happened to packets so far, and which they were when they came."""

Entry = Callable[[Chain], Region]


class Reach:
    """Of one table. ``entry`` says what may come to a base chain at all."""

    def __init__(self, chains: Chains, entry: Entry) -> None:
        self.chains = chains
        self.effects = chains.steps.effects
        self.space = chains.steps.space
        self._of_chain: dict[str, Share] = {}
        self._of_rule: dict[str, tuple[Share, ...]] = {}
        for name in self._callers_first():
            chain = chains.table.chains[name]
            if chain.hook is not None:
                region = entry(chain) - chains.elsewhere(chain)
                self._join(self._of_chain.setdefault(name, {}), {NO_EFFECT: region})
            self._spread(chains.built(name), self._of_chain.get(name, {}))

    def chain(self, name: str) -> Share:
        """What comes to a chain's first rule."""
        return self._of_chain.get(name, {})

    def rules(self, name: str) -> tuple[Share, ...]:
        """What comes to each rule of a chain and may match it."""
        return self._of_rule[name]

    def meets(self, share: Share, region: Region) -> Region:
        """The packets of a share that are in the region by now, as they were when they came."""
        found = self.space.nothing
        for effect, packets in share.items():
            found = found | (packets & self.effects.pull(region, effect))
        return found

    def within(self, share: Share, region: Region) -> Share:
        """Those packets of a share that are in the region by now."""
        found = {effect: packets & self.effects.pull(region, effect) for effect, packets in share.items()}
        return {effect: packets for effect, packets in found.items() if packets}

    def past(self, share: Share, way: Way) -> Share:
        """What a stretch of rules lets go on."""
        result: Share = {}
        for effect, packets in share.items():
            for fate, region in way.items():
                if fate.kind is Kind.ON:
                    self._join(result, {after(effect, fate.effect): packets & self.effects.pull(region, effect)})
        return result

    def add(self, share: Share, held: Share, region: Region, further: Effect) -> None:
        """Adds the packets of ``held`` that are in the region, with what happens to them then."""
        for effect, packets in held.items():
            self._join(share, {after(effect, further): packets & self.effects.pull(region, effect)})

    def _join(self, share: Share, more: Share) -> None:
        for effect, region in more.items():
            if region:
                share[effect] = share[effect] | region if effect in share else region

    def _spread(self, built: Built, share: Share) -> None:
        shares: list[Share] = [{}] * len(built.chain.rules)
        matched = [self.chains.steps.matches(rule) for rule in built.chain.rules]

        def down(node: Node, held: Share, wanted: _Wanted) -> None:
            held = self.within(held, wanted.region)  # all that concerns these rules: it stays small
            if not held:
                return
            if node.halves is None:
                shares[node.first] = held
                return
            assert wanted.halves is not None
            left, right = node.halves
            down(left, held, wanted.halves[0])
            down(right, self.past(held, left.way), wanted.halves[1])

        if matched:
            down(built.root, share, _wanted(built.root, matched))
        self._of_rule[built.chain.name] = tuple(shares)
        for rule, held in zip(built.chain.rules, shares, strict=True):
            if held:
                self._call(rule, held)

    def _call(self, rule: Rule, held: Share) -> None:
        for target in called(rule):
            if target in self.chains.table.chains:
                callee = self._of_chain.setdefault(target, {})
                for fate, region in self.chains.steps.sent(rule, target).items():
                    self.add(callee, held, region, fate.effect)

    def _callers_first(self) -> list[str]:
        """Chains in an order in which every jump leads forwards; what loops stands where it is first met."""
        done: list[str] = []
        seen: set[str] = set()

        def visit(name: str) -> None:
            if name in seen:
                return
            seen.add(name)
            for rule in self.chains.table.chains[name].rules:
                for target in called(rule):
                    if target in self.chains.table.chains:
                        visit(target)
            done.append(name)

        for name in self.chains.table.chains:
            visit(name)
        return done[::-1]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the rules below a node may match, along the tree."""

    region: Region
    halves: tuple[_Wanted, _Wanted] | None = None


def _wanted(node: Node, matched: list[Region]) -> _Wanted:
    if node.halves is None:
        return _Wanted(matched[node.first])
    left, right = (_wanted(half, matched) for half in node.halves)
    return _Wanted(left.region | right.region, (left, right))


def called(rule: Rule) -> Iterator[str]:
    """The chains that a rule may send packets to, each once."""
    targets: dict[str, None] = {}
    for step in rule.steps:
        verdicts = [step] if not isinstance(step, VerdictMap) else [verdict for _, verdict in step.entries]
        for verdict in verdicts:
            if isinstance(verdict, Jump | Goto):
                targets[verdict.chain] = None
    yield from targets
