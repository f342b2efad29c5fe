"""What the device is, for whoever plans an apply of it."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

from bailiwick import __version__
from bailiwick.agent import connection
from bailiwick.agent.commands import run
from bailiwick.agent.disk import durable
from bailiwick.agent.machine import Machine
from bailiwick.agent.places import Places

SPACE = {"state": "/var/lib", "etc": "/etc", "usr": "/usr"}


def facts(machine: Machine, units: tuple[str, ...]) -> dict[str, Any]:
    """As ``apply/protocol.py`` lists them, without those of the store. Raises CommandFailed."""
    places = machine.places
    came_by, came_from = _ends()
    systemd = places.on_device("/run/systemd/system").is_dir()
    return {
        "agent": __version__,
        "boot": machine.boot(),
        "at": machine.now(),
        "system": _system(places.on_device("/etc/os-release")),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "systemd": systemd,
        "links": _links(),
        "space": {name: _free(places.on_device(path)) for name, path in SPACE.items()},
        "came_by": came_by,
        "came_from": came_from,
        "installed": {name: list(unit) for name, unit in machine.units(units if systemd else ()).items()},
    }


def holder(places: Places) -> dict[str, Any] | None:
    """Who holds the device's lock, None for nobody; without taking it, which would stand in another's way."""
    try:
        told: dict[str, Any] = json.loads(durable.read(places.lock))
        return told if Path("/proc", str(told["pid"])).exists() else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _ends() -> tuple[str, str]:
    try:
        return connection.ends()
    except connection.Unknown:
        return "", ""


def _system(path: Path) -> dict[str, str]:
    """Of os-release(5)."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    values = {key: value.strip("\"'") for key, _, value in (line.partition("=") for line in lines)}
    return {
        "id": values.get("ID", ""),
        "version": values.get("VERSION_ID", ""),
        "name": values.get("PRETTY_NAME", ""),
    }


def _links() -> list[dict[str, Any]]:
    ways = {way.get("dev") for way in json.loads(run("ip", "-j", "route", "show", "default") or "[]")}
    return [
        {
            "name": link["ifname"],
            "mac": link.get("address", ""),
            "kind": link.get("linkinfo", {}).get("info_kind", ""),
            "up": "UP" in link.get("flags", ()),
            "addresses": [f"{one['local']}/{one['prefixlen']}" for one in link.get("addr_info", ()) if "local" in one],
            "default": link["ifname"] in ways,
        }
        for link in json.loads(run("ip", "-j", "-d", "address"))
    ]


def _free(path: Path) -> int:
    told = os.statvfs(path)
    return told.f_bavail * told.f_frsize
