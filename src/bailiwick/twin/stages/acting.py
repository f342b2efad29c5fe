"""What happens on the stage, in order: the scene, the provider, the router, the packets, the conversations."""

from __future__ import annotations

import platform
import time

from bailiwick.twin.acts.exits import WithoutExits
from bailiwick.twin.acts.leases import ask, leases
from bailiwick.twin.acts.order import played
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.loaded.read_back import machines_read_back, read_back
from bailiwick.twin.result import Check
from bailiwick.twin.scene.capabilities import (
    capabilities,
    has_vlan_filtering,
    has_vlans,
    has_wireguard,
    lacks_for_sessions,
    lacks_for_tunnels,
)
from bailiwick.twin.scene.files import install, prepare
from bailiwick.twin.scene.handover import still_handing_over
from bailiwick.twin.scene.machines import machines_of
from bailiwick.twin.scene.namespaces import within
from bailiwick.twin.scene.outside import start_providers
from bailiwick.twin.scene.router import Router
from bailiwick.twin.scene.wires import raise_guests, raise_scene
from bailiwick.twin.script import Script, Seen, Sighting
from bailiwick.twin.stages.progress import tell
from bailiwick.twin.verdicts import surprising
from bailiwick.twin.wire.conversations import Exchange
from bailiwick.twin.wire.listening import Beside
from bailiwick.twin.wire.prober import Prober


class _Clock:
    """Wall time per part."""

    def __init__(self, began: float) -> None:
        self.laps: list[tuple[str, float]] = []
        self._mark = began

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps.append((name, now - self._mark))
        tell(name)
        self._mark = now


def _listening(script: Script) -> Beside | None:
    if script.options.listen is None:
        return None
    with within(ROUTER):
        return Beside(script.options.listen)


def _stage(layout: Layout) -> str:
    """What a trial on this machine says that it took place on."""
    real = layout.tunnels - {interface.place for interface, _ in layout.stand_ins}
    by = ", tunnels by userspace WireGuard" if real and layout.userspace else ""
    return f"namespaces on this machine: Linux {platform.release()}{by}"


def probe_all(prober: Prober, script: Script) -> dict[int, Sighting]:
    """All at once; then what surprised, alone and with more patience."""
    sightings = prober.send(script.probes, script.options.patience)
    again = [probe for probe in script.probes if surprising(probe, sightings[probe.serial], script.layout)]
    if again:
        sightings |= prober.insist(again, 3 * script.options.patience)
    return sightings


def act(script: Script, began: float) -> Seen:
    """Raises CommandFailed when the stage cannot be set."""
    clock = _Clock(began)
    network, plan = script.network, script.plan
    prepare()
    layout = script.layout.real(
        vlans=has_vlans(),
        filtering=has_vlan_filtering(),
        sessions=not lacks_for_sessions(),
        tunnels=bool(script.layout.tunnels) and not lacks_for_tunnels(),
        userspace=not has_wireguard(),
    )
    machines = machines_of(script, layout)
    for machine in machines:
        machine.install()
    install(script.tree, layout)
    raise_scene(plan, layout)
    for machine in machines:
        machine.start()
    raise_guests(plan, layout)
    able = capabilities(network, plan, layout)
    clock.lap("scene")
    start_providers(network, plan, layout)
    router = Router(plan, script.tree, layout, script.options.ready)
    router.start()
    beside = _listening(script)
    without = WithoutExits(script)
    first = Prober(layout, router.macs())
    try:
        without.before(first)
    finally:
        first.close()
    router.raise_tunnels()
    loaded = (*read_back(script.tree, router), *machines_read_back(machines))
    clock.lap("router")
    stage = Stage(script, layout, router, Prober(layout, router.macs()), Exchange(), machines)
    checks: list[Check] = []
    try:
        stage.sightings = probe_all(stage.prober, script)
        clock.lap("packets")
        for name, play in played(script.options):
            checks += play(stage)
            clock.lap(name)
        # Last of these: a server tells its kernel which card has the address that it hands out (arp(7)).
        given = leases(ask(layout), network)
        clock.lap("leases")
        without.take_away(stage.prober, stage.exchange, layout)
        still_handing_over()
        clock.lap("exits")
    finally:
        stage.prober.close()
        stage.exchange.close()
    sightings = stage.sightings
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
        decisions=tuple(stage.decisions),
        captured=beside.end() if beside else (),
        followed=tuple(stage.followed),
        stage=_stage(layout),
    )
