"""What the guest wrote to its disk and when it asked for that to be kept: QEMU's log, and disks made of it.

The form is that of Linux's dm-log-writes (drivers/md/dm-log-writes.c); QEMU's block/blklogwrites.c writes it. Numbers
are little-endian, a sector has 512 bytes, and each entry has a sector of its own before its data.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SECTOR, BLOCK = 512, 4096
MAGIC = 0x6A736677736872
SUPER = struct.Struct("<QQQI")  # magic, version, number of entries, sector size
ENTRY = struct.Struct("<QQQQ")  # sector, number of sectors, flags, length of data that is no part of the disk
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8


@dataclass(frozen=True, slots=True)
class Write:
    """``at`` and ``size`` in bytes of the disk, ``data`` where it begins in the log. A flush has no size."""

    at: int
    size: int
    flags: int
    data: int


def count(log: Path) -> int:
    """Entries that are in it; it may be read while QEMU writes it."""
    with log.open("rb") as file:
        head = file.read(SUPER.size)
    return SUPER.unpack(head)[2] if len(head) == SUPER.size else 0


def writes(log: Path) -> list[Write]:
    """In their order. Raises ValueError for what is no such log, or has what no guest of ours asks for."""
    found: list[Write] = []
    with log.open("rb") as file:
        magic, version, number, sector = SUPER.unpack(file.read(SUPER.size))
        if (magic, version, sector) != (MAGIC, 1, SECTOR):
            raise ValueError(f"{log} is no log of writes in sectors of {SECTOR} bytes")
        place = SECTOR
        for _ in range(number):
            file.seek(place)
            start, length, flags, more = ENTRY.unpack(file.read(ENTRY.size))
            if flags & (DISCARD | MARK) or more:
                raise ValueError(f"{log} has an entry with flags {flags:x}")
            found.append(Write(start * SECTOR, length * SECTOR, flags, place + SECTOR))
            place += SECTOR + length * SECTOR
    return found


def survivors(done: list[Write], chance: random.Random | None) -> list[Write]:
    """Of what was written up to the cut, what a disk with a cache of its own may have: all that came before the last
    flush; and of what came after it nothing but what went past the cache, or (``chance``) any part, by 4096 bytes."""
    flushed = max((number + 1 for number, one in enumerate(done) if one.flags & FLUSH), default=0)
    kept = done[:flushed]
    for one in done[flushed:]:
        if one.flags & FUA:
            kept.append(one)
        elif chance is not None:
            parts = range(0, one.size, BLOCK)
            kept += [
                Write(one.at + start, min(BLOCK, one.size - start), one.flags, one.data + start)
                for start in parts
                if chance.random() < 0.5
            ]
    return kept


def replay(log: Path, done: Iterable[Write], disk: Path) -> None:
    """Onto ``disk``, which is as it was when the log began."""
    with log.open("rb") as source, disk.open("r+b") as target:
        for one in done:
            if one.size:
                source.seek(one.data)
                target.seek(one.at)
                target.write(source.read(one.size))
