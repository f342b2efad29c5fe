"""What the device itself says of its network: each tool asked once, all of them at the same time.

The texts are those that ``dataplane.linux`` and ``dataplane.nft`` read. Where iproute2 would take names from the
machine's own tables (rt_tables, rt_protos), numbers are asked for and named by the kernel's constants, so that a text
means the same on every machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bailiwick.agent.commands import PATH

RULESET, ADDRESSES, VLANS, UNITS, SETTINGS = "ruleset.json", "addresses.json", "vlans.json", "units.txt", "sysctl.txt"
ROUTES = {4: "routes-v4.json", 6: "routes-v6.json"}
RULES = {4: "rules-v4.json", 6: "rules-v6.json"}
SECONDS = 30
ATTEMPTS = 3
"""A dump that the kernel says was interrupted by a change is asked for anew so often."""
SYS = Path("/proc/sys")

_FORWARDING = ("unspec", "unicast", "local", "broadcast", "anycast", "multicast")
_REFUSING = ("blackhole", "unreachable", "prohibit", "throw", "nat")
_TYPES = (*_FORWARDING, *_REFUSING)
"""RTN_* of rtnetlink.h, from 0."""
_PROTOCOLS = {0: "unspec", 1: "redirect", 2: "kernel", 3: "boot", 4: "static", 8: "gated", 9: "ra", 11: "zebra"}
_PROTOCOLS |= {12: "bird", 16: "dhcp", 18: "keepalived", 42: "babel"}
_PROTOCOLS |= {186: "bgp", 187: "isis", 188: "ospf", 189: "rip", 192: "eigrp"}  # RTPROT_* of rtnetlink.h
_TABLES = {253: "default", 254: "main", 255: "local"}
_SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
_PROPERTIES = "Id,LoadState,UnitFileState,ActiveState,SubState,NeedDaemonReload,DropInPaths"
_READ = ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/bridge/bridge-nf-call-iptables")
_EACH = {
    "ipv4": ("forwarding", "rp_filter", "accept_local", "route_localnet", "src_valid_mark", "bc_forwarding"),
    "ipv6": ("disable_ipv6", "forwarding"),
}


class Unseen(Exception):
    """A tool did not tell how the device looks; one plain sentence."""


@dataclass(frozen=True, slots=True)
class Listing:
    """``texts`` by the names above. ``leases``: addresses that networkd holds a lease of.

    By family (``ip``, ``ip6``), ``compatible`` is what iptables prints of its rules among nft's, ``legacy`` of the
    kernel's older tables; None where such rules are there, and no program to print them.
    """

    texts: Mapping[str, str]
    leases: frozenset[str] = field(default_factory=frozenset)
    compatible: Mapping[str, str | None] = field(default_factory=dict)
    legacy: Mapping[str, str | None] = field(default_factory=dict)

    def data(self, name: str) -> Any:
        return json.loads(self.texts[name])


def listing(units: Iterable[str] = (), settings: Iterable[str] = ()) -> Listing:
    """``units`` by name, template units left to whoever reads files; ``settings`` with slashes. Raises Unseen."""
    versions = (4, 6) if (SYS / "net/ipv6").is_dir() else (4,)  # a kernel may be without IPv6, and refuse to list it
    commands = {
        RULESET: ("nft", "-j", "list", "ruleset"),
        ADDRESSES: ("ip", "-j", "-d", "address"),
        VLANS: ("bridge", "-j", "vlan"),
        **{ROUTES[n]: ("ip", "-j", "-d", "-N", f"-{n}", "route", "show", "table", "all") for n in versions},
        **{RULES[n]: ("ip", "-j", "-d", "-N", f"-{n}", "rule") for n in versions},
    }
    if asked := [unit for unit in units if "@." not in unit]:
        commands[UNITS] = ("systemctl", "show", f"--property={_PROPERTIES}", "--", *asked)
    texts = _together(commands)
    for version, name in ROUTES.items():
        texts[name] = json.dumps([_route(one, version) for one in _objects(texts.get(name, ""), name)])
    for name in RULES.values():
        texts[name] = json.dumps([_rule(one) for one in _objects(texts.get(name, ""), name)])
    for name in (ADDRESSES, VLANS):
        texts[name] = json.dumps(_objects(texts[name], name))
    texts[SETTINGS] = _settings(settings)
    old = {"ip": "iptables", "ip6": "ip6tables"}
    compatible = {family: _saved(f"{tool}-nft-save") for family, tool in old.items() if '"xt":' in texts[RULESET]}
    legacy = {family: _saved(f"{tool}-legacy-save") for family, tool in old.items() if _registered(family)}
    return Listing(texts, _leases(), compatible, legacy)


def _registered(family: str) -> bool:
    """Whether the kernel has one of its older tables in this network namespace."""
    path = Path(f"/proc/net/{family}_tables_names")
    return path.exists() and bool(path.read_text(encoding="ascii").strip())


def _saved(tool: str) -> str | None:
    """None where there is no such program."""
    return run(tool) if shutil.which(tool, path=PATH) else None


def _together(commands: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """All of them at once. Raises Unseen for the first that fails."""
    with ThreadPoolExecutor(len(commands)) as pool:
        asked = {name: pool.submit(run, *command) for name, command in commands.items()}
    return {name: one.result() for name, one in asked.items()}


def run(*command: str, text: str = "") -> str:
    """What one tool prints. Raises Unseen when it is missing, fails or hangs."""
    environment = {**os.environ, "PATH": PATH, "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""}
    shown = " ".join(command[:6])
    for _ in range(ATTEMPTS):
        try:
            done = subprocess.run(
                command,
                input=text,
                capture_output=True,
                text=True,
                errors="surrogateescape",
                timeout=SECONDS,
                env=environment,
                check=False,
            )
        except FileNotFoundError:
            raise Unseen(f"the program {command[0]} is missing") from None
        except subprocess.TimeoutExpired:
            raise Unseen(f"`{shown}` did not answer within {SECONDS} seconds") from None
        if done.returncode:
            raise Unseen(f"`{shown}` failed: {' '.join(done.stderr.split()) or done.returncode}")
        if "interrupted" not in done.stderr:
            return done.stdout
    raise Unseen(f"`{shown}` was interrupted by changes, {ATTEMPTS} times")


def _objects(text: str, name: str) -> list[dict[str, Any]]:
    """iproute2 prints nothing at all, or empty objects, where there is nothing to list."""
    try:
        found = json.loads(text or "[]")
    except ValueError as error:
        raise Unseen(f"{name} is no JSON: {error}") from None
    return [one for one in found if one]


def _route(one: Mapping[str, Any], version: int) -> dict[str, Any]:
    default = "0.0.0.0/0" if version == 4 else "::/0"
    named = {**one, "dst": default if one.get("dst", "default") == "default" else one["dst"]}
    return _named(named)


def _rule(one: Mapping[str, Any]) -> dict[str, Any]:
    return _named(one)


def _named(one: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(one)
    for key, names in (("table", _TABLES), ("protocol", _PROTOCOLS), ("scope", _SCOPES)):
        if key in found:
            found[key] = names.get(int(found[key]), str(found[key]))
    for key in ("type", "action"):
        if str(found.get(key, "")).isdecimal() and int(found[key]) < len(_TYPES):
            found[key] = _TYPES[int(found[key])]
    return found


def setting(key: str) -> str | None:
    """The value of a kernel setting, blanks made one; None where this kernel, or this link, has none."""
    try:
        return " ".join((SYS / key).read_text(encoding="utf-8").split())
    except FileNotFoundError:
        return None
    except PermissionError:  # one that is only written, such as route/flush
        return None
    except OSError as error:
        raise Unseen(f"the setting {key} cannot be read: {error.strerror}") from None


def _settings(more: Iterable[str]) -> str:
    keys = {*more, *_READ}
    for version, names in _EACH.items():
        directory = SYS / "net" / version / "conf"
        links = sorted(path.name for path in directory.iterdir()) if directory.is_dir() else []
        keys |= {f"net/{version}/conf/{link}/{name}" for link in links for name in names}
    found = ((key, setting(key)) for key in sorted(keys))
    return "".join(f"{key} = {value}\n" for key, value in found if value is not None)


def _leases() -> frozenset[str]:
    """networkd's own account of what it was given (sd-network's files; one for each link, by its number)."""
    directory = Path("/run/systemd/netif/leases")
    held: set[str] = set()
    for path in directory.iterdir() if directory.is_dir() else ():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:  # the lease ended meanwhile
            continue
        held |= {line.partition("=")[2] for line in lines if line.startswith("ADDRESS=")}
    return frozenset(held)
