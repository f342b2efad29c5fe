"""Changes of the disk that a power cut leaves whole: a path is as it was, or as it is to be, and never between.

A new file is written beside the old one, brought to the disk, renamed over it, and then its directory is brought to
the disk too: a rename alone may reach the disk before the content does, and without the directory's fsync not at all
(fsync(2); Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014). The way to a path is walked one
directory at a time, and none of them may be a link or another's: what is written lands where it says.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

SUFFIX = ".bailiwick"
"""Of a file that is being written: ``.NAME.PID.bailiwick``, which no daemon takes for a part of its configuration."""
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class NotWritten(Exception):
    """The disk, or the way to the path, does not allow it. The path is as it was, unless only its directory's fsync
    failed: then it may be new, and a power cut may undo that."""


def ids(owner: str) -> tuple[int, int]:
    """Numbers of ``user:group``, each a name or a number. Raises NotWritten where this device has no such name."""
    if owner == "root:root":  # without asking name services, which may ask the network
        return 0, 0
    user, _, group = owner.partition(":")
    try:
        uid = int(user) if user.isdecimal() else pwd.getpwnam(user).pw_uid
    except KeyError:
        raise NotWritten(f"this device has no user {user!r}") from None
    try:
        return uid, int(group) if group.isdecimal() else grp.getgrnam(group).gr_gid
    except KeyError:
        raise NotWritten(f"this device has no group {group!r}") from None


def owner_of(status: os.stat_result) -> str:
    """As ``user:group``; numbers where this device has no names for them."""
    user, group = str(status.st_uid), str(status.st_gid)
    with suppress(KeyError):
        user = pwd.getpwuid(status.st_uid).pw_name
    with suppress(KeyError):
        group = grp.getgrgid(status.st_gid).gr_name
    return f"{user}:{group}"


def own() -> str:
    """The owner of what is kept: root on a device."""
    return f"{os.geteuid()}:{os.getegid()}"


def write(path: Path, data: bytes, mode: int = 0o600, owner: str = "root:root") -> None:
    """Make ``path`` a file of that content, replacing a file or a link of that name. Raises NotWritten."""
    uid, gid = ids(owner)
    with opened(path.parent) as parent, _spoken(path):
        spare = _spare(parent, path.name)
        try:
            _fill(parent, spare, data, mode, (uid, gid))
            os.rename(spare, path.name, src_dir_fd=parent, dst_dir_fd=parent)
        except OSError:
            _drop(parent, spare)
            raise
        os.fsync(parent)


def fill_all(path: Path, contents: Mapping[str, bytes]) -> None:
    """New files, 0600, in a directory that has none of their names yet and that nobody looks at: all of them are on
    the disk when this returns, and any part of them may be before. Raises NotWritten."""
    with opened(path) as parent:
        for name, data in contents.items():
            with _spoken(path / name):
                _fill(parent, name, data, 0o600, (os.geteuid(), os.getegid()))
        with _spoken(path):
            os.fsync(parent)


def _fill(parent: int, name: str, data: bytes, mode: int, ids: tuple[int, int]) -> None:
    """A new file in the open directory ``parent``, itself on the disk, its name there not yet. Raises OSError."""
    file = os.open(name, NEW, 0o600, dir_fd=parent)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
        status = os.fstat(file)
        if (status.st_uid, status.st_gid) != ids:
            os.fchown(file, *ids)
        os.fchmod(file, mode)  # after the owner: chown(2) takes set-user-ID bits away
        os.fsync(file)
    finally:
        os.close(file)


def link(path: Path, target: str) -> None:
    """Make ``path`` a symbolic link to ``target``, replacing a file or a link of that name. Raises NotWritten."""
    with opened(path.parent) as parent, _spoken(path):
        spare = _spare(parent, path.name)
        os.symlink(target, spare, dir_fd=parent)
        try:
            os.rename(spare, path.name, src_dir_fd=parent, dst_dir_fd=parent)
        except OSError:
            _drop(parent, spare)
            raise
        os.fsync(parent)


def remove(path: Path) -> None:
    """Make ``path`` be absent; so it may be already, with its directory. Raises NotWritten."""
    try:
        with opened(path.parent) as parent, _spoken(path):
            os.unlink(path.name, dir_fd=parent)
            os.fsync(parent)
    except NotWritten as failure:
        if not isinstance(failure.__cause__, FileNotFoundError):
            raise


def directory(path: Path, mode: int = 0o700) -> None:
    """Make ``path`` a directory of root's, and those above it; those that are there stay as they are. Raises
    NotWritten, for a link in its place too."""
    try:
        with opened(path):
            return
    except NotWritten as failure:
        if not isinstance(failure.__cause__, FileNotFoundError):
            raise
    directory(path.parent, mode)
    with opened(path.parent) as parent, _spoken(path):
        with suppress(FileExistsError):  # another made it meanwhile
            os.mkdir(path.name, 0o700, dir_fd=parent)
        made = os.open(path.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
        try:
            os.fchmod(made, mode)
            os.fsync(made)
        finally:
            os.close(made)
        os.fsync(parent)


def private(path: Path, mode: int = 0o700) -> None:
    """A directory that only root may look into, whoever made it (StateDirectory= of systemd gives 0755); 0711: that
    others may pass through. Raises NotWritten."""
    with opened(path) as here, _spoken(path):
        if stat.S_IMODE(os.fstat(here).st_mode) != mode:
            os.fchmod(here, mode)
            os.fsync(here)


def sync(path: Path) -> None:
    """Bring a file or a directory to the disk as it is. Raises NotWritten."""
    with opened(path.parent) as parent, _spoken(path):
        file = os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=parent)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def read(path: Path) -> bytes:
    """A regular file, the way to it as safe as for writing. Raises FileNotFoundError, NotWritten."""
    try:
        with opened(path.parent) as parent, _spoken(path):
            file = os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=parent)
            with os.fdopen(file, "rb") as stream:
                if not stat.S_ISREG(os.fstat(file).st_mode):
                    raise NotWritten(f"{path} is no file")
                return stream.read()
    except NotWritten as failure:
        if isinstance(failure.__cause__, FileNotFoundError):
            raise failure.__cause__ from None
        raise


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """The directory at the absolute ``path``, found without following a link. Raises NotWritten.

    Nobody but root (or whoever runs this) may be able to change what lies there: each directory on the way is theirs,
    and is writable by no one else, or is sticky, as /tmp is. The one link that is followed is root's right below /,
    where distributions put theirs (/lib).
    """
    if not path.is_absolute() or ".." in path.parts:
        raise NotWritten(f"{path} is no absolute path")
    parts = path.parts[1:]
    if parts and Path("/", parts[0]).is_symlink():
        parts = (*Path("/", parts[0]).resolve().parts[1:], *parts[1:])
    place = Path("/")
    with _spoken(path):
        here = os.open("/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            place /= part
            with _spoken(path, place):
                below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
            os.close(here)
            here = below
            status = os.fstat(here)
            if status.st_uid not in (0, os.geteuid()):
                raise NotWritten(f"{place} belongs to {owner_of(status)}, who could put anything there")
            if status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX:
                raise NotWritten(f"{place} may be written by others than its owner")
        yield here
    finally:
        os.close(here)


@contextmanager
def _spoken(path: Path, place: Path | None = None) -> Iterator[None]:
    """What the kernel refuses, in a sentence."""
    try:
        yield
    except OSError as error:
        where = path if place is None or place == path else f"{path} ({place})"
        if place is not None and place.is_symlink():
            raise NotWritten(f"{place} is a link, and is not followed") from error
        raise NotWritten(f"{where}: {error.strerror or error}") from error


def _spare(parent: int, name: str) -> str:
    """A name beside ``name`` that is free: what dead processes left unfinished goes."""
    for found in os.listdir(parent):
        if found.startswith(f".{name}.") and found.endswith(SUFFIX):
            pid = found[len(name) + 2 : -len(SUFFIX)]
            if pid.isdecimal() and (int(pid) == os.getpid() or not Path("/proc", pid).exists()):
                os.unlink(found, dir_fd=parent)
    return f".{name}.{os.getpid()}{SUFFIX}"


def _drop(parent: int, name: str) -> None:
    """Of what failed: gone if it can be; the failure itself is what is told."""
    with suppress(OSError):
        os.unlink(name, dir_fd=parent)
