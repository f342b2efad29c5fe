"""Leaving no trace: the generations with their secrets, once nothing of them stands on the device any more."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bailiwick.agent.disk import record
from bailiwick.agent.disk.lock import lock
from bailiwick.agent.disk.pointer import confirmed
from bailiwick.agent.model import ORIGIN
from bailiwick.agent.places import Places
from bailiwick.agent.window import units

PRIVATE = "/var/lib/private/bailiwick"
"""Where systemd keeps what our daemons, which have users of their own, remember: leases (StateDirectory=)."""


class Installed(Exception):
    """A generation of ours stands on the device, or an apply is open: what would be destroyed is needed."""


def destroy(places: Places, owner: str = "") -> None:
    """The whole state directory, every file overwritten first. Raises Installed, ``lock.Held``, OSError.

    Overwriting reaches the blocks on disks that write in place. Flash, and file systems that keep what was (btrfs,
    snapshots), may hold old copies: what is secret there is to be renewed, too.
    """
    with lock(places, owner):
        if (number := confirmed(places)) != ORIGIN:
            raise Installed(f"generation {number} stands on this device: uninstall first")
        if record.load(places) is not None:
            raise Installed("an apply is open on this device")
        units.remove(places)
        for top in (places.state, places.on_device(PRIVATE)):
            for path in sorted(top.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    _overwrite(path)
            if top.exists():
                shutil.rmtree(top)


def _overwrite(path: Path) -> None:
    file = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        left = os.fstat(file).st_size
        while left:
            left -= os.write(file, bytes(min(left, 1 << 20)))
        os.fsync(file)
    finally:
        os.close(file)
