"""What stood on the device where a generation first put something, remembered so that it can be given back.

It is remembered once, and holds for as long as anything of ours stands there or is on its way. Before that, and after
an uninstall, what stands is the owner's: each ``remember_`` then takes it anew, what was known already included.

``origin.json`` is one file, replaced at once, with a sum of its own; the contents of files lie beside it, each under
its own SHA-256, and are on the disk before the list names them.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bailiwick.agent.disk import durable, record
from bailiwick.agent.disk.layout import path_complaint
from bailiwick.agent.disk.pointer import Damaged, confirmed
from bailiwick.agent.model import ORIGIN
from bailiwick.agent.places import Places

LARGEST = 64 << 20
"""Bytes of a file that is remembered: configuration is smaller by far."""


class NotRemembered(Exception):
    """What stands there is nothing that could be put back as it was."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What stood at a path: a file (``content``, ``mode``, ``owner``), a link (``target``), or nothing.

    ``missing``: the directories above it that were not there, the outermost first.
    """

    content: bytes | None = None
    mode: int = 0
    owner: str = ""
    target: str | None = None
    missing: tuple[str, ...] = ()

    @property
    def absent(self) -> bool:
        return self.content is None and self.target is None


@dataclass(frozen=True, slots=True)
class Unit:
    """``enabled`` as ``systemctl is-enabled`` says (enabled, disabled, masked, static, not-found ...)."""

    enabled: str
    active: bool


class Origin:
    """Raises durable.NotWritten where the disk refuses, Damaged where it does not hold what was written."""

    def __init__(self, places: Places) -> None:
        self.places = places

    def remember_files(self, paths: Iterable[str]) -> None:
        """As they are now. Raises NotRemembered; then nothing is."""
        found = self._load()
        fresh = self._fresh()
        wanted = {*paths, *found.files} if fresh else set(paths) - set(found.files)
        new = {path: self._look(path) for path in sorted(wanted)}
        if not new:
            return
        durable.directory(self._contents)
        for kept in new.values():
            if kept.content is not None:
                self._keep(kept.content)
        self._save(replace(found, files={**found.files, **{path: _described(kept) for path, kept in new.items()}}))
        if fresh:
            self._tidy()

    def remember_settings(self, settings: Mapping[str, str | None]) -> None:
        """Values of sysctl keys, None for one that this kernel has not."""
        found = self._load()
        self._save(replace(found, settings=self._merged(found.settings, settings)))

    def remember_units(self, units: Mapping[str, Unit]) -> None:
        """How each was."""
        found = self._load()
        self._save(replace(found, units=self._merged(found.units, {name: asdict(one) for name, one in units.items()})))

    def remember_links(self, links: Mapping[str, bool]) -> None:
        """Whether each was up (``ip link set up``)."""
        found = self._load()
        self._save(replace(found, links=self._merged(found.links, links)))

    def file(self, path: str) -> Kept | None:
        """None where nothing is remembered of that path."""
        described = self._load().files.get(path)
        return None if described is None else self._kept(path, described)

    def settings(self) -> dict[str, str | None]:
        return dict(self._load().settings)

    def units(self) -> dict[str, Unit]:
        return {name: Unit(**unit) for name, unit in self._load().units.items()}

    def links(self) -> dict[str, bool]:
        return dict(self._load().links)

    def paths(self) -> tuple[str, ...]:
        """Of all files remembered, sorted."""
        return tuple(sorted(self._load().files))

    def verify(self) -> None:
        """Everything can be put back: each content is there, whole. Raises Damaged."""
        for path, described in self._load().files.items():
            self._kept(path, described)

    def _fresh(self) -> bool:
        """Nothing of ours stands and none of it is coming: what stands is the origin, whatever was remembered of an
        earlier time."""
        return confirmed(self.places) == ORIGIN and record.load(self.places) is None

    def _merged(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
        return {**old, **new} if self._fresh() else {**new, **old}

    def _tidy(self) -> None:
        """Contents that nothing names any more go."""
        named = {described["sha256"] for described in self._load().files.values()}
        for content in sorted(self._contents.iterdir()):
            if content.name not in named:
                durable.remove(content)

    @property
    def _list(self) -> Path:
        return self.places.origin / "origin.json"

    @property
    def _contents(self) -> Path:
        return self.places.origin / "contents"

    def _load(self) -> _Remembered:
        try:
            data = json.loads(durable.read(self._list))
            if data["sha256"] != _sum(data["remembered"]):
                raise ValueError("its sum does not fit")
            remembered = _Remembered(**data["remembered"])
        except FileNotFoundError:
            return _Remembered({}, {}, {})
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged(f"{self._list} is damaged: {error}") from error
        return remembered

    def _save(self, remembered: _Remembered) -> None:
        if remembered == self._load():
            return
        durable.directory(self.places.origin)
        listed = asdict(remembered)
        data = {"sha256": _sum(listed), "remembered": listed}
        durable.write(self._list, (json.dumps(data, indent=1, sort_keys=True) + "\n").encode(), owner=durable.own())

    def _keep(self, content: bytes) -> None:
        path = self._contents / hashlib.sha256(content).hexdigest()
        durable.write(path, content, owner=durable.own())

    def _look(self, path: str) -> Kept:
        if complaint := path_complaint(path):
            raise NotRemembered(complaint)
        place = self.places.on_device(path)
        missing: list[str] = []
        above = place.parent
        while not above.exists() and not above.is_symlink():
            missing.insert(0, "/" + str(above.relative_to(self.places.root)))
            above = above.parent
        with durable.opened(above):  # refuses a way that is not safe to write by
            if missing:
                return Kept(missing=tuple(missing))
        try:
            status = place.lstat()
        except FileNotFoundError:
            return Kept()
        if stat.S_ISLNK(status.st_mode):
            return Kept(target=str(place.readlink()))
        if not stat.S_ISREG(status.st_mode):
            raise NotRemembered(f"{path} is no file on this device: it cannot be replaced by one")
        if status.st_size > LARGEST:
            raise NotRemembered(f"{path} has {status.st_size >> 20} MiB on this device: that is no configuration")
        return Kept(durable.read(place), stat.S_IMODE(status.st_mode), durable.owner_of(status))

    def _kept(self, path: str, described: Mapping[str, Any]) -> Kept:
        missing = tuple(described["missing"])
        if described["sha256"] is None:
            return Kept(target=described["target"], missing=missing)
        try:
            content = durable.read(self._contents / described["sha256"])
        except FileNotFoundError:
            raise Damaged(f"what stood at {path} before the first apply is missing") from None
        except durable.NotWritten as failure:
            raise Damaged(f"what stood at {path} before the first apply cannot be read: {failure}") from failure
        if hashlib.sha256(content).hexdigest() != described["sha256"]:
            raise Damaged(f"what stood at {path} before the first apply is not what was remembered")
        return Kept(content, described["mode"], described["owner"], None, missing)


@dataclass(frozen=True, slots=True)
class _Remembered:
    """As it stands in the list."""

    files: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, str | None]
    units: Mapping[str, Mapping[str, Any]]
    links: Mapping[str, bool] = field(default_factory=dict)


def _described(kept: Kept) -> dict[str, Any]:
    sha256 = None if kept.content is None else hashlib.sha256(kept.content).hexdigest()
    return {
        "sha256": sha256,
        "mode": kept.mode,
        "owner": kept.owner,
        "target": kept.target,
        "missing": list(kept.missing),
    }


def _sum(listed: Mapping[str, Any]) -> str:
    """Of what is written, not of what this agent makes of it: another one may know more or less."""
    return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()
