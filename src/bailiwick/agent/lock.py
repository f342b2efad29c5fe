"""One at a time: locks that the kernel lets go of when their process dies, with a name to show to whoever waits."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bailiwick.agent import durable
from bailiwick.agent.places import Places


@dataclass(frozen=True, slots=True)
class Holder:
    """``since`` in UTC (ISO 8601); ``owner`` as whoever took it named themselves."""

    owner: str
    pid: int
    since: str


class Held(Exception):
    """Somebody else has it, who lives."""

    def __init__(self, owner: str, pid: int, since: str) -> None:
        super().__init__(f"{owner or 'somebody'} is at it (process {pid}, since {since or 'just now'})")
        self.owner, self.pid, self.since = owner, pid, since


@contextmanager
def lock(places: Places, owner: str) -> Iterator[Holder | None]:
    """The device's one lock, for as long as the block runs. Gives whose it was when they died with it, else None.

    Raises Held at once when a living process has it, and durable.NotWritten. It is flock(2)'s: a process that dies
    lets go of it, and the name it wrote stays to be told.
    """
    durable.directory(places.lock.parent, 0o755)
    with exclusive(places.lock, owner) as dead:
        yield dead


@contextmanager
def exclusive(path: Path, owner: str, patience: float = 0.0) -> Iterator[Holder | None]:
    """As ``lock``, of the file ``path``; waits up to ``patience`` seconds for a living holder."""
    with durable.opened(path.parent) as parent:
        file = _open(parent, path)
    try:
        end = time.monotonic() + patience
        while not _taken(file):
            if time.monotonic() >= end:
                holder = _holder(file) or Holder("", 0, "")
                raise Held(holder.owner, holder.pid, holder.since)
            time.sleep(0.01)
        dead = _holder(file)
        me = Holder(owner, os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))
        _name(file, json.dumps(asdict(me)).encode())
        try:
            yield dead
        finally:
            _name(file, b"")
    finally:
        os.close(file)


def _open(parent: int, path: Path) -> int:
    """Locks may lie where all may write (/run/lock): what is no file of ours there is put aside."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        for _ in range(100):
            try:
                status = os.stat(path.name, dir_fd=parent, follow_symlinks=False)
                if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
                    return os.open(path.name, flags, dir_fd=parent)
                os.unlink(path.name, dir_fd=parent)
            except FileNotFoundError:
                try:
                    return os.open(path.name, flags | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=parent)
                except FileExistsError:
                    continue
    except OSError as error:
        raise durable.NotWritten(f"{path}: {error.strerror}") from error
    raise durable.NotWritten(f"{path}: somebody puts another file there again and again")


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _name(file: int, data: bytes) -> None:
    """Not brought to the disk: after a power cut nobody holds anything."""
    os.ftruncate(file, 0)
    os.pwrite(file, data, 0)


def _holder(file: int) -> Holder | None:
    """None where nobody's name stands, or half of one, by a process that died as it wrote."""
    try:
        return Holder(**json.loads(os.pread(file, 4096, 0)))
    except (ValueError, TypeError):
        return None
