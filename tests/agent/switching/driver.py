"""What runs in the box: ``python3 driver.py COMMAND [NUMBER]``, with the agent in PYTHONPATH; JSON in, JSON out."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import replace
from typing import Any

from bailiwick.agent import model
from bailiwick.agent.disk.origin import Origin
from bailiwick.agent.disk.store import Store
from bailiwick.agent.look.live import as_data, look
from bailiwick.agent.look.scope import scope
from bailiwick.agent.places import Places
from bailiwick.agent.switch import installing, settings, switching
from bailiwick.agent.switch.unit_states import observed


def say(one: Any) -> None:
    """Heard at once."""
    sys.stdout.write(json.dumps(one) + "\n")
    sys.stdout.flush()


def main() -> int:
    """The exit status: 1 where the switch failed, said as ``step`` and ``why``."""
    places = Places()
    store, origin = Store(places), Origin(places)
    command, number = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0

    if command == "stage":
        given = json.load(sys.stdin)
        generation = model.from_data(given["generation"])
        contents = {path: base64.b64decode(data) for path, data in given["contents"].items()}
        staged = store.stage(replace(generation, number=0), contents)
        touched = scope(store, origin, staged.number)
        origin.remember_files(touched.paths)
        origin.remember_settings(settings.observed(places, touched.settings))
        origin.remember_units(observed(touched.units))
        say(staged.number)
    elif command in ("switch", "back"):
        try:
            switching.switch(places, number, say, back=command == "back")
        except switching.SwitchFailed as failure:
            say({"step": failure.step, "why": failure.why})
            return 1
    elif command == "confirm":
        store.confirm(number)
    elif command == "restore":
        switching.restore(places, number, say)
    elif command == "committed":
        switching.committed(places, number)
    elif command == "look":
        say(as_data(look(places, scope(store, origin, *store.numbers()))))
    elif command == "unlike":
        say(installing.unlike(installing.read(places, number)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
