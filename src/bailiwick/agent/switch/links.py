"""Links as networkd is to have them: cards under their names, links that are no more deleted, changed ones made anew.

networkd makes what a ``.netdev`` says and never changes or removes it again (networkctl(1), ``reload``); what a
``.network`` says it reconfigures on ``reload``, and only the links whose file has changed. The rest is done here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bailiwick.agent.commands import run
from bailiwick.agent.disk import durable
from bailiwick.agent.disk.pointer import Damaged
from bailiwick.agent.look.scope import NETWORK
from bailiwick.agent.model import ORIGIN
from bailiwick.agent.places import Places
from bailiwick.agent.switch.installing import Target
from bailiwick.dataplane.linux.draft import Ledger
from bailiwick.dataplane.linux.ini import Section, assigned, sections

NAMES = "names.json"
"""In ``origin/``: how each card was called before a generation gave it a name, by its address."""
ABOVE = frozenset({"vlan", "bridge", "bond", "macvlan", "ipvlan", "team", "vrf"})
"""Kinds that borrow the address of the card below them."""
LOAD_BRIDGE = "/usr/lib/bailiwick/load-bridge"
CONF = Path("/proc/sys/net/ipv6/conf")
_TAPS = frozenset({"tap", "tun"})


@dataclass(frozen=True, slots=True)
class Netdev:
    """``kind`` as networkd names it; ``vlan`` the id of a VLAN, 0 of any other; ``keys`` the paths of a tunnel's."""

    name: str
    kind: str
    vlan: int = 0
    keys: tuple[str, ...] = ()


def netdevs(texts: Mapping[str, str]) -> dict[str, Netdev]:
    """Of ``.netdev`` files, by name."""
    found: dict[str, Netdev] = {}
    for path, text in texts.items():
        if path.startswith(NETWORK) and path.endswith(".netdev"):
            parts = sections(path, text, Ledger())
            name, kind, vlan = (_first(parts, *key) for key in (("NetDev", "Name"), ("NetDev", "Kind"), ("VLAN", "Id")))
            if name and kind:
                keys = assigned(parts, "WireGuard", "PrivateKeyFile")
                keys += assigned(parts, "WireGuardPeer", "PresharedKeyFile")
                found[name] = Netdev(name, kind, int(vlan) if vlan.isdecimal() else 0, tuple(keys))
    return found


def networks(texts: Mapping[str, str]) -> dict[str, list[Section]]:
    """Of ``.network`` files: their sections by the name of the link."""
    found: dict[str, list[Section]] = {}
    for path, text in texts.items():
        if path.startswith(NETWORK) and path.endswith(".network"):
            parts = sections(path, text, Ledger())
            for name in _first(parts, "Match", "Name").split():
                found[name] = parts
    return found


def _first(parts: list[Section], section: str, key: str) -> str:
    return next(iter(assigned(parts, section, key)), "")


def present() -> dict[str, dict[str, Any]]:
    """Every link, by name, as ``ip -d`` tells of it. Raises CommandFailed."""
    return {one["ifname"]: one for one in json.loads(run("ip", "-j", "-d", "address", "show"))}


def obsolete(target: Target, changed: Collection[str]) -> tuple[str, ...]:
    """Links that are there, that files of ours made, and that the target has not, or not so. Raises CommandFailed."""
    wanted = netdevs(target.texts(NETWORK, ".netdev"))
    made: dict[str, set[str]] = {name: {one.kind} for name, one in wanted.items()}
    for one in _ever_made(target):
        made.setdefault(one.name, set()).add(one.kind)
    rewritten = netdevs({path: target.text(path) for path in changed})
    gone = {path for path in changed if path.endswith(".netdev") and not target.text(path)}
    followed = networks(target.texts(NETWORK, ".network"))
    carried = {vlan: name for name, parts in followed.items() for vlan in assigned(parts, "Network", "VLAN")}
    bridges_stay = target.generation.file(LOAD_BRIDGE) is not None  # it changes them as they stand

    def stays(name: str, link: Mapping[str, Any]) -> bool:
        netdev = wanted.get(name)
        if netdev is None and "manual" in assigned(followed.get(name, []), "Link", "ActivationPolicy"):
            return not any(path.endswith(f"-{name}.netdev") for path in gone)  # now another program makes it
        if netdev is None or (netdev.kind, netdev.vlan) != (_kind(link), _vlan(link)):
            return False
        if netdev.kind == "vlan":
            return bool(link.get("link") == carried.get(name))
        if not set(netdev.keys).isdisjoint(changed):
            return False
        return name not in rewritten or (bridges_stay and netdev.kind in {"bridge", *_TAPS})

    ours = {name: link for name, link in present().items() if _kind(link) in made.get(name, ())}
    return tuple(name for name, link in ours.items() if not stays(name, link))


def add_vlans(target: Target) -> tuple[str, ...]:
    """The target's VLANs that are not there, on ports that are: networkd makes one while it configures its port, and
    does not do so again where a link was deleted and nothing is new about the port. Raises CommandFailed."""
    ours, there, made = netdevs(target.texts(NETWORK, ".netdev")), present(), []
    for port, parts in networks(target.texts(NETWORK, ".network")).items():
        for name in assigned(parts, "Network", "VLAN"):
            if name in ours and ours[name].vlan and name not in there and port in there:
                run("ip", "link", "add", "link", port, "name", name, "type", "vlan", "id", str(ours[name].vlan))
                made.append(name)
    return tuple(f"the link {name} is made" for name in made)


def in_the_way(target: Target) -> tuple[str, ...]:
    """Links of somebody else's for a VLAN that the target has on the same port: the kernel has one for each (8021q's
    vlan_check_real_dev), so networkd could not make ours. Whoever made them makes them again when it is given back.
    Raises CommandFailed."""
    ours = netdevs(target.texts(NETWORK, ".netdev"))
    wanted = {
        (port, ours[name].vlan): name
        for port, parts in networks(target.texts(NETWORK, ".network")).items()
        for name in assigned(parts, "Network", "VLAN")
        if name in ours
    }
    there = present().items()
    return tuple(name for name, link in there if wanted.get((link.get("link", ""), _vlan(link)), name) != name)


def detach(target: Target) -> tuple[str, ...]:
    """Ports of a bridge or bond of somebody else's that the target configures by themselves leave it: networkd takes
    no port out of a bridge that its files do not name. Raises CommandFailed."""
    found = networks(target.texts(NETWORK, ".network"))
    masters = {
        name: {value for key in ("Bridge", "Bond", "VRF") for value in assigned(parts, "Network", key)}
        for name, parts in found.items()
    }
    bound = {name: str(link["master"]) for name, link in present().items() if name in masters and link.get("master")}
    left = {name: master for name, master in bound.items() if master not in masters[name]}
    for name in left:
        run("ip", "link", "set", "dev", name, "nomaster")
    return tuple(f"{name} is no port of {master} any more" for name, master in left.items())


def _ever_made(target: Target) -> Iterator[Netdev]:
    """By any generation that can be read; what a damaged one made shows when the device is looked at afterwards."""
    for generation in target.known:
        for file in generation.files:
            if file.path.startswith(NETWORK) and file.path.endswith(".netdev"):
                with suppress(Damaged, durable.NotWritten):
                    text = target.contents(generation.number, file.path).decode("utf-8", "replace")
                    yield from netdevs({file.path: text}).values()


def _kind(link: Mapping[str, Any]) -> str:
    about = link.get("linkinfo", {})
    kind = str(about.get("info_kind", ""))
    return str(about.get("info_data", {}).get("type", kind)) if kind == "tun" else kind


def _vlan(link: Mapping[str, Any]) -> int:
    about = link.get("linkinfo", {})
    return int(about.get("info_data", {}).get("id", 0)) if about.get("info_kind") == "vlan" else 0


def delete(names: Collection[str]) -> None:
    """Raises CommandFailed; what went with another is gone already."""
    for name in names:
        if name in present():
            run("ip", "link", "delete", "dev", name)


def rename(target: Target) -> tuple[str, ...]:
    """Cards get the names that ``.link`` files tie to their address, or back the names that they had; sentences.

    A card bears no name twice: those that change are put aside first, so that two may change names with each other.
    Where a file ties a card to its place on the bus it is udev's to name it, at the next boot. Raises CommandFailed,
    NotWritten.
    """
    cards = {
        str(link.get("permaddr") or link.get("address")): name
        for name, link in present().items()
        if _kind(link) not in ABOVE and link.get("address") and name != "lo"
    }
    called = _names(target.places)
    wanted = dict(called)
    for path, text in target.texts(NETWORK, ".link").items():
        parts = sections(path, text, Ledger())
        mac, name = _first(parts, "Match", "PermanentMACAddress").lower(), _first(parts, "Link", "Name")
        if mac and name:
            wanted[mac] = name
    moves = {cards[mac]: name for mac, name in wanted.items() if mac in cards and cards[mac] != name}
    new = {mac: name for mac, name in cards.items() if name in moves and mac not in called}
    if new:
        _remember(target.places, {**called, **new})
    for step, (old, _) in enumerate(moves.items()):
        run("ip", "link", "set", "dev", old, "down")
        run("ip", "link", "set", "dev", old, "name", f"bailiwick{step}")
    for step, (_, name) in enumerate(moves.items()):
        run("ip", "link", "set", "dev", f"bailiwick{step}", "name", name)
        run("ip", "link", "set", "dev", name, "up")
    if target.generation.number == ORIGIN and called:
        durable.remove(target.places.origin / NAMES)
    return tuple(f"the card {old} is called {name}" for old, name in moves.items())


def _names(places: Places) -> dict[str, str]:
    try:
        found = json.loads(durable.read(places.origin / NAMES))
    except FileNotFoundError:
        return {}
    return {str(mac): str(name) for mac, name in found.items()}


def _remember(places: Places, names: Mapping[str, str]) -> None:
    durable.directory(places.origin)
    durable.write(places.origin / NAMES, (json.dumps(names, sort_keys=True) + "\n").encode(), owner=durable.own())


def abandoned(target: Target) -> tuple[str, ...]:
    """Links that another generation gave addresses and the target does not configure, and that stay. Raises
    CommandFailed."""
    ours = {name for generation in target.known for name in generation.links}
    kept = {*target.generation.links, *networks(target.texts(NETWORK, ".network"))}
    return tuple(sorted((ours - kept) & set(present())))


def put_down(target: Target, names: Collection[str]) -> tuple[str, ...]:
    """Those of ``names`` that were down before any generation configured them, and have nothing of anyone's: networkd
    put them up, and leaves them so. Raises CommandFailed."""
    now, before = present(), target.origin.links()
    bare = [name for name in names if not before.get(name, True) and "UP" in now.get(name, {}).get("flags", ())]
    bare = [name for name in bare if not now[name].get("master") and not _global(now[name])]
    for name in bare:
        run("ip", "link", "set", "dev", name, "down")
    return tuple(f"the link {name} is down, as it was" for name in bare)


def _global(link: Mapping[str, Any]) -> bool:
    return any(one.get("scope") == "global" for one in link.get("addr_info", ()))


def unset(names: Collection[str]) -> None:
    """What networkd sets on every link that it manages, and leaves so, is as on a link that nobody manages: router
    advertisements are the kernel's again (networkd takes them over), and secondary addresses go with their first one
    (networkd's link.c, link_set_ipv6_accept_ra; ipv4_promote_secondaries). Raises OSError."""
    for name in names:
        for family, setting in (("ipv4", "promote_secondaries"), ("ipv6", "accept_ra")):
            usual, its = (CONF.parent.parent / family / "conf" / one / setting for one in ("default", name))
            if its.exists() and its.read_text() != usual.read_text():
                its.write_text(usual.read_text())


def release(names: Collection[str]) -> None:
    """What networkd gave them goes: addresses, their routes, and the bridge that they were a port of; they make their
    own link-local address again (LinkLocalAddressing=no switches that off). Raises CommandFailed, OSError."""
    for name in names:
        run("ip", "address", "flush", "dev", name, "scope", "global")
        usual, its = (CONF / one / "addr_gen_mode" for one in ("default", name))
        if its.exists() and its.read_text() != usual.read_text():
            its.write_text(usual.read_text())
        if present().get(name, {}).get("master"):
            run("ip", "link", "set", "dev", name, "nomaster")
