"""Which of the programs that were pushed is the one that the device's own units run.

It changes when an apply begins, and by nothing else: pushing another while a window is open changes nothing of how
the old generation comes back.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from bailiwick.agent.disk import durable
from bailiwick.agent.places import Places

KEPT = 3
"""Programs that stay on the disk; each is a megabyte."""


class NotPushed(Exception):
    """What runs here is no file of the agent's directory, whole, that units could run after us."""


def point(places: Places) -> None:
    """Units run this very program from now on. Raises NotPushed, NotWritten."""
    running = Path(sys.argv[0]).resolve()
    if running.parent != places.agents.resolve() or not running.is_file():
        raise NotPushed(f"the agent runs from {running}, and not from {places.agents}, where it is to be pushed first")
    if hashlib.sha256(running.read_bytes()).hexdigest() != running.stem:
        raise NotPushed(f"{running} is not what its name says: push it again")
    if current(places) != running.name:
        durable.sync(running)
        durable.link(places.agent, running.name)


def prune(places: Places) -> None:
    """Of the programs that were pushed, the latest stay, and the one that units run. Raises OSError."""
    pushed = sorted(places.agents.glob("*.pyz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in pushed[KEPT:]:
        if path.name != current(places) and path != Path(sys.argv[0]).resolve():
            path.unlink()
    for path in places.agents.glob("*.zip"):  # compiled.py's
        if not path.with_name(f"{path.name.partition('.')[0]}.pyz").exists():
            path.unlink()


def restore(places: Places, name: str | None) -> None:
    """Units run ``name`` again: the program of an apply that was never armed is none of theirs. Raises NotWritten."""
    if name is not None and name != current(places):
        durable.link(places.agent, name)


def current(places: Places) -> str | None:
    """The name of the file, None before the first apply."""
    try:
        return str(places.agent.readlink())
    except FileNotFoundError:
        return None
