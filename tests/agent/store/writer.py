"""An apply as far as the disk sees it, as a program of its own: to be killed, cut off and refused at every point.

``python -m tests.agent.store.writer ROOT``; ``first`` prepares what stood there before, with generation 1 confirmed.
What it does lies between two calls that mark it (access(2) of names that nobody has). Exit status 3 and one line: the
disk refused.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bailiwick.agent.disk import durable, history, record, space
from bailiwick.agent.disk.origin import Origin, Unit
from bailiwick.agent.disk.store import Refused, Store
from bailiwick.agent.places import Places
from bailiwick.agent.window.decisions import Phase, Window
from tests.agent.store.making import made

INSTALLED = "/etc/bailiwick/firewall.nft"
MADE = "/etc/new/made.conf"
BEFORE = b"# the owner's own\n"
OLD = {INSTALLED: b"table inet old {\n}\n"}
NEW = {INSTALLED: b"table inet new {\n" + b"# rule\n" * 700 + b"}\n", MADE: b"new = 1\n"}
ARMED = Window(old=1, new=2, phase=Phase.ARMED, boot="b", deadline=180.0, patience=120.0, token="t" * 64, owner="ann")
WAITING = Window(
    old=1,
    new=2,
    phase=Phase.WAITING,
    boot="b",
    deadline=130.0,
    patience=120.0,
    token="t" * 64,
    owner="ann",
    settled=10.0,
)
UNLOOKED = "BAILIWICK_SPACE_UNLOOKED"
"""In the environment: as if there had been room when it was looked for."""
BEGIN, END = "/begin-of-the-apply", "/end-of-the-apply"


def first(places: Places) -> None:
    store = Store(places)
    durable.directory(places.on_device("/etc/bailiwick"), 0o755)
    durable.write(places.on_device(INSTALLED), BEFORE, 0o640)
    store.stage(made(OLD), OLD)
    Origin(places).remember_files(OLD)
    durable.write(places.on_device(INSTALLED), OLD[INSTALLED], 0o644)
    store.confirm(1)
    history.append(places, what="committed", generation=1)


def apply(places: Places) -> None:
    store, origin = Store(places), Origin(places)
    store.stage(made(NEW), NEW)
    origin.remember_files(NEW)
    origin.remember_settings({"net.ipv4.ip_forward": "0"})
    origin.remember_units({"ufw.service": Unit("enabled", True)})
    store.reserve(1)
    with record.held(places):
        record.save(places, ARMED)
    for path, data in NEW.items():
        durable.directory(places.on_device(path).parent, 0o755)
        durable.write(places.on_device(path), data, 0o644)
    with record.held(places):
        record.save(places, WAITING)
    with record.held(places):
        store.confirm(2)
        record.clear(places)
    store.release()
    history.append(places, what="committed", generation=2)
    store.prune(keep=1)


def main() -> int:
    places = Places(Path(sys.argv[1]))
    if os.environ.get(UNLOOKED):
        space.SPARE = -(1 << 30)
    os.access(BEGIN, os.F_OK)
    try:
        apply(places)
    except (durable.NotWritten, Refused) as refusal:
        sys.stdout.write(f"{refusal}\n")
        return 3
    os.access(END, os.F_OK)
    return 0


if __name__ == "__main__":
    sys.exit(main())
