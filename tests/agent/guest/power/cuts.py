"""When the power is cut, and what may stand after that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

OLD, NEW = "old", "new"
EITHER = frozenset({OLD, NEW})
WORD, SILENCE = "word:wider", "silence:wider"


class Disk(StrEnum):
    """What of the writes since the last flush the disk has when the power is back."""

    ALL = "all of it"
    NONE = "nothing of it"
    PART = "any part of it"


@dataclass(frozen=True, slots=True)
class Cut:
    """``at`` is a moment of ``inside.MOMENTS``, or one that the owner tells; ``orders`` are those of the boot that it
    ends. ``ends``: the generations that may stand when the machine has booted again from each of ``disks``. ``again``:
    from the first of them, another apply has to work then. ``battery``: and the same once more, from the first of them,
    with a clock whose battery is dead. ``logged``: nothing is killed, and the disk is made of the
    log of a whole apply up to that moment."""

    at: str
    what: str
    ends: frozenset[str] = frozenset({OLD})
    orders: tuple[str, ...] = (WORD,)
    disks: tuple[Disk, ...] = (Disk.ALL,)
    again: bool = False
    logged: bool = False
    battery: bool = False


CUTS = (
    Cut("staging", "while the new generation is being written", logged=True),
    Cut("pruning", "while an old generation is being discarded", orders=("fill", WORD)),
    Cut("armed", "the timer is armed, and nothing is changed", logged=True),
    Cut("files", "in the switch, the new files in place", disks=(Disk.ALL, Disk.PART), logged=True),
    Cut("waiting", "in the window", disks=(Disk.ALL, Disk.NONE), again=True, battery=True),
    Cut("returning-files", "on the way back, the old files in place", orders=(SILENCE,), disks=(Disk.ALL, Disk.PART)),
    Cut("committed", "while it is confirmed, the window still on the disk", EITHER, logged=True),
    Cut("acknowledged", "the owner was told that it is confirmed", frozenset({NEW}), disks=(Disk.ALL, Disk.NONE)),
)
RANDOM = 8
"""Cuts at any write between the first of the new generation and the last after the owner's word."""
