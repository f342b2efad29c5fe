"""systemd's units: those of the generation, those that would fight over the network, and how they were before."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bailiwick.agent.commands import run
from bailiwick.agent.disk import durable
from bailiwick.agent.disk.origin import Unit
from bailiwick.agent.model import Generation
from bailiwick.agent.places import Places
from bailiwick.agent.switch.installing import Target
from bailiwick.agent.switch.rivals import ENABLED, MANAGERS, SECONDS, UNITS, is_masked, mask
from bailiwick.agent.switch.unit_states import State, states, template

MASKED = frozenset({"masked", "masked-runtime"})
NETWORKD, NETWORKD_SOCKET = "systemd-networkd.service", "systemd-networkd.socket"
LOADERS = frozenset({"bailiwick-firewall.service", "bailiwick-exits.service"})
"""They load what is loaded here, and others require them: a restart of theirs would be one of those too."""


def touched(generation: Generation) -> tuple[str, ...]:
    """Units that it enables, disables or masks."""
    return (*generation.enable, *generation.disable)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of units. ``on`` in the order of a boot."""

    on: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    back: Mapping[str, Unit] | None = None
    """Every other that was ever touched, as it was before."""


def plan(target: Target) -> Plan:
    """What the target makes of every unit that was ever touched."""
    generation = target.generation
    named = {*touched(generation)}
    kin = {*_instances_of(generation.disable, target.origin.units())}
    back = {name: unit for name, unit in target.origin.units().items() if name not in named | kin}
    return Plan(generation.enable, (*generation.disable, *sorted(kin)), back)


def _instances_of(templates: Iterable[str], names: Iterable[str]) -> list[str]:
    patterns = [name.replace("@.", "@*.") for name in templates if template(name)]
    return [name for name in names if any(fnmatchcase(name, one) for one in patterns) and not template(name)]


def queue(wanted: Plan) -> None:
    """What is to run is to be started once the boot that goes on comes to it. Raises CommandFailed."""
    back = [name for name, unit in (wanted.back or {}).items() if unit.active]
    now = states((*wanted.on, *back))
    names = [name for name, one in now.items() if one.there and not one.runs]
    if names:
        run("systemctl", "start", "--no-block", *names)


def enabled(places: Places, wanted: Plan) -> tuple[str, ...]:
    """Units are enabled, disabled and unmasked as they should be, and systemd has read them anew where it must; nothing
    is started or stopped. What was done, in sentences. Raises CommandFailed, NotWritten."""
    said: list[str] = []
    back = wanted.back or {}
    for name, unit in back.items():
        if unit.enabled not in MASKED and is_masked(places, name):
            durable.remove(places.on_device(f"{UNITS}/{name}"))
            said.append(f"{name} is unmasked")
    for name in wanted.on:
        if is_masked(places, name):
            durable.remove(places.on_device(f"{UNITS}/{name}"))
            said.append(f"{name} is unmasked")
    if said:
        run("systemctl", "daemon-reload")
    now = states((*wanted.on, *back))
    on = [name for name in wanted.on if now[name].enabled not in ENABLED]
    on += [name for name, unit in back.items() if unit.enabled in ENABLED and now[name].enabled not in ENABLED]
    off = [name for name, unit in back.items() if unit.enabled == "disabled" and now[name].enabled in ENABLED]
    if on:
        run("systemctl", "enable", "--no-reload", *on)
        said += [f"{name} is enabled" for name in on]
    if off:
        run("systemctl", "disable", "--no-reload", *off)
        said += [f"{name} is disabled" for name in off]
    said += _forget(places, [name for name, unit in back.items() if unit.enabled == "not-found"])
    for name, unit in back.items():
        if unit.enabled in MASKED and not is_masked(places, name) and mask(places, name):
            said.append(f"{name} is masked, as it was")
    if said:
        run("systemctl", "daemon-reload")
        _keep(places)
    return tuple(said)


def _forget(places: Places, names: Iterable[str]) -> list[str]:
    """Units of ours, whose files are gone, or go: what enabled them are links, which systemctl takes away only while
    the files are there."""
    folder = places.on_device(UNITS)
    wanting = [one for kind in ("wants", "requires") for one in sorted(folder.glob(f"*.{kind}"))]
    links = [one / name for name in names for one in wanting if (one / name).is_symlink()]  # they lead nowhere now
    for link in links:
        durable.remove(link)
    return [f"{link.name} is disabled" for link in links]


def _keep(places: Places) -> None:
    """systemctl brings nothing of what it links to the disk."""
    folder = places.on_device(UNITS)
    for one in (folder, *(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())):
        durable.sync(one)


def stop(wanted: Plan, but: Collection[str] = ()) -> tuple[str, ...]:
    """Those stop that ran for a generation alone. Raises CommandFailed."""
    now = states(wanted.back or {})
    off = [n for n, unit in (wanted.back or {}).items() if not unit.active and now[n].runs and n not in but]
    if NETWORKD in off:
        off.append(NETWORKD_SOCKET)
    if off:
        run("systemctl", "stop", *off, seconds=SECONDS)
    return tuple(f"{name} is stopped" for name in off)


def managed(wanted: Plan) -> bool:
    """Whether a rival that gave links their addresses before the first apply does so now: the addresses are its own
    then, as it is stopped before networkd gives any, and comes back after networkd's are gone. Raises CommandFailed."""
    names = [name for name, unit in (wanted.back or {}).items() if unit.active and name in MANAGERS]
    return any(one.runs for one in states(names).values())


def come_back(wanted: Plan, only: Collection[str] | None = None) -> tuple[str, ...]:
    """Those start that ran before, all at once: systemd knows their order. Raises CommandFailed."""
    back = wanted.back or {}
    now = states(back)
    names = [n for n, unit in back.items() if unit.active and not now[n].runs and (only is None or n in only)]
    names = [name for name in names if now[name].there]
    if names:
        run("systemctl", "reset-failed", *names, may=(1,))
        run("systemctl", "start", *names, seconds=SECONDS)
    return tuple(f"{name} is started again" for name in names)


def start(target: Target, changed: Collection[str], but: Collection[str] = ()) -> tuple[str, ...]:
    """The generation's units run, those whose files have changed anew. What was done; raises CommandFailed."""
    said: list[str] = []
    units = [name for name in target.generation.enable if name not in but]
    now = states(units)
    again = restarts(target, changed, now)
    for name in units:
        if not now[name].runs:
            run("systemctl", "reset-failed", name, may=(1,))
            run("systemctl", "start", name, seconds=SECONDS)
            said.append(f"{name} is started")
        elif name in again:
            run("systemctl", "reset-failed", name, may=(1,))
            run(*again[name], seconds=SECONDS)
            said.append(f"{name} has taken up its files")
    return tuple(said)


def restarts(target: Target, changed: Collection[str], now: Mapping[str, State]) -> dict[str, tuple[str, ...]]:
    """The command by which each unit takes up what has changed: what its files name, or a restart where the unit's own
    file is another. One that has done its work and ended (oneshot) does it again only where a file names it so."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(changed):
        file = target.generation.file(path)
        words = tuple(shlex.split(file.reload)) if file else ()
        if len(words) == 3 and words[0] == "systemctl" and words[2] in now and words[2] not in LOADERS:
            found[words[2]] = words
    for name, one in now.items():
        own = {one.file, *(path for path in one.dropped if not path.startswith(f"{UNITS}/systemd-"))}
        if own & set(changed) and name not in LOADERS and one.type != "oneshot":
            found.setdefault(name, ("systemctl", "restart", name))
    return found
