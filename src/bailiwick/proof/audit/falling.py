"""Packets that no rule decides: they fall to the end of every chain of the filter, whose policy lets them through."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from bailiwick.dataplane.rules import Chain, Drop
from bailiwick.dataplane.symbolic.chains import Chains
from bailiwick.dataplane.symbolic.hooks import Base
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.way import Kind, of_kind
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region
from bailiwick.proof.audit.view import View


class Falling:
    """Of one view, at ``input`` and ``forward``. Chains before the filter (raw, mangle) decide nothing for good."""

    def __init__(self, view: View) -> None:
        self.view = view

    def bases(self, hook: str) -> Iterator[tuple[Chains, Chain]]:
        for stop in self.view.pipeline.hook(hook).stops:
            if isinstance(stop, Base) and stop.type == "filter":
                assert stop.chain.hook is not None
                if stop.chain.hook.priority >= 0:
                    yield stop.chains, stop.chain

    def at(self, hook: str) -> Region:
        """New packets that pass the hook without any rule saying so."""
        return self._at[hook]

    @cached_property
    def _at(self) -> dict[str, Region]:
        view, found = self.view, {}
        here = view.space.among(header.OIF, IntervalSet.single(NONE))
        for hook, side in (("input", here), ("forward", ~here)):
            region = view.passes & side
            for chains, chain in self.bases(hook):
                region &= self._end(chains, chain)
            found[hook] = region
        return found

    def _end(self, chains: Chains, chain: Chain) -> Region:
        """The packets that may come to the end of a chain whose policy is to accept them."""
        nothing = self.view.space.nothing
        if chain.hook is None or isinstance(chain.hook.policy, Drop):
            return nothing
        return of_kind(chains.called(chain.name), nothing, Kind.ON, Kind.RETURN) | chains.elsewhere(chain)
