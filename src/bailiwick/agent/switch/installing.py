"""The files of a generation on the device: what each path is to hold, which do not hold it, and putting it there.

A path that a generation does not have is given what the origin remembers of it, so that every state of the disk leads
to the same one. What was put there and was not yet taken up by the running system is remembered in /run, until a
switch has come to its end: a switch that was cut off leaves its successor what is still due.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bailiwick.agent.disk import durable
from bailiwick.agent.disk.origin import Kept, Origin
from bailiwick.agent.disk.pointer import Damaged
from bailiwick.agent.disk.store import Store
from bailiwick.agent.model import Generation
from bailiwick.agent.places import Places

RUNNING = "/run/bailiwick"
DUE = f"{RUNNING}/due.json"


@dataclass(frozen=True, slots=True)
class Target:
    """A generation, read whole, and what of the origin comes back beside it. ``known`` are all generations on disk."""

    places: Places
    generation: Generation
    files: Mapping[str, Kept]
    origin: Origin
    known: tuple[Generation, ...] = ()
    contents: Callable[[int, str], bytes] = field(default=lambda _number, _path: b"", repr=False)

    def text(self, path: str) -> str:
        """Of one of the generation's own files; "" where it has none there."""
        kept = self.files.get(path) if self.generation.file(path) else None
        return "" if kept is None or kept.content is None else kept.content.decode("utf-8", "replace")

    def texts(self, folder: str, suffix: str = "") -> dict[str, str]:
        """The generation's own files below ``folder``."""
        paths = (file.path for file in self.generation.files)
        return {path: self.text(path) for path in paths if path.startswith(folder) and path.endswith(suffix)}


def read(places: Places, number: int) -> Target:
    """Raises ``store.Damaged``, ``store.Refused``, ``durable.NotWritten``: nothing of it is used unless all of it is
    there."""
    store, origin = Store(places), Origin(places)
    store.verify(number)
    generation = store.generation(number)
    files = {path: kept for path in origin.paths() if (kept := origin.file(path)) is not None}
    for file in generation.files:
        missing = files[file.path].missing if file.path in files else ()
        files[file.path] = Kept(store.content(number, file.path), file.mode, file.owner, None, missing)
    known: list[Generation] = []
    for one in store.numbers():
        with suppress(Damaged):  # one that is not gone to; what it made is known from the others, or not at all
            known.append(store.generation(one))
    return Target(places, generation, files, origin, tuple(known), store.content)


def unlike(target: Target) -> tuple[str, ...]:
    """Paths whose content, mode or owner is not the target's, sorted. Raises OSError."""
    places = target.places
    return tuple(path for path in sorted(target.files) if not _is(places.on_device(path), target.files[path]))


def _is(path: Path, kept: Kept) -> bool:
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return kept.absent
    if stat.S_ISLNK(found.st_mode):
        return kept.target is not None and str(path.readlink()) == kept.target
    if kept.content is None or not stat.S_ISREG(found.st_mode):
        return False
    same = (stat.S_IMODE(found.st_mode), (found.st_uid, found.st_gid)) == (kept.mode, durable.ids(kept.owner))
    return same and path.read_bytes() == kept.content


def install(target: Target, paths: Iterable[str]) -> None:
    """Each becomes as the target says, on the disk when this returns. Raises NotWritten; OSError."""
    gone: list[str] = []
    for path in paths:
        place, kept = target.places.on_device(path), target.files[path]
        if kept.absent:
            durable.remove(place)
            gone += kept.missing
            continue
        durable.directory(place.parent, 0o755)
        if kept.target is not None:
            durable.link(place, kept.target)
        elif kept.content is not None:
            durable.write(place, kept.content, kept.mode, kept.owner)
    for folder in sorted(set(gone), key=len, reverse=True):  # those that were made for them, once nothing is in them
        with suppress(OSError):
            target.places.on_device(folder).rmdir()


def sweep(places: Places, paths: Iterable[str]) -> None:
    """What a writer that was ended left half written beside these paths, and in drop-in directories (``.d``) there,
    goes. Nobody else writes there now: the switch before is over. Raises NotWritten; OSError."""
    folders = {places.on_device(path).parent for path in paths}
    for folder in sorted(one for one in folders if one.is_dir()):
        for inside in (folder, *(one for one in folder.glob("*.d") if one.is_dir() and not one.is_symlink())):
            for spare in inside.glob(f".*{durable.SUFFIX}"):
                if spare.name.split(".")[-2].isdigit():
                    durable.remove(spare)


def due(places: Places) -> frozenset[str]:
    """Paths that were changed and that the running system may not have taken up."""
    try:
        found = json.loads(places.on_device(DUE).read_text(encoding="utf-8"))
        return frozenset(str(path) for path in found)
    except FileNotFoundError:
        return frozenset()
    except ValueError:  # cut off in the middle: before anything was changed
        return frozenset()


def note_due(places: Places, paths: Iterable[str]) -> None:
    """Before they are changed. They are due in this boot alone: the next reads all files anew. Raises NotWritten."""
    durable.directory(places.on_device(RUNNING))
    durable.write(places.on_device(DUE), json.dumps(sorted({*paths, *due(places)})).encode(), owner=durable.own())


def none_due(places: Places) -> None:
    """The running system is as the files say. Raises NotWritten."""
    durable.remove(places.on_device(DUE))
