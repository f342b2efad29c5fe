"""The rendered systemd units, started without systemd: their commands, in order, as they stand.

What a unit asks of systemd itself (its sandbox, its dependencies, its restarts) is not tried here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.targets.artifact import Tree

UNIT_DIRECTORY = "/etc/systemd/system/"
PREFIXES = "@-:+!|"  # systemd.service(5), "special executable prefixes"


@dataclass(frozen=True, slots=True)
class Service:
    """``daemon``: it stays (``Type=`` is not ``oneshot``). ``commands``: those before the start and the start."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    daemon: bool
    state: tuple[str, ...] = ()  # directories below /var/lib that systemd would make


def _values(text: str, key: str) -> Iterator[str]:
    joined = text.replace("\\\n", " ")
    for found in re.finditer(rf"^{key}=(.*)$", joined, re.MULTILINE):
        yield found.group(1).strip()


def _command(text: str, instance: str) -> tuple[str, ...]:
    words = shlex.split(text.lstrip(PREFIXES))
    return tuple(word.replace("%i", instance).replace("%I", instance).replace("%%", "%") for word in words)


def services(tree: Tree) -> tuple[Service, ...]:
    """The rendered services among the units to enable, in that order; others are the system's own."""
    texts = {artifact.path: artifact.text for artifact in tree.artifacts}
    found: list[Service] = []
    for unit in tree.enable:
        name, at, rest = unit.partition("@")
        instance = rest.removesuffix(".service") if at else ""
        path = UNIT_DIRECTORY + (f"{name}@.service" if at else unit)
        text = texts.get(path)
        if text is None or not path.endswith(".service"):
            continue
        commands = [_command(line, instance) for key in ("ExecStartPre", "ExecStart") for line in _values(text, key)]
        oneshot = "oneshot" in list(_values(text, "Type"))
        state = tuple(word.replace("%i", instance) for line in _values(text, "StateDirectory") for word in line.split())
        found.append(Service(unit, tuple(command for command in commands if command), not oneshot, state))
    return tuple(found)
