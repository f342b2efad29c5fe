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

from bailiwick.agent.disk import durable
from bailiwick.agent.places import Places


@dataclass(frozen=True, slots=True)
class Holder:
    """``since`` in UTC (ISO 8601); ``owner`` as whoever took it named themselves; ``start`` tells the process from a
    later one of the same number (starttime of proc(5))."""

    owner: str
    pid: int
    since: str
    start: str = ""

    @property
    def lives(self) -> bool:
        return self.pid > 1 and self.start == _start(self.pid)


class Held(Exception):
    """Somebody else has it, who lives."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(
            f"{holder.owner} is at it (process {holder.pid}, since {holder.since})"
            if holder.pid
            else "somebody has just begun"
        )
        self.holder = holder
        self.owner, self.pid, self.since = holder.owner, holder.pid, holder.since


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
                raise Held(_holder(file) or Holder("", 0, ""))
            time.sleep(0.01)
        dead = _holder(file)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        me = Holder(owner, os.getpid(), now, _start(os.getpid()))
        _name(file, path, json.dumps(asdict(me)).encode())
        try:
            yield dead
        finally:
            _name(file, path, b"")
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


def _start(pid: int) -> str:
    """Field 22 of /proc/PID/stat; the second may hold spaces and brackets. "" where there is no such process."""
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _name(file: int, path: Path, data: bytes) -> None:
    """Not brought to the disk: after a power cut nobody holds anything."""
    try:
        os.ftruncate(file, 0)
        if data:
            os.pwrite(file, data, 0)
    except OSError as error:
        raise durable.NotWritten(f"{path}: {error.strerror}") from error


def _holder(file: int) -> Holder | None:
    """None where nobody's name stands, or half of one, by a process that died as it wrote."""
    try:
        return Holder(**json.loads(os.pread(file, 4096, 0)))
    except (ValueError, TypeError):
        return None
