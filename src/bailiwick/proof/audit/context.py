"""What every finding is found in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import Chain, Rule, Table
from bailiwick.dataplane.symbolic.hooks import FAMILIES
from bailiwick.dataplane.symbolic.reach import Reach
from bailiwick.dataplane.symbolic.redundant import Twice, written_twice
from bailiwick.dataplane.tally import Line
from bailiwick.proof.audit.falling import Falling
from bailiwick.proof.audit.finding import Undecided, Unreplayed
from bailiwick.proof.audit.replay import Replay
from bailiwick.proof.audit.view import View
from bailiwick.proof.audit.zones import Zones


@dataclass
class Context:
    """``views`` by IP version: those whose filter was given. ``defects``: packets that did not do what the sets say;
    their findings are left out and counted. ``undecided``: packets of which the interpreter cannot tell."""

    device: Device
    zones: Zones
    syntax: str
    views: dict[int, View]
    defects: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)

    @cached_property
    def replays(self) -> dict[int, Replay]:
        return {version: Replay(view) for version, view in self.views.items()}

    @property
    def main(self) -> View:
        """IPv4 where it was given."""
        return self.views[min(self.views)]

    def replay(self, view: View) -> Replay:
        return self.replays[view.family]

    @cached_property
    def falls(self) -> dict[int, Falling]:
        return {version: Falling(view) for version, view in self.views.items()}

    @cached_property
    def reaches(self) -> dict[int, tuple[Reach, ...]]:
        """What reaches each rule, table by table."""
        return {
            v: tuple(view.pipeline.reach(chains) for chains in view.pipeline.tables) for v, view in self.views.items()
        }

    @cached_property
    def twices(self) -> dict[int, tuple[tuple[Twice, ...], ...]]:
        """Rules that are written twice, of each of ``reaches``."""
        return {version: tuple(tuple(written_twice(one)) for one in its) for version, its in self.reaches.items()}

    @cached_property
    def doubled(self) -> frozenset[Line]:
        """The lines of rules that are written twice: that says all of what else could be said of them."""
        found = (twice for its in self.twices.values() for those in its for twice in those)
        return frozenset(line for one in found for line in (one.rule.line, one.first.line))

    def defect(self, error: Unreplayed) -> None:
        (self.undecided if isinstance(error, Undecided) else self.defects).append(str(error))

    def chains(self, view: View, *hooks: str, kind: str = "filter") -> Iterator[tuple[Table, Chain]]:
        """The base chains at these hooks, in the order of the text."""
        for table in self.device.tables:
            if table.family in FAMILIES[view.family]:
                for chain in table.chains.values():
                    if chain.hook is not None and chain.hook.name in hooks and chain.hook.type == kind:
                        yield table, chain

    def rules(self, view: View) -> Iterator[tuple[Table, Chain, Rule]]:
        for table in self.device.tables:
            if table.family in FAMILIES[view.family]:
                for chain in table.chains.values():
                    for rule in chain.rules:
                        yield table, chain, rule
