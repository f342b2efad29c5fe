"""A generation: every file of one device as it is to stand there, and the units that carry it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

ERROR, WARNING = "error", "warning"
FORMAT = 1
"""Of ``generation.json``; an agent refuses a higher one, which a newer agent wrote."""
ORIGIN = 0
"""The number of what stood on the device before the first apply: no files of ours, everything else as it was."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Of a pre-flight. ``severity`` is ``ERROR`` (nothing is changed) or ``WARNING``; ``what`` a path, a unit, a tool,
    an interface or a kind of link; ``text`` one sentence for the owner."""

    severity: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class File:
    """``path`` absolute on the device; ``mode`` permission bits; ``owner`` ``user:group``; ``sha256`` of the content.

    ``reload`` is the command that makes the running system take the file up ("" when none is needed). ``shown`` is
    what a file that bears a secret is shown as: its text with a marker in the secret's place; "" for all others.
    """

    path: str
    mode: int
    owner: str
    sha256: str
    reload: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """Something that must be so for the generation to be any good; asked from the device itself, over new connections.

    ``kind``: ``unit`` (``what`` is active, and still is ten seconds later), ``resolves`` (``what`` is a name, ``at`` a
    resolver's address), ``address`` (``what`` an interface, ``at`` an address it has, "" any), ``answers`` (``what`` is
    ``tcp`` or ``udp`` and a port, ``at`` an address), ``silent`` (the same, and nothing may answer), ``uplink``
    (``what`` is the interface by which the default route leaves). ``must``: a failure takes the generation back by
    itself; otherwise it is told, and the owner decides.
    """

    kind: str
    what: str
    at: str = ""
    must: bool = True


@dataclass(frozen=True, slots=True)
class Generation:
    """``number`` from 1, never used twice; ``made`` in UTC (ISO 8601); ``source`` the SHA-256 of the home file's texts.

    ``enable`` are units in the order of a boot, ``disable`` units that would fight over the network. ``links`` are the
    interfaces that the files configure; ``tool`` is the version that wrote it.
    """

    number: int
    device: str
    platform: str
    files: tuple[File, ...] = ()
    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()
    tool: str = ""
    made: str = ""
    source: str = ""
    format: int = FORMAT

    def file(self, path: str) -> File | None:
        return next((file for file in self.files if file.path == path), None)


def same(one: Generation, other: Generation) -> bool:
    """They ask for the same of the device: one that is as the one says need not be touched to be as the other says."""
    return _asked(one) == _asked(other)


def _asked(one: Generation) -> tuple[object, ...]:
    return one.device, one.platform, one.files, one.enable, one.disable, one.links


def as_text(generation: Generation) -> str:
    """As it stands in ``generation.json``."""
    return json.dumps(asdict(generation), indent=1, sort_keys=True) + "\n"


def from_data(data: Mapping[str, Any]) -> Generation:
    """Raises ValueError for what is no generation, or one of a newer form."""
    try:
        if data["format"] > FORMAT:
            raise ValueError(f"generation {data['number']} was written by a newer Bailiwick ({data['tool']})")
        rest = {name: tuple(data[name]) for name in ("enable", "disable", "links")}
        return Generation(
            number=int(data["number"]),
            device=data["device"],
            platform=data["platform"],
            files=tuple(File(**file) for file in data["files"]),
            probes=tuple(Probe(**probe) for probe in data["probes"]),
            tool=data["tool"],
            made=data["made"],
            source=data["source"],
            format=data["format"],
            **rest,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no generation: {error}") from error
