"""What loads the files into the kernel: the firewall, the exits, modules and udev's rules.

A loader runs when its files have changed, or when what the kernel holds is not what the loader makes of them in an
empty network namespace. Where there can be no such namespace (the timer's own sandbox) it runs: both loaders can be run
at any time, and again, without a packet being lost.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from bailiwick.agent.commands import CommandFailed, run
from bailiwick.agent.connections.ended import TABLE as ENDED
from bailiwick.agent.switch import guard, strangers
from bailiwick.agent.switch.installing import Target

FIREWALL, LOAD_FIREWALL = "/etc/bailiwick/firewall.nft", "/usr/lib/bailiwick/load-firewall"
EXITS, LOAD_EXITS = "/etc/bailiwick/exits.batch", "/usr/lib/bailiwick/load-exits"
TABLE = "bailiwick"
PROTOCOLS = tuple(map(str, range(141, 150)))
"""Marks of the exits' rules and routes (``load-exits``)."""
SECONDS = 120.0
_COUNTED = frozenset({"handle", "packets", "bytes", "used", "expires", "last"})


def firewall(target: Target, changed: Collection[str]) -> bool:
    """Whether it was loaded. Raises CommandFailed: what was loaded before stays then."""
    if target.generation.file(FIREWALL) is None:
        return False
    if not {FIREWALL, LOAD_FIREWALL} & set(changed) and _rules() == _meant(f"nft -f {FIREWALL} && nft -j list ruleset"):
        return False
    run(LOAD_FIREWALL, seconds=SECONDS)
    return True


def exits(target: Target, changed: Collection[str]) -> bool:
    """Whether they were loaded. Raises CommandFailed: what was loaded before stays then."""
    if target.generation.file(EXITS) is None:
        return False
    lists = "ip -j -N -4 rule show && ip -j -N -4 route show table all"
    if not {EXITS, LOAD_EXITS} & set(changed) and _ways(run("sh", "-c", lists)) == _lone(f"{LOAD_EXITS} && {lists}"):
        return False
    run(LOAD_EXITS, seconds=SECONDS)
    return True


def go(target: Target) -> tuple[str, ...]:
    """What the target does not have: the firewall's tables, the exits' rules. What went; raises CommandFailed."""
    gone: list[str] = []
    if target.generation.file(FIREWALL) is None and there():
        loaded = strangers.tables()
        ours = (f"{guard.FAMILY} {TABLE}", f"bridge {TABLE}", f"{guard.FAMILY} {ENDED}")
        here = [table for table in ours if table in loaded]
        if here:
            run("nft", "-f", "-", text="".join(f"delete table {table}\n" for table in here))
        gone += [f"the table {table}" for table in here]
    if target.generation.file(EXITS) is None:
        for protocol in PROTOCOLS:
            rules = json.loads(run("ip", "-j", "-N", "-4", "rule", "show"))
            if any(str(rule.get("protocol")) == protocol for rule in rules):
                run("ip", "-4", "rule", "flush", "protocol", protocol)
                run("ip", "-4", "route", "flush", "table", "all", "protocol", protocol)
                gone.append(f"the exits' rules of protocol {protocol}")
    return tuple(gone)


def there() -> bool:
    """Whether there is an nft; without one nothing of ours was ever loaded."""
    try:
        run("nft", "--version")
    except CommandFailed:
        return False
    return True


def _rules() -> object:
    return _of_tables(json.loads(run("nft", "-j", "list", "ruleset")))


def _meant(script: str) -> object:
    try:
        return _of_tables(json.loads(run("unshare", "--net", "sh", "-c", script)))
    except (CommandFailed, ValueError):
        return None  # like nothing that is loaded


def _of_tables(listed: Any) -> object:
    """Everything of our tables that packets do not change; rules in their order, what has none sorted."""
    parts: dict[tuple[str, str, str], list[Any]] = {}
    for entry in listed["nftables"]:
        ((kind, one),) = entry.items()
        name = one.get("chain") if kind == "rule" else one.get("name")
        family = str(one.get("family"))
        if family in (guard.FAMILY, "bridge") and (one.get("table") or one.get("name")) == TABLE:
            parts.setdefault((family, kind, str(name)), []).append(_still(one))
    return parts


def _still(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _still(one) for key, one in value.items() if key not in _COUNTED}
        if isinstance(kept.get("elem"), list):
            kept["elem"] = sorted(kept["elem"], key=lambda one: json.dumps(one, sort_keys=True))
        return kept
    return [_still(one) for one in value] if isinstance(value, list) else value


def _lone(script: str) -> object:
    try:
        return _ways(run("unshare", "--net", "sh", "-c", script))
    except (CommandFailed, ValueError):
        return None


def _ways(text: str) -> object:
    """Rules and routes of ours: two lists of JSON, one after the other."""
    found: list[str] = []
    decoder = json.JSONDecoder()
    rest = text.strip()
    while rest:
        listed, end = decoder.raw_decode(rest)
        for one in listed:
            if str(one.get("protocol")) in PROTOCOLS:
                found.append(json.dumps({**one, "protocol": ""}, sort_keys=True))
        rest = rest[end:].strip()
    return sorted(found)


def modules(target: Target, changed: Collection[str]) -> str:
    """What could not be loaded, in systemd's words: whatever needs it will say so itself. "" when nothing."""
    if not any(path.startswith("/etc/modules-load.d/") and target.generation.file(path) for path in changed):
        return ""
    try:
        run("systemctl", "restart", "systemd-modules-load.service")
    except CommandFailed as failure:
        return str(failure)
    return ""


def udev(target: Target, changed: Collection[str]) -> None:
    """Rules and names of cards, for cards that appear from now on. Raises CommandFailed."""
    matters = ("/etc/udev/rules.d/", "/etc/systemd/network/")
    named = [path for path in changed if path.startswith(matters) and path.endswith((".rules", ".link"))]
    if named and target.places.on_device("/run/udev/control").exists():
        run("udevadm", "control", "--reload")
