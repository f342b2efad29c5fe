"""Those who leave by one uplink alone, while it is not there: nothing of theirs is seen on any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bailiwick.plan.model import Exit
from bailiwick.twin.acts.questions import ask_without
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.result import Check, Fate
from bailiwick.twin.scene.namespaces import batch
from bailiwick.twin.script import Probe, Script, Sighting
from bailiwick.twin.wire.conversations import Exchange
from bailiwick.twin.wire.prober import Prober

ENOUGH = 30
"""Packets sent for each state of each exit."""


FIRST_SERIAL = 61_000
"""Of these packets: above every other's."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was sent while an exit was away, and what became of it."""

    probes: tuple[Probe, ...]
    sightings: Mapping[int, Sighting]
    check: Check


def _theirs(exit_: Exit, probes: Sequence[Probe]) -> list[Probe]:
    return [
        probe for probe in probes if probe.packet.egress == exit_.uplink and int(probe.packet.source) in exit_.sources
    ][:ENOUGH]


def _fresh(probes: Sequence[Probe], turn: int, elsewhere: str, state: str) -> tuple[Probe, ...]:
    """The same packets as new connections, which now could only leave by another uplink, and must not."""
    fresh: list[Probe] = []
    for number, probe in enumerate(probes):
        port = 2000 + 1000 * turn + number if probe.packet.source_port else 0
        packet = replace(probe.packet, egress=elsewhere, source_port=port)
        serial = FIRST_SERIAL + ENOUGH * 10 * turn + number
        fresh.append(
            replace(probe, serial=serial, packet=packet, expected=Fate.DROPPED, column=elsewhere, claims=(), note=state)
        )
    return tuple(fresh)


class WithoutExits:
    """Sends what would leave by an exit while that is away, and keeps what became of it."""

    def __init__(self, script: Script) -> None:
        self._plan = script.plan
        self._probes = script.probes
        self._patience = script.options.patience
        self._usual = [uplink.id for uplink in script.network.exits()]
        self._foreign = script.layout.foreign
        self._turn = 0
        self.attempts: list[Attempt] = []
        self.questions: list[Check] = []

    def before(self, prober: Prober) -> None:
        """At boot, when another program's tunnel is not up yet; any other uplink is up as soon as the router is."""
        for exit_ in self._plan.exits:
            if exit_.uplink in self._foreign:
                self._try(exit_, "before its interface is up", prober)

    def take_away(self, prober: Prober, exchange: Exchange, layout: Layout) -> None:
        """Each exit's interface set down, then removed: the last thing on the stage, as nothing brings it back."""
        for exit_ in self._plan.exits:
            batch([f"link set {exit_.interface} down"], ROUTER)
            self._try(exit_, "while its interface is down", prober)
            self.questions += ask_without(exit_, exchange, self._plan, layout, self._patience)
        for exit_ in self._plan.exits:
            batch([f"link delete {exit_.interface}"], ROUTER)
            self._try(exit_, "with its interface gone", prober)

    def _try(self, exit_: Exit, state: str, prober: Prober) -> None:
        elsewhere = next((uplink for uplink in self._usual if uplink != exit_.uplink), "nowhere")
        sent = _fresh(_theirs(exit_, self._probes), self._turn, elsewhere, state)
        self._turn += 1
        sightings = prober.insist(sent, self._patience)
        seen = {station for sighting in sightings.values() for station, *_ in sighting.places}
        entered = sum(sighting.entered for sighting in sightings.values())
        check = Check(
            subject=f"{len(sent)} packets of those who leave by {exit_.uplink} alone, {state}",
            expected="seen nowhere",
            seen=f"seen by {', '.join(sorted(seen))}" if seen else f"{entered} entered the router, seen nowhere",
            holds=False if seen else True if entered else None,
        )
        self.attempts.append(Attempt(sent, sightings, check))
