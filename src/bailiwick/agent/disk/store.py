"""The generations on the device's disk. Each is a directory that is whole when it has its name, and never changes.

It is written as ``.staging``, brought to the disk, and renamed. ``SHA256SUMS`` in it is what ``sha256sum -c`` takes: it
names the description and every file, so that one flipped bit anywhere shows.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bailiwick.agent.disk import durable, pointer, record, space
from bailiwick.agent.disk.layout import checked
from bailiwick.agent.disk.lock import exclusive
from bailiwick.agent.disk.origin import Origin
from bailiwick.agent.disk.pointer import Damaged
from bailiwick.agent.model import ORIGIN, File, Generation, as_text, from_data
from bailiwick.agent.places import Places

DESCRIPTION = "generation.json"
SUMS = "SHA256SUMS"
FILES = "files"
STAGING = ".staging"
GOING = ".going"
LAST = "last"
"""The highest number ever given, so that none is given twice."""
PATIENCE = 30.0
"""Seconds to wait for another who stages."""

__all__ = ["Damaged", "Refused", "Store"]


class Refused(Exception):
    """What was asked for is not done, and nothing is changed; says why."""


class Store:
    """Raises ``durable.NotWritten`` where the disk refuses: what was there before is there still."""

    def __init__(self, places: Places) -> None:
        self.places = places

    def numbers(self) -> tuple[int, ...]:
        """Of the generations that are there, ascending; without the origin."""
        try:
            names = [one.name for one in self.places.generations.iterdir()]
        except FileNotFoundError:
            return ()
        return tuple(sorted(int(name) for name in names if re.fullmatch("[1-9][0-9]*", name)))

    def generation(self, number: int) -> Generation:
        """Raises Refused where there is none of that number, Damaged."""
        if number == ORIGIN:
            return Generation(ORIGIN, "", "")
        text = self._read(number, DESCRIPTION)
        sums = self._read(number, SUMS)
        try:
            found = from_data(json.loads(text))
        except ValueError as error:
            raise Damaged(f"generation {number}: {error}") from error
        if found.number != number or sums != _sums(found, text):
            raise Damaged(f"generation {number}: {DESCRIPTION} is not what was written there")
        return found

    def content(self, number: int, path: str) -> bytes:
        """Of the file that is to stand at ``path`` on the device. Raises Refused where the generation has none there,
        Damaged."""
        file = self.generation(number).file(path)
        if file is None:
            raise Refused(f"generation {number} has no file {path}")
        return self._content(number, file)

    def stage(self, generation: Generation, contents: Mapping[str, bytes]) -> Generation:
        """Write a generation of the next number (which is given, whatever ``generation`` has) and give it back.

        ``contents`` by path. Raises Refused for contents that are not the ones it lists, paths or owners that cannot
        be, and where there is no space left for it, for putting the old back, and some more.
        """
        if complaint := checked(generation, contents):
            raise Refused(complaint)
        with self._changing():
            staged = replace(generation, number=self._next())
            if complaint := space.ensure(self.places, contents):
                raise Refused(complaint)
            durable.write(self.places.generations / LAST, f"{staged.number}\n".encode(), owner=durable.own())
            try:
                self._write(staged, contents)
            except durable.NotWritten:
                self._sweep()
                raise
            return staged

    def confirmed(self) -> int:
        """ORIGIN before the first commit. Raises Damaged."""
        return pointer.confirmed(self.places)

    def confirm(self, number: int) -> None:
        """It is the one that a boot brings up from now on. Raises Refused, Damaged; then the one before still is."""
        if number != ORIGIN:
            self.generation(number)
        pointer.confirm(self.places, number)

    def verify(self, number: int) -> None:
        """Every byte, mode and owner as written, nothing missing, nothing besides. Raises Damaged, Refused."""
        if number == ORIGIN:
            return
        generation = self.generation(number)
        top = self.places.generations / str(number)
        wanted = {top / DESCRIPTION, top / SUMS, *(top / (FILES + file.path) for file in generation.files)}
        folders = {top, top / FILES, *(above for path in wanted for above in path.parents if top in above.parents)}
        found = {top, *top.rglob("*")}
        if missing := (wanted | folders) - found:
            raise Damaged(f"generation {number}: {min(missing).relative_to(top)} is missing")
        if strange := found - wanted - folders:
            raise Damaged(f"generation {number}: {min(strange).relative_to(top)} does not belong there")
        for path in sorted(found):
            _as_written(number, path, path.relative_to(top), path in folders)
        for file in generation.files:
            self._content(number, file)

    def discard(self, number: int) -> None:
        """Raises Refused for the confirmed one, and for those that an open apply is about."""
        with self._changing():
            if number not in self.numbers():
                raise Refused(f"there is no generation {number}")
            if number in self._needed():
                raise Refused(f"generation {number} is needed: it is the confirmed one, or an apply is about it")
            self._discard(number)

    def prune(self, keep: int = 10) -> tuple[int, ...]:
        """Discard all but the last ``keep``, and those that are needed; gives the numbers of those that went."""
        with self._changing():
            kept = {*self.numbers()[-keep:], *self._needed()} if keep > 0 else self._needed()
            gone = tuple(number for number in self.numbers() if number not in kept)
            for number in gone:
                self._discard(number)
            return gone

    def reserve(self, number: int) -> None:
        """Keep room free for all that stands when ``number`` does to be written to the store's file system once more:
        the way back must not fail by a full disk. Raises Refused, Damaged."""
        origin = Origin(self.places)
        files = [self.content(number, file.path) for file in self.generation(number).files]
        files += [kept.content or b"" for path in origin.paths() if (kept := origin.file(path))]
        space.reserve(self.places, sum(space.blocks(len(content)) for content in files))

    def release(self) -> None:
        """What was reserved is free: the way back begins, or is not needed any more."""
        space.release(self.places)

    def _needed(self) -> set[int]:
        window = record.load(self.places)
        return {self.confirmed(), *((window.old, window.new) if window else ())}

    def _discard(self, number: int) -> None:
        """Its name first, at once; then what was in it."""
        generations = self.places.generations
        _rename(generations / str(number), generations / GOING)
        self._sweep()

    def _next(self) -> int:
        try:
            last = int(durable.read(self.places.generations / LAST))
        except FileNotFoundError:
            last = 0
        except ValueError as error:
            raise Damaged(f"{self.places.generations / LAST} is no number") from error
        return max(last, self.confirmed(), *self.numbers(), 0) + 1

    def _write(self, generation: Generation, contents: Mapping[str, bytes]) -> None:
        staging = self.places.generations / STAGING
        text = as_text(generation).encode()
        written = {DESCRIPTION: text, SUMS: _sums(generation, text)}
        written |= {FILES + path: data for path, data in contents.items()}
        durable.directory(staging / FILES)
        for folder in sorted({str(Path(name).parent) for name in written}):
            durable.directory(staging / folder)
            inside = {Path(name).name: data for name, data in written.items() if str(Path(name).parent) == folder}
            durable.fill_all(staging / folder, inside)
        _rename(staging, self.places.generations / str(generation.number))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Nobody else stages or discards meanwhile; what a dead one left half is gone. Raises lock.Held."""
        durable.directory(self.places.generations)
        # Daemons of ours with users of their own keep their state below ours (DynamicUser=, StateDirectory=).
        durable.private(self.places.state, 0o711)
        durable.private(self.places.generations)
        with exclusive(self.places.generations / ".lock", "staging", PATIENCE):
            self._sweep()
            yield

    def _sweep(self) -> None:
        for name in (STAGING, GOING):
            shutil.rmtree(self.places.generations / name, ignore_errors=True)

    def _content(self, number: int, file: File) -> bytes:
        data = self._read(number, FILES + file.path)
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise Damaged(f"generation {number}: {file.path} is not what was written there")
        return data

    def _read(self, number: int, name: str) -> bytes:
        top = self.places.generations / str(number)
        if not top.exists():
            raise Refused(f"there is no generation {number}")
        try:
            return durable.read(top / name)
        except FileNotFoundError:
            raise Damaged(f"generation {number}: {name} is missing") from None
        except durable.NotWritten as failure:
            raise Damaged(f"generation {number}: {failure}") from failure


def _rename(old: Path, new: Path) -> None:
    """Within one directory. Where it cannot be brought to the disk, it is undone."""
    with durable.opened(old.parent) as parent:
        try:
            os.rename(old.name, new.name, src_dir_fd=parent, dst_dir_fd=parent)
            try:
                os.fsync(parent)
            except OSError:
                os.rename(new.name, old.name, src_dir_fd=parent, dst_dir_fd=parent)
                raise
        except OSError as error:
            raise durable.NotWritten(f"{new}: {error.strerror}") from error


def _sums(generation: Generation, text: bytes) -> bytes:
    sums = {FILES + file.path: file.sha256 for file in generation.files}
    sums[DESCRIPTION] = hashlib.sha256(text).hexdigest()
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def _as_written(number: int, path: Path, name: Path, folder: bool) -> None:
    status = path.lstat()
    if not (stat.S_ISDIR if folder else stat.S_ISREG)(status.st_mode):
        raise Damaged(f"generation {number}: {name} is no {'directory' if folder else 'file'}")
    if (mode := stat.S_IMODE(status.st_mode)) != (0o700 if folder else 0o600):
        raise Damaged(f"generation {number}: {name} has mode {mode:o}")
    if status.st_uid != os.geteuid():
        raise Damaged(f"generation {number}: {name} belongs to {durable.owner_of(status)}")
