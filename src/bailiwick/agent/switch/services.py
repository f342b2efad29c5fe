"""systemd's units: those of the generation, those that would fight over the network, and how they were before."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bailiwick.agent.commands import CommandFailed, run
from bailiwick.agent.disk import durable
from bailiwick.agent.disk.origin import Unit
from bailiwick.agent.model import Generation
from bailiwick.agent.places import Places
from bailiwick.agent.switch.installing import Target

UNITS = "/etc/systemd/system"
NULL = "/dev/null"
ENABLED = frozenset({"enabled", "enabled-runtime"})
MASKED = frozenset({"masked", "masked-runtime"})
NETWORKD, NETWORKD_SOCKET = "systemd-networkd.service", "systemd-networkd.socket"
LOADERS = frozenset({"bailiwick-firewall.service", "bailiwick-exits.service"})
"""They load what is loaded here, and others require them: a restart of theirs would be one of those too."""
FILTERS = ("nftables.service", "firewalld.service", "ufw.service", "netfilter-persistent.service")
"""Rivals that close the machine; they come back before our own rules go."""
MANAGERS = ("networking.service", "NetworkManager.service", "dhcpcd.service", "connman.service")
"""Rivals that give links their addresses."""
NFTABLES, NFTABLES_FILE = "nftables.service", "/etc/nftables.conf"
_TABLES = re.compile(r"^\s*table\s+(?:(ip6?|inet|arp|bridge|netdev)\s+)?([\w.-]+)\s*\{", re.MULTILINE)
SECONDS = 180.0
_PROPERTIES = "Id,LoadState,UnitFileState,ActiveState,SubState,Type,NRestarts,MainPID,FragmentPath,DropInPaths"


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
    asked = sorted({name for name in names if not _template(name)})
    found: dict[str, State] = {}
    if asked:
        told = run("systemctl", "show", f"--property={_PROPERTIES}", "--", *asked).split("\n\n")
        paragraphs = [part for part in told if part.strip()]
        if len(paragraphs) != len(asked):
            raise CommandFailed(f"systemctl told of {len(paragraphs)} units, not of the {len(asked)} it was asked for")
        found = {name: _state(name, part) for name, part in zip(asked, paragraphs, strict=True)}
    for name in sorted({name for name in names if _template(name)}):
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


def _template(name: str) -> bool:
    return "@." in name


def instances(names: Iterable[str]) -> tuple[str, ...]:
    """Of the templates among ``names``: their instances that systemd has loaded. Raises CommandFailed."""
    patterns = [name.replace("@.", "@*.") for name in names if _template(name)]
    if not patterns:
        return ()
    listed = json.loads(run("systemctl", "list-units", "--all", "--output=json", "--", *patterns) or "[]")
    return tuple(sorted(str(one["unit"]) for one in listed))


def observed(names: Iterable[str]) -> dict[str, Unit]:
    """How units are now, instances of templates too, for the origin to remember. Raises CommandFailed."""
    asked = {*names}
    return {name: Unit(one.enabled, one.runs) for name, one in states(asked | {*instances(asked)}).items()}


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
    patterns = [name.replace("@.", "@*.") for name in templates if _template(name)]
    return [name for name in names if any(fnmatchcase(name, one) for one in patterns) and not _template(name)]


def quiet(places: Places, wanted: Plan) -> tuple[str, ...]:
    """Rivals stopped, disabled and masked. What was done, in sentences; raises CommandFailed, NotWritten."""
    names = {*wanted.rivals, *instances(wanted.rivals)}
    now = {name: one for name, one in states(names).items() if one.there}
    said: list[str] = []
    for name, one in now.items():
        if one.enabled in ENABLED:
            run("systemctl", "disable", "--no-reload", name)
    for name, one in now.items():
        if one.runs and name != NFTABLES:  # before it is masked: a masked unit has no ExecStop= any more
            run("systemctl", "stop", name, seconds=SECONDS)
            said.append(f"{name} is stopped")
    masked = [name for name in sorted(now) if "@" not in name or _template(name) if _mask(places, name)]
    if masked:
        run("systemctl", "daemon-reload")
    if NFTABLES in now and now[NFTABLES].runs:
        _stop_nftables(places)
        said.append(f"{NFTABLES} is stopped, and its tables are gone")
    said += [f"{name} is masked" for name in masked]
    said += [
        f"{name} is switched off, and cannot be masked: {UNITS}/{name} is a file of this machine's own"
        for name in sorted(now)
        if ("@" not in name or _template(name)) and not _is_masked(places, name)
    ]
    return tuple(said)


def _stop_nftables(places: Places) -> None:
    """Its ExecStop= is ``flush ruleset``, which would take our own tables too: it is masked, so that it has none any
    more, and the tables that its file makes are deleted by their names. Raises CommandFailed."""
    if not _is_masked(places, NFTABLES):
        raise CommandFailed(f"{NFTABLES} cannot be masked, and would flush all rules as it stops")
    try:
        listed = run("unshare", "--net", "sh", "-c", f"nft -f {NFTABLES_FILE} && nft -j list tables")
        its = {_table(one) for one in json.loads(listed)["nftables"]} - {""}
    except CommandFailed:  # it names links that are not there, or there is no leave to try
        text = places.on_device(NFTABLES_FILE).read_text(encoding="utf-8", errors="replace")
        its = {f"{family or 'ip'} {name}" for family, name in _TABLES.findall(text)}
    run("systemctl", "stop", NFTABLES)
    here = {_table(one) for one in json.loads(run("nft", "-j", "list", "tables"))["nftables"]}
    run("nft", "-f", "-", text="".join(f"delete table {name}\n" for name in sorted(its & here)))


def _table(entry: Mapping[str, Any]) -> str:
    return f"{entry['table']['family']} {entry['table']['name']}" if "table" in entry else ""


def mask(places: Places, wanted: Plan) -> None:
    """Rivals do not start from now on; those that run are left alone. Raises CommandFailed, NotWritten."""
    for name, one in states(wanted.rivals).items():
        if one.there and ("@" not in name or _template(name)):
            _mask(places, name)


def queue(wanted: Plan) -> None:
    """What is to run is to be started once the boot that goes on comes to it. Raises CommandFailed."""
    back = [name for name, unit in (wanted.back or {}).items() if unit.active]
    now = states((*wanted.on, *back))
    names = [name for name, one in now.items() if one.there and not one.runs]
    if names:
        run("systemctl", "start", "--no-block", *names)


def _mask(places: Places, name: str) -> bool:
    path = places.on_device(f"{UNITS}/{name}")
    if path.is_symlink() and str(path.readlink()) == NULL:
        return False
    if path.exists() and not path.is_symlink():
        return False
    durable.link(path, NULL)
    return True


def _is_masked(places: Places, name: str) -> bool:
    path = places.on_device(f"{UNITS}/{name}")
    return path.is_symlink() and str(path.readlink()) == NULL


def enabled(places: Places, wanted: Plan) -> tuple[str, ...]:
    """Units are enabled, disabled and unmasked as they should be, and systemd has read them anew where it must; nothing
    is started or stopped. What was done, in sentences. Raises CommandFailed, NotWritten."""
    said: list[str] = []
    back = wanted.back or {}
    for name, unit in back.items():
        if unit.enabled not in MASKED and _is_masked(places, name):
            durable.remove(places.on_device(f"{UNITS}/{name}"))
            said.append(f"{name} is unmasked")
    for name in wanted.on:
        if _is_masked(places, name):
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
        if unit.enabled in MASKED and not _is_masked(places, name) and _mask(places, name):
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
