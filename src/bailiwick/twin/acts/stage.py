"""What every act finds on the stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bailiwick.network.model import Network
from bailiwick.plan.model import Plan
from bailiwick.twin.foretelling import Foreteller
from bailiwick.twin.layout import Layout
from bailiwick.twin.result import Check, Decision, Followed
from bailiwick.twin.scene.machines import Machine
from bailiwick.twin.scene.router import Router
from bailiwick.twin.script import Script, Sighting
from bailiwick.twin.wire.conversations import Exchange
from bailiwick.twin.wire.prober import Prober


@dataclass(slots=True)
class Stage:
    """``layout`` is the script's, with what this kernel can do for real; ``sightings`` are those of the script's
    packets, by serial number."""

    script: Script
    layout: Layout
    router: Router
    prober: Prober
    exchange: Exchange
    machines: tuple[Machine, ...] = ()
    sightings: dict[int, Sighting] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    followed: list[Followed] = field(default_factory=list)
    foreteller: Foreteller | None = None

    @property
    def network(self) -> Network:
        return self.script.network

    @property
    def plan(self) -> Plan:
        return self.script.plan

    @property
    def patience(self) -> float:
        """Seconds to wait for a single packet."""
        return self.script.options.patience


Act = Callable[[Stage], Iterable[Check]]
"""May use and change the stage, but leaves it as it found it. Raises CommandFailed when it cannot be played."""
