"""Space on the disk, looked for before anything is begun, and kept free for the way back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from bailiwick.agent.disk import durable
from bailiwick.agent.places import Places

BLOCK = 4096
SPARE = 4 << 20
"""Bytes left over for what the system itself writes meanwhile."""
SPARE_FILES = 64


def ensure(places: Places, contents: Mapping[str, bytes]) -> str:
    """What is lacking, in a sentence; "" when nothing is.

    On each file system that gets a share: room for the files twice over (the new one is written beside the old one,
    and the old one may have to be written once more), and one for the store.
    """
    asked: dict[int, tuple[Path, int, int]] = {}
    for target, data in ((places.on_device(path), data) for path, data in contents.items()):
        size = blocks(len(data))
        for where, times in ((target, 2), (places.generations, 2)):
            there = _nearest(where)
            device = there.stat().st_dev
            _, bytes_, files = asked.get(device, (there, SPARE, SPARE_FILES))
            asked[device] = there, bytes_ + times * size, files + 2 * times
    for there, bytes_, files in asked.values():
        free = os.statvfs(there)
        if free.f_bavail * free.f_frsize < bytes_:
            return f"{there}: {free.f_bavail * free.f_frsize >> 10} KiB are free, and {bytes_ >> 10} KiB are needed"
        if free.f_files and free.f_favail < files:
            return f"{there}: {free.f_favail} more files fit there, and {files} are needed"
    return ""


def reserve(places: Places, size: int) -> None:
    """Take ``size`` bytes of the store's file system, for ``release`` to give back. Raises durable.NotWritten."""
    durable.directory(places.state)
    release(places)
    try:
        with durable.opened(places.state) as parent:
            file = os.open("reserve", durable.NEW, 0o600, dir_fd=parent)
            try:
                os.posix_fallocate(file, 0, max(size, BLOCK))
                os.fsync(file)
                os.fsync(parent)
            finally:
                os.close(file)
    except OSError as error:
        release(places)
        raise durable.NotWritten(f"{places.state}: no {size >> 10} KiB can be reserved: {error.strerror}") from error


def release(places: Places) -> None:
    """What was reserved is free again, for putting the old generation back. Raises durable.NotWritten."""
    durable.remove(places.state / "reserve")


def blocks(size: int) -> int:
    """Bytes that a file of that size takes, its inode included."""
    return (size // BLOCK + 2) * BLOCK


def _nearest(path: Path) -> Path:
    """The directory that is there, at ``path`` or above it."""
    return next(above for above in path.parents if above.is_dir())
