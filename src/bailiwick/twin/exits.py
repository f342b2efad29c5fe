"""Those who leave by one uplink alone, while it is not there: nothing of theirs is seen on any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bailiwick.plan.model import Exit, Plan
from bailiwick.twin.layout import ROUTER
from bailiwick.twin.namespaces import batch
from bailiwick.twin.prober import Prober
from bailiwick.twin.result import Check
from bailiwick.twin.script import Probe

ENOUGH = 40
"""Packets sent for each state of each exit."""


def _theirs(exit_: Exit, probes: Sequence[Probe]) -> list[Probe]:
    return [
        probe for probe in probes if probe.packet.egress == exit_.uplink and int(probe.packet.source) in exit_.sources
    ][:ENOUGH]


def _fresh(probes: Sequence[Probe], turn: int) -> list[Probe]:
    """The same packets as new connections."""
    return [
        replace(probe, packet=replace(probe.packet, source_port=2000 + 1000 * turn + number))
        if probe.packet.source_port
        else probe
        for number, probe in enumerate(probes)
    ]


def try_without(exit_: Exit, state: str, prober: Prober, probes: Sequence[Probe], patience: float, turn: int) -> Check:
    """Send what would leave by the exit; ``state`` says in words why it cannot."""
    sent = _fresh(_theirs(exit_, probes), turn)
    sightings = prober.send(sent, patience)
    seen = {station for sighting in sightings.values() for station, *_ in sighting.places}
    entered = sum(sighting.entered for sighting in sightings.values())
    return Check(
        subject=f"{len(sent)} packets of those who leave by {exit_.uplink} alone, {state}",
        expected="seen nowhere",
        seen=f"seen by {', '.join(sorted(seen))}" if seen else f"{entered} entered the router, seen nowhere",
        holds=False if seen else True if entered else None,
    )


def take_away(plan: Plan, prober: Prober, probes: Sequence[Probe], patience: float) -> tuple[Check, ...]:
    """Each exit's interface set down, then removed; the last thing on the stage, as nothing brings it back."""
    checks: list[Check] = []
    for exit_ in plan.exits:
        batch([f"link set {exit_.interface} down"], ROUTER)
        checks.append(try_without(exit_, "while its interface is down", prober, probes, patience, 1))
    for exit_ in plan.exits:
        batch([f"link delete {exit_.interface}"], ROUTER)
        checks.append(try_without(exit_, "with its interface gone", prober, probes, patience, 2))
    return tuple(checks)
