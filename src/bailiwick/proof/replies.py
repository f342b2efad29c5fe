"""Answers pass, and nothing else passes for one: what the filter does with packets that are no connection's first.

Conntrack keeps only connections whose first packet was accepted, so "accept what is established or related" is
exactly the answers of what was accepted, as long as nothing is kept from conntrack and what it calls invalid goes.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.rules import NoTrack
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.split import LOCAL
from bailiwick.intent.hygiene import ROUTE_OUT
from bailiwick.packets import header
from bailiwick.packets.header import State
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region
from bailiwick.proof.difference import Difference, Kind
from bailiwick.proof.filters import ANY, Filters
from bailiwick.proof.witness import Witnesses


class Replies:
    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.universe = filters.universe
        self.space = filters.space
        self.pipeline = filters.universe.pipeline

    def differences(self) -> Iterator[Difference]:
        guarded = self._guarded()
        for hook in self.filters.sides:
            passes = self.pipeline.filtered(hook)
            here, routed = self._here(hook), self._routed(hook)
            answers = here & self._state(State.ESTABLISHED, State.RELATED)
            # Whoever else bears such an address may be stopped too: nobody else rightly does.
            if stopped := (answers - guarded.without(header.IIF)) - passes.must:
                yield self._difference(
                    stopped & routed or stopped, "it is an answer of an accepted connection, and is not let through"
                )
            if astray := answers & guarded & passes.may & routed:
                yield self._difference(astray, "it belongs to a connection that leaves by another uplink or not at all")
            odd = here & self._state(State.INVALID)
            if hook == "output":
                # What the router says of a packet that it refused belongs to no connection either.
                odd -= self.filters.wanted.without(header.STATE)
            if passing := odd & passes.may:
                yield self._difference(passing & routed or passing, "it belongs to no connection (invalid), and passes")
        for table in self.pipeline.device.tables:
            for chain in table.chains.values():
                for rule in chain.rules:
                    if any(isinstance(step, NoTrack) for step in rule.steps):
                        yield Difference(Kind.REPLY, "packets are kept from conntrack here", line=rule.line)

    def _guarded(self) -> Region:
        """What leaves by its own uplink or not at all, answers too."""
        kept = (one.packets for one in self.filters.intent.hygiene if one.id.startswith(ROUTE_OUT))
        region = self.universe.union(kept)
        return region.without(header.STATE, header.STATUS, header.DIRECTION)

    def _here(self, hook: str) -> Region:
        """Every packet at a hook, whatever marks it has."""
        return self.universe.possible & self.filters.sides[hook]

    def _routed(self, hook: str) -> Region:
        """What routing may bring to the hook, whatever is up."""
        parts = []
        for exit_, pair in self.pipeline.routed(ANY, own=hook == "output").items():
            if exit_ == LOCAL or exit_ in self.pipeline.interfaces.every:
                number = NONE if exit_ == LOCAL else exit_
                parts.append(pair.may & self.space.among(header.OIF, IntervalSet.single(number)))
        return self.space.union(parts)

    def _state(self, *states: State) -> Region:
        return self.space.among(header.STATE, IntervalSet.of((state, state) for state in states))

    def _difference(self, region: Region, sentence: str) -> Difference:
        example = Witnesses(self.universe).example(region)
        return Difference(Kind.REPLY, sentence, example.packet, example.walk.decided)
