"""The kernel's settings: those that the generation gives, and the origin's where it gives none any more.

Some settings change others by the way (``ip_forward`` resets what a host and a router have different defaults for,
``conf/all`` reaches into every link: Documentation/networking/ip-sysctl.rst), so that they are written in rounds, until
all of them are as they should be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bailiwick.agent.look.scope import SYSCTL, assignments, slashed
from bailiwick.agent.places import Places
from bailiwick.agent.switch.installing import Target

ROUNDS = 4
FIRST = ("net/ipv4/ip_forward", "net/ipv4/conf/all/forwarding", "net/ipv6/conf/all/forwarding")


class NotSet(Exception):
    """The kernel refuses a setting, or does not have one that must be."""


@dataclass(frozen=True, slots=True)
class Setting:
    """``must``: an error where the kernel has none of that name (sysctl.d(5): no dash before it)."""

    value: str
    must: bool = False


def observed(places: Places, keys: Iterable[str]) -> dict[str, str | None]:
    """Their values now, for the origin to remember; None where the kernel has none of that name."""
    return {key: _value(places, key) for key in sorted(set(keys))}


def wanted(target: Target) -> dict[str, Setting]:
    """The generation's, and the origin's for every other that was ever set."""
    found = {slashed(key): Setting(value) for key, value in target.origin.settings().items() if value is not None}
    for _, text in sorted(target.texts(SYSCTL).items()):
        found |= {key: Setting(value, must) for key, (value, must) in assignments(text).items()}
    return found


def apply(places: Places, settings: Mapping[str, Setting]) -> tuple[str, ...]:
    """Keys that were changed. Raises NotSet when one is not as it should be at the end; all others are, then, too."""
    order = sorted(settings, key=lambda key: (key not in FIRST, key))
    changed: set[str] = set()
    refused: dict[str, str] = {}
    for _ in range(ROUNDS):
        refused = {}
        wrong = [key for key in order if not _holds(places, key, settings[key])]
        if not wrong:
            return tuple(sorted(changed))
        for key in wrong:
            try:
                _path(places, key).write_text(settings[key].value + "\n", encoding="ascii")
                changed.add(key)
            except FileNotFoundError:
                refused[key] = "this kernel has no such setting"
            except OSError as error:
                refused[key] = f"the kernel does not take {settings[key].value}: {error.strerror}"
    left = [key for key in order if not _holds(places, key, settings[key])]
    if left:
        raise NotSet("; ".join(f"{key}: {refused.get(key, 'it does not stay as it is set')}" for key in left))
    return tuple(sorted(changed))


def _holds(places: Places, key: str, setting: Setting) -> bool:
    value = _value(places, key)
    return not setting.must if value is None else value == " ".join(setting.value.split())


def _value(places: Places, key: str) -> str | None:
    try:
        return " ".join(_path(places, key).read_text(encoding="ascii", errors="replace").split())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _path(places: Places, key: str) -> Path:
    return places.on_device("/proc/sys") / key
