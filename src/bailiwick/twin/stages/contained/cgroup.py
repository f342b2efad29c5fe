"""A control group for each box, where its systemd is at home, and no trace of those whose owner is gone."""

from __future__ import annotations

import itertools
import os
import time
from contextlib import suppress
from pathlib import Path

from bailiwick.twin.stages.namespaces import StageError

PREFIX = "bailiwick-"
GONE = 5.0
"""Seconds within which the kernel empties the group of a killed box."""

_serials = itertools.count()


def hierarchy() -> Path:
    """Where the unified hierarchy is mounted (cgroups(7)). Raises StageError where it is not."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        if right.split()[0] == "cgroup2":
            return Path(left.split()[4])
    raise StageError("no cgroup2 is mounted on this machine, which systemd needs (mount -t cgroup2 none DIRECTORY)")


def _began(process: int) -> str:
    """What tells a process from a later one of the same number: field 22 of proc_pid_stat(5); "" when it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _removed(group: Path) -> bool:
    for path, _, _ in os.walk(group, topdown=False):
        with suppress(OSError):  # one in it lives, and the kernel says EBUSY
            Path(path).rmdir()
    return not group.exists()


def sweep(top: Path) -> None:
    """Remove the groups of owners that are gone."""
    for group in top.glob(f"{PREFIX}*"):
        _, process, began, _ = group.name.split("-")
        if _began(int(process)) != began:
            _removed(group)


def make() -> Path:
    """An empty group of this process's. Raises StageError."""
    top = hierarchy()
    sweep(top)
    me = os.getpid()
    group = top / f"{PREFIX}{me}-{_began(me)}-{next(_serials)}"
    try:
        group.mkdir()
    except OSError as error:
        raise StageError(f"no control group for systemd: {error} (root is needed)") from error
    return group


def remove(group: Path) -> None:
    """Raises StageError when something in it does not end."""
    end = time.monotonic() + GONE
    while not _removed(group):
        if time.monotonic() > end:
            raise StageError(f"the control group {group} does not empty")
        time.sleep(0.01)
