"""Exit statuses, and the words for what the world refused."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    HOLDS = 0
    FAILS = 1
    """A claim fails, or a difference was seen."""
    INPUT = 2
    """What was written cannot be read: the home file, or the command line (click's own choice, too)."""
    WORLD = 3
    """A tool is missing, a file may not be written, the kernel lacks something."""
    DEFECT = 70
    """We are wrong ourselves; the number is sysexits.h's EX_SOFTWARE."""
    INTERRUPTED = 130
    """Ctrl-C: 128 and the signal's number, as shells count it."""


def words(error: OSError) -> str:
    """One plain sentence for what the operating system refused."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason.lower()}" if error.filename else reason
