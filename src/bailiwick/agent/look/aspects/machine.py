"""Files, kernel settings and units."""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from grp import getgrgid
from pathlib import Path
from pwd import getpwuid

from bailiwick.agent.look.aspects.fact import Fact, Side
from bailiwick.agent.look.listing import Unseen, run
from bailiwick.agent.places import Places

ABSENT = "absent"
STALE = "older than its file"
_GENERAL = re.compile(r"/(usr/)?lib/|/run/systemd/system/service\.d/")
"""Drop-ins of the distribution, and those that a manager of containers gives every unit."""


def files(places: Places, paths: Iterable[str]) -> Side:
    """Each path as it is on the disk: its kind, mode, owner and content, links not followed. Raises Unseen."""
    side = Side()
    for path in sorted(set(paths)):
        value, exact = described(places.on_device(path))
        side.add(Fact(path, value, exact))
    return side


def described(path: Path) -> tuple[str, str]:
    """In words, and the SHA-256 of the content."""
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            return f"a link to {path.readlink()}", ""
        owner = f"{_user(found.st_uid)}:{_group(found.st_gid)}"
        about = f"mode {stat.S_IMODE(found.st_mode):04o}, owner {owner}"
        if stat.S_ISREG(found.st_mode):
            return f"a file, {about}", hashlib.sha256(path.read_bytes()).hexdigest()
        return f"{'a directory' if stat.S_ISDIR(found.st_mode) else 'a special file'}, {about}", ""
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT, ""
    except OSError as error:
        raise Unseen(f"{path} cannot be read: {error.strerror}") from None


@cache
def _user(number: int) -> str:
    try:
        return getpwuid(number).pw_name
    except KeyError:
        return str(number)


@cache
def _group(number: int) -> str:
    try:
        return getgrgid(number).gr_name
    except KeyError:
        return str(number)


def settings(text: str, keys: Iterable[str], passing: Mapping[str, str]) -> Side:
    """``keys`` with slashes. One of a link that comes and goes (``passing``: link to whose it is) comes and goes too,
    and so does one that is not there (its module is not loaded, or its link is away)."""
    held = {key: value for key, _, value in (line.partition(" = ") for line in text.splitlines())}
    side = Side()
    for key in sorted(set(keys)):
        parts = key.split("/")
        own = parts[3] if parts[:1] == ["net"] and parts[2:3] in (["conf"], ["neigh"]) and len(parts) > 4 else ""
        owner = passing.get(own, "") if key in held else "nobody: this kernel, or this link, is without it"
        side.add(Fact(key, held.get(key, ABSENT), link=own, whose=owner))
    return side.sort()


def units(text: str, names: Iterable[str]) -> Side:
    """``text`` is of ``systemctl show``, one paragraph for each unit, in the order of ``names``; template units have
    none and are asked for by themselves. Raises Unseen."""
    asked = [name for name in names if "@." not in name]
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    if len(paragraphs) != len(asked):
        raise Unseen(f"systemctl told of {len(paragraphs)} units, not of the {len(asked)} that it was asked for")
    side = Side()
    for name, part in zip(asked, paragraphs, strict=True):
        side.add(Fact(name, _unit(_properties(part))))
    templates = [name for name in names if "@." in name]
    for fact in _templates(templates) if templates else ():
        side.add(fact)
    return side.sort()


def _properties(paragraph: str) -> dict[str, str]:
    found = (line.partition("=") for line in paragraph.splitlines())
    return {key: value for key, _, value in found}


def _unit(properties: Mapping[str, str]) -> str:
    if properties["LoadState"] == "not-found" and properties["ActiveState"] == "inactive":
        return "not there"
    state = properties["UnitFileState"] or properties["LoadState"]
    active = {"failed": "failed", "inactive": "stopped"}.get(properties["ActiveState"], "running")
    words = [state, active]
    if properties.get("NeedDaemonReload") == "yes" and not state.startswith("masked"):  # no file is read then
        words.append(STALE)
    words += [f"with {path}" for path in properties.get("DropInPaths", "").split() if not _GENERAL.match(path)]
    return ", ".join(words)


def _templates(names: list[str]) -> Iterator[Fact]:
    """A template is never active; ``systemctl show`` knows its instances alone."""
    listed = json.loads(run("systemctl", "list-unit-files", "--output=json", "--", *names) or "[]")
    states = {one["unit_file"]: one["state"] for one in listed}
    for name in names:
        yield Fact(name, states.get(name, "not there"))
