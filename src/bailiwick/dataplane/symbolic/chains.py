"""Chains to ways, each once, however many rules jump there."""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.dataplane.rules import Chain, Drop, Table
from bailiwick.dataplane.symbolic.interfaces import Interfaces
from bailiwick.dataplane.symbolic.steps import Steps
from bailiwick.dataplane.symbolic.tree import Node, tree
from bailiwick.dataplane.symbolic.way import ACCEPT, DROP, ON, Fate, Kind, Way, put, renamed, within
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region


@dataclass(frozen=True, slots=True)
class Built:
    """``matches`` are the packets for which each rule may do something: end, leave, or change the packet."""

    chain: Chain
    ways: tuple[Way, ...]
    root: Node


class Chains:
    """The chains of one table. A jump to a chain that does not exist, or back into one that is being walked (no
    kernel loads either), may do whatever a chain can."""

    def __init__(self, table: Table, steps: Steps, interfaces: Interfaces) -> None:
        self.table = table
        self.steps = steps
        self.interfaces = interfaces
        self._built: dict[str, Built] = {}
        self._open: set[str] = set()

    def built(self, name: str) -> Built:
        """Raises KeyError for a name that the table does not have."""
        known = self._built.get(name)
        if known is None:
            chain = self.table.chains[name]
            self._open.add(name)
            ways = tuple(self.steps.rule(rule, self.called) for rule in chain.rules)
            self._open.discard(name)
            root = tree(ways, self.steps.effects, self.steps.space.everything)
            known = self._built[name] = Built(chain, ways, root)
        return known

    def called(self, name: str) -> Way:
        """What a chain does to the packets that a rule sends there; it ends in ON or RETURN where it comes back."""
        if name in self._open or name not in self.table.chains:
            everything = self.steps.space.everything
            return {ACCEPT: everything, DROP: everything, ON: everything}
        return self.built(name).root.way

    def base(self, name: str) -> Way:
        """What a base chain does: ACCEPT, DROP, REJECT or TRANSLATE. Raises KeyError as ``built``, and ValueError for
        a chain without a hook."""
        chain = self.table.chains[name]
        if chain.hook is None:
            raise ValueError(f"{name} is no base chain")
        end = Kind.DROP if isinstance(chain.hook.policy, Drop) else Kind.ACCEPT

        def ended(fate: Fate) -> Fate:
            return fate._replace(kind=end) if fate.kind in {Kind.ON, Kind.RETURN} else fate

        way = renamed(self.called(name), ended)
        passing = self.elsewhere(chain)
        if passing:
            way = within(way, ~passing)
            put(way, ACCEPT, passing)
        return way

    def elsewhere(self, chain: Chain) -> Region:
        """The packets that a chain bound to one interface never sees."""
        hook = chain.hook
        if hook is None or not hook.device:
            return self.steps.space.nothing
        side = header.OIF if hook.name == "egress" else header.IIF
        number = self.interfaces.number(hook.device)
        return ~self.steps.space.among(side, IntervalSet.single(number))


__all__ = ["ON", "Built", "Chains"]
