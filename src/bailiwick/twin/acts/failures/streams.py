"""Packets sent again and again while something happens: what is denied at every moment, what is open where it can be.

A thread of its own sends them; its sockets were opened before, so that it enters no namespace.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event

from bailiwick.network.model import Place
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import Layout
from bailiwick.twin.result import Check, Fate
from bailiwick.twin.script import Probe, Sighting
from bailiwick.twin.verdicts import fate
from bailiwick.twin.wire.prober import Prober

DENIED, OPEN = 160, 60
"""Packets of each turn, at most."""
PAUSE = 0.03
"""Seconds at the end of each turn, where something may be away: what is open need not arrive."""
AWAITED = 2.0
"""Seconds at the most, where all that is open must arrive: a turn ends soon after it has."""
FIRST_PORT, TURNS = 30_000, 400
"""Each turn's packets are new connections, by their source port; the ports of earlier turns come again."""


def _spread(probes: Sequence[Probe], most: int) -> list[Probe]:
    """Some for each pair of places, in turn, until there are enough."""
    pairs: dict[tuple[str, str], list[Probe]] = {}
    for probe in probes:
        pairs.setdefault((probe.packet.ingress, probe.packet.egress), []).append(probe)
    chosen: list[Probe] = []
    depth = 0
    while len(chosen) < most and any(len(found) > depth for found in pairs.values()):
        chosen += [found[depth] for found in pairs.values() if len(found) > depth]
        depth += 1
    return chosen[:most]


@dataclass(slots=True)
class Streams:
    """What was sent so far, and what became of it. ``leaks`` are packets seen where none of them belongs."""

    layout: Layout
    probes: Sequence[Probe]
    pause: float = PAUSE
    sent: int = 0
    turns: int = 0
    arrived: int = 0
    open: int = 0
    leaks: dict[str, None] = field(default_factory=dict)

    def turn(self, prober: Prober) -> None:
        """Send them all once as new connections."""
        port = FIRST_PORT + self.turns % TURNS
        fresh = [
            replace(probe, packet=replace(probe.packet, source_port=port)) if probe.packet.source_port else probe
            for probe in self.probes
        ]
        sightings = prober.send(fresh, self.pause)
        self.turns += 1
        for probe in fresh:
            self._judge(probe, sightings[probe.serial])

    def _judge(self, probe: Probe, sighting: Sighting) -> None:
        self.sent += 1
        seen, where = fate(probe, sighting, self.layout)
        if probe.expected is Fate.ARRIVED:
            self.open += 1
            self.arrived += seen is Fate.ARRIVED
            passed = seen is Fate.STRAYED
        else:
            passed = seen in (Fate.ARRIVED, Fate.STRAYED)
        if passed:
            packet = probe.packet
            self.leaks[f"{packet.source} to {probe.destination}:{probe.port}, {where}"] = None

    def nothing_forbidden(self, subject: str) -> Check:
        """Holds when no packet was where it should not be; inconclusive when none was sent."""
        shown = "; ".join(list(self.leaks)[:3])
        seen = (
            f"{len(self.leaks)} kinds passed: {shown}" if self.leaks else f"none of {self.sent} in {self.turns} turns"
        )
        return Check(subject, "no forbidden packet is seen", seen, not self.leaks if self.sent else None)

    def all_open(self, subject: str) -> Check:
        """Holds when everything that is open arrived in every turn."""
        seen = f"{self.arrived} of {self.open} arrived"
        return Check(
            subject, f"{self.open} of {self.open} arrived", seen, self.arrived == self.open if self.open else None
        )


def sample(stage: Stage) -> list[Probe]:
    """Packets of others than the router, denied and open ones, whose fate was the one meant when all was well."""
    sure = [
        probe
        for probe in stage.script.probes
        if probe.packet.ingress != Place.ROUTER
        and (sighting := stage.sightings.get(probe.serial)) is not None
        and (probe.expected is Fate.ARRIVED) == (fate(probe, sighting, stage.layout)[0] is Fate.ARRIVED)
    ]
    denied = [probe for probe in sure if probe.expected is not Fate.ARRIVED]
    return _spread(denied, DENIED) + _spread([probe for probe in sure if probe.expected is Fate.ARRIVED], OPEN)


@contextmanager
def streaming(stage: Stage, probes: Sequence[Probe], pause: float = PAUSE) -> Iterator[Streams]:
    """Send without end while the caller does something; one whole turn is over before it begins, and one follows.

    Raises what went wrong in the thread.
    """
    streams = Streams(stage.layout, probes, pause)
    prober = Prober(stage.layout, stage.router.macs())
    over = Event()

    def send() -> None:
        last = False
        while not last:
            last = over.is_set()
            streams.turn(prober)

    try:
        streams.turn(prober)
        with ThreadPoolExecutor(1) as thread:
            sending = thread.submit(send)
            try:
                yield streams
            finally:
                over.set()
            sending.result()
    finally:
        prober.close()
