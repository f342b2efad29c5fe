"""Runs in the guest as a unit of it: makes the wires and stations, waits for the boot, plays, tells what came of it."""

from __future__ import annotations

import json
import pickle
import platform
import traceback
from collections.abc import Callable

from bailiwick.twin.scene.namespaces import CommandFailed
from bailiwick.twin.script import Script
from bailiwick.twin.stages.booted.witness import BOOT, booted, ready, wires
from bailiwick.twin.stages.machine.guest import FAULT, HELLO, PART, SCRIPT, SEEN, WORLD, open_port, tell_by
from tests.agent.guest import scenario

Tell = Callable[[str], None]


def run(play: Callable[[str, Tell], object]) -> None:
    """``play`` gets the name of the owner's station, and what to tell of its course by; what it gives is told last."""
    port = open_port(BOOT)
    tell_by(port, HELLO, platform.release().encode())
    try:
        script: Script = pickle.loads(SCRIPT.read_bytes())
        layout = wires(script)
        ready()
        booted()
        station = next(one.name for one in layout.stations if one.place == "zone:mgmt")
        word, data = SEEN, pickle.dumps(play(station, lambda part: tell_by(port, PART, part.encode())))
    except (CommandFailed, OSError) as error:
        word, data = WORLD, str(error).encode()
    except BaseException:  # noqa: BLE001  # told in full: it is the test's own fault
        word, data = FAULT, traceback.format_exc().encode()
    tell_by(port, word, data)


if __name__ == "__main__":
    run(lambda station, tell: scenario.play(station, tell, tuple(json.loads(scenario.CHOSEN.read_text()))))
