"""How systemd's units are: what ``systemctl show`` says of each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from bailiwick.agent.commands import CommandFailed, run
from bailiwick.agent.disk.origin import Unit

PROPERTIES = "Id,LoadState,UnitFileState,ActiveState,SubState,Type,NRestarts,MainPID,FragmentPath,DropInPaths"


@dataclass(frozen=True, slots=True)
class State:
    """``enabled`` as ``systemctl is-enabled`` says, ``not-found`` where there is no such unit; ``file`` is where it is
    written, ``dropped`` the files beside that."""

    name: str
    enabled: str
    active: str
    sub: str = ""
    type: str = ""
    restarts: int = 0
    process: int = 0
    file: str = ""
    dropped: tuple[str, ...] = ()

    @property
    def there(self) -> bool:
        return self.enabled != "not-found"

    @property
    def runs(self) -> bool:
        return self.active in ("active", "activating", "reloading", "refreshing")


def states(names: Iterable[str]) -> dict[str, State]:
    """By the name that was asked for. Templates are never active. Raises CommandFailed."""
    asked = sorted({name for name in names if not template(name)})
    found: dict[str, State] = {}
    if asked:
        told = run("systemctl", "show", f"--property={PROPERTIES}", "--", *asked).split("\n\n")
        paragraphs = [part for part in told if part.strip()]
        if len(paragraphs) != len(asked):
            raise CommandFailed(f"systemctl told of {len(paragraphs)} units, not of the {len(asked)} it was asked for")
        found = {name: _state(name, part) for name, part in zip(asked, paragraphs, strict=True)}
    for name in sorted({name for name in names if template(name)}):
        found[name] = State(name, _of_template(name), "inactive")
    return found


def _state(name: str, paragraph: str) -> State:
    said = {key: value for key, _, value in (line.partition("=") for line in paragraph.splitlines())}
    load, file = said.get("LoadState", ""), said.get("UnitFileState", "")
    return State(
        name,
        "not-found" if load == "not-found" else "masked" if load == "masked" else file or load,
        said.get("ActiveState", ""),
        said.get("SubState", ""),
        said.get("Type", ""),
        int(said.get("NRestarts") or 0),
        int(said.get("MainPID") or 0),
        said.get("FragmentPath", ""),
        tuple(said.get("DropInPaths", "").split()),
    )


def _of_template(name: str) -> str:
    listed = json.loads(run("systemctl", "list-unit-files", "--output=json", "--", name, may=(1,)) or "[]")
    return next((str(one["state"]) for one in listed if one["unit_file"] == name), "not-found")


def template(name: str) -> bool:
    """Of whose instances there may be many (systemd.unit(5))."""
    return "@." in name


def instances(names: Iterable[str]) -> tuple[str, ...]:
    """Of the templates among ``names``: their instances that systemd has loaded. Raises CommandFailed."""
    patterns = [name.replace("@.", "@*.") for name in names if template(name)]
    if not patterns:
        return ()
    listed = json.loads(run("systemctl", "list-units", "--all", "--output=json", "--", *patterns) or "[]")
    return tuple(sorted(str(one["unit"]) for one in listed))


def observed(names: Iterable[str]) -> dict[str, Unit]:
    """How units are now, instances of templates too, for the origin to remember. Raises CommandFailed."""
    asked = {*names}
    return {name: Unit(one.enabled, one.runs) for name, one in states(asked | {*instances(asked)}).items()}
