"""Units that would fight over the network: stopped, disabled and masked while a generation of ours stands."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from bailiwick.agent.commands import CommandFailed, run
from bailiwick.agent.disk import durable
from bailiwick.agent.places import Places
from bailiwick.agent.switch.unit_states import instances, states, template

UNITS = "/etc/systemd/system"
NULL = "/dev/null"
ENABLED = frozenset({"enabled", "enabled-runtime"})
FILTERS = ("nftables.service", "firewalld.service", "ufw.service", "netfilter-persistent.service")
"""Rivals that close the machine; they come back before our own rules go."""
MANAGERS = ("networking.service", "NetworkManager.service", "dhcpcd.service", "connman.service")
"""Rivals that give links their addresses."""
NFTABLES, NFTABLES_FILE = "nftables.service", "/etc/nftables.conf"
_TABLES = re.compile(r"^\s*table\s+(?:(ip6?|inet|arp|bridge|netdev)\s+)?([\w.-]+)\s*\{", re.MULTILINE)
SECONDS = 180.0


def quiet(places: Places, names: Collection[str]) -> tuple[str, ...]:
    """Rivals stopped, disabled and masked. What was done, in sentences; raises CommandFailed, NotWritten."""
    now = {name: one for name, one in states({*names, *instances(names)}).items() if one.there}
    said: list[str] = []
    for name, one in now.items():
        if one.enabled in ENABLED:
            run("systemctl", "disable", "--no-reload", name)
    for name, one in now.items():
        if one.runs and name != NFTABLES:  # before it is masked: a masked unit has no ExecStop= any more
            run("systemctl", "stop", name, seconds=SECONDS)
            said.append(f"{name} is stopped")
    masked = [name for name in sorted(now) if "@" not in name or template(name) if mask(places, name)]
    if masked:
        run("systemctl", "daemon-reload")
    if NFTABLES in now and now[NFTABLES].runs:
        _stop_nftables(places)
        said.append(f"{NFTABLES} is stopped, and its tables are gone")
    said += [f"{name} is masked" for name in masked]
    said += [
        f"{name} is switched off, and cannot be masked: {UNITS}/{name} is a file of this machine's own"
        for name in sorted(now)
        if ("@" not in name or template(name)) and not is_masked(places, name)
    ]
    return tuple(said)


def _stop_nftables(places: Places) -> None:
    """Its ExecStop= is ``flush ruleset``, which would take our own tables too: it is masked, so that it has none any
    more, and the tables that its file makes are deleted by their names. Raises CommandFailed."""
    if not is_masked(places, NFTABLES):
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


def mask_all(places: Places, names: Iterable[str]) -> None:
    """Rivals do not start from now on; those that run are left alone. Raises CommandFailed, NotWritten."""
    for name, one in states(names).items():
        if one.there and ("@" not in name or template(name)):
            mask(places, name)


def mask(places: Places, name: str) -> bool:
    """False where it is masked already, or is a file of the machine's own, which stays. Raises NotWritten."""
    path = places.on_device(f"{UNITS}/{name}")
    if path.is_symlink() and str(path.readlink()) == NULL:
        return False
    if path.exists() and not path.is_symlink():
        return False
    durable.link(path, NULL)
    return True


def is_masked(places: Places, name: str) -> bool:
    """By us, or by its owner: both do it alike (systemctl(1))."""
    path = places.on_device(f"{UNITS}/{name}")
    return path.is_symlink() and str(path.readlink()) == NULL
