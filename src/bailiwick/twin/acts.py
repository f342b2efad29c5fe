"""What happens on the stage, in order: the scene, the provider, the router, the packets."""

from __future__ import annotations

import time

from bailiwick.twin.files import install, prepare
from bailiwick.twin.outside import start_providers
from bailiwick.twin.prober import Prober
from bailiwick.twin.router import Router
from bailiwick.twin.scene import raise_scene
from bailiwick.twin.script import Probe, Script, Seen, Sighting
from bailiwick.twin.verdicts import surprising


def _probe(prober: Prober, script: Script) -> dict[int, Sighting]:
    """All at once; then what surprised, alone and with more patience."""
    sightings = prober.send(script.probes, script.options.patience)
    again: list[Probe] = [probe for probe in script.probes if surprising(probe, sightings[probe.serial], script.layout)]
    if again:
        sightings |= prober.send(again, 3 * script.options.patience)
    return sightings


def act(script: Script, began: float) -> Seen:
    """Raises CommandFailed when the stage cannot be set."""
    seconds: list[tuple[str, float]] = []
    mark = began

    def lap(name: str) -> None:
        nonlocal mark
        now = time.monotonic()
        seconds.append((name, now - mark))
        mark = now

    prepare()
    install(script.tree, script.layout)
    raise_scene(script.plan, script.layout)
    lap("scene")
    start_providers(script.network, script.layout)
    router = Router(script.plan, script.tree, script.layout)
    router.start()
    lap("router")
    prober = Prober(script.layout, router.macs())
    try:
        sightings = _probe(prober, script)
    finally:
        prober.close()
    lap("packets")
    return Seen(sightings, seconds=tuple(seconds))
