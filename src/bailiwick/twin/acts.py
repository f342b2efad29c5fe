"""What happens on the stage, in order: the scene, the provider, the router, the packets, the conversations."""

from __future__ import annotations

import time

from bailiwick.twin.capabilities import capabilities, has_vlans
from bailiwick.twin.connections import connect
from bailiwick.twin.conversations import Exchange
from bailiwick.twin.dhcp import ask, leases
from bailiwick.twin.exits import WithoutExits
from bailiwick.twin.files import install, prepare
from bailiwick.twin.ipv6 import ipv6_closed
from bailiwick.twin.loaded import read_back
from bailiwick.twin.modem import ask_modems
from bailiwick.twin.outside import start_providers
from bailiwick.twin.prober import Prober
from bailiwick.twin.questions import ask_names
from bailiwick.twin.router import Router
from bailiwick.twin.scene import raise_scene
from bailiwick.twin.script import Script, Seen, Sighting
from bailiwick.twin.tags import mistagged
from bailiwick.twin.verdicts import surprising


class _Clock:
    """Wall time per part."""

    def __init__(self, began: float) -> None:
        self.laps: list[tuple[str, float]] = []
        self._mark = began

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps.append((name, now - self._mark))
        self._mark = now


def _probe(prober: Prober, script: Script) -> dict[int, Sighting]:
    """All at once; then what surprised, alone and with more patience."""
    sightings = prober.send(script.probes, script.options.patience)
    again = [probe for probe in script.probes if surprising(probe, sightings[probe.serial], script.layout)]
    if again:
        sightings |= prober.send(again, 3 * script.options.patience)
    return sightings


def act(script: Script, began: float) -> Seen:
    """Raises CommandFailed when the stage cannot be set."""
    clock = _Clock(began)
    network, plan = script.network, script.plan
    patience = script.options.patience
    prepare()
    layout = script.layout.with_vlans() if has_vlans() else script.layout
    install(script.tree, layout)
    raise_scene(plan, layout)
    able = capabilities(network, plan, layout)
    clock.lap("scene")
    start_providers(network, layout)
    router = Router(plan, script.tree, layout, script.options.ready)
    router.start()
    without = WithoutExits(script)
    first = Prober(layout, router.macs())
    try:
        without.before(first)
    finally:
        first.close()
    router.raise_tunnels()
    loaded = read_back(script.tree, router)
    clock.lap("router")
    prober, exchange = Prober(layout, router.macs()), Exchange()
    try:
        sightings = _probe(prober, script)
        clock.lap("packets")
        checks = mistagged(script, layout, sightings, router.macs())
        clock.lap("tags")
        checks += ask_modems(script.visits, 3 * patience)
        checks += connect(exchange, script.probes, sightings, layout, 3 * patience)
        checks += ask_names(exchange, plan, layout, 3 * patience)
        checks += ipv6_closed(layout, router.macs(), patience)
        clock.lap("conversations")
        # Last of these: a server tells its kernel which card has the address that it hands out (arp(7)).
        given = leases(ask(layout), network)
        clock.lap("leases")
        without.take_away(prober, exchange, layout)
        clock.lap("exits")
    finally:
        prober.close()
        exchange.close()
    for attempt in without.attempts:
        sightings |= attempt.sightings
    return Seen(
        sightings=sightings,
        later=tuple(probe for attempt in without.attempts for probe in attempt.probes),
        checks=(*checks, *(attempt.check for attempt in without.attempts), *without.questions),
        leases=given,
        loaded=loaded,
        capabilities=able,
        seconds=tuple(clock.laps),
    )
