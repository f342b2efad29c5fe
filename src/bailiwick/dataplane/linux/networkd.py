"""systemd-networkd's files: systemd.netdev(5), systemd.link(5), systemd.network(5) to interfaces, routes and rules.

Of the ``.network`` files the first whose ``[Match]`` fits an interface is its own. An interface that nothing but a
``.network`` file names is somebody else's: a card, or the tunnel of a program that networkd only follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from bailiwick.dataplane.linux.draft import Draft
from bailiwick.dataplane.linux.ini import Entry, Section, sections, yes
from bailiwick.dataplane.linux.keys import IGNORED, KNOWN, account
from bailiwick.dataplane.linux.network import apply
from bailiwick.dataplane.linux.sysctl import ordered
from bailiwick.dataplane.linux.wireguard import read_wireguard
from bailiwick.dataplane.tally import Line

_KINDS = {
    "vlan": "vlan",
    "bridge": "bridge",
    "bond": "bond",
    "dummy": "dummy",
    "vrf": "vrf",
    "veth": "ethernet",
    "macvlan": "ethernet",
    **dict.fromkeys(
        ("wireguard", "tun", "tap", "gre", "gretap", "ipip", "sit", "vti", "vxlan", "ip6tnl", "xfrm", "ip6gre"),
        "tunnel",
    ),
}
_TUNNELS = re.compile(r"^(wg|tun|tap|ipsec|vti|xfrm|gre|sit|nordlynx|tailscale|zt)[\w.-]*$")
_PPP = re.compile(r"^ppp[\w.-]*$")


def read_networkd(draft: Draft, files: Mapping[str, str]) -> None:
    """All files of ``systemd/network`` directories, drop-ins (``x.network.d/*.conf``) with the file they belong to."""
    parsed = {file: _parts(file, files, draft) for file in ordered(_mains(files))}
    for file, found in parsed.items():
        if file.endswith(".netdev"):
            _netdev(draft, found)
        elif file.endswith(".link"):
            _link(draft, found)
    networks = {file: found for file, found in parsed.items() if file.endswith(".network")}
    for found in networks.values():
        for name in _literal(found):
            if name not in draft.interfaces:
                _stranger(draft, name, found)
    claimed: set[str] = set()
    cards = {
        _merged(found, "Link").value("Name"): _merged(found, "Match")
        for file, found in parsed.items()
        if file.endswith(".link")
    }
    for found in networks.values():
        _network(draft, found, claimed, cards)


def _mains(files: Mapping[str, str]) -> Iterable[str]:
    return [file for file in files if file.endswith((".network", ".netdev", ".link"))]


def _parts(file: str, files: Mapping[str, str], draft: Draft) -> list[Section]:
    base = file.rpartition("/")[2]
    more = [name for name in files if f"/{base}.d/" in name and name.endswith(".conf")]
    found = sections(file, files[file], draft.ledger)
    for name in ordered(more):
        found += sections(name, files[name], draft.ledger)
    return found


def _netdev(draft: Draft, found: list[Section]) -> None:
    merged = _merged(found, "NetDev")
    name, kind = merged.value("Name"), merged.value("Kind").lower()
    for section in found:
        table = KNOWN["netdev"].get(section.name)
        account(draft, section, table, IGNORED["netdev"].get(section.name))
    line = merged.line
    if not name or not kind:
        draft.ledger.lines -= 1  # its header was counted
        draft.ledger.unknown(line, "makes nothing: networkd wants a name and a kind")
        return
    draft.interface(name, kind=_KINDS.get(kind, "unknown"), line=line)
    vlan = _merged(found, "VLAN").value("Id")
    if kind == "vlan" and vlan.isdecimal():
        draft.interface(name, vlan=int(vlan))
    if kind == "bridge":
        bridge = _merged(found, "Bridge")
        filtering = yes(bridge.value("VLANFiltering", "no"))
        draft.settings[f"bridge.{name}.vlan_filtering"] = "1" if filtering else "0"
        draft.settings[f"bridge.{name}.default_pvid"] = bridge.value("DefaultPVID", "1")
        keys = (("VLANFiltering", "vlan_filtering"), ("DefaultPVID", "default_pvid"))
        draft.said |= {f"bridge.{name}.{setting}" for key, setting in keys if bridge.value(key)}
    if kind == "wireguard":
        read_wireguard(draft, name, found, line)


def _merged(found: list[Section], name: str) -> Section:
    """All sections of one name as one."""
    same = [section for section in found if section.name == name]
    whole = Section(name, (same or found)[0].line if same or found else Line("", 0))
    for section in same:
        whole.entries += section.entries
    return whole


def _link(draft: Draft, found: list[Section]) -> None:
    for section in found:
        account(draft, section, KNOWN["link"].get(section.name), IGNORED["link"].get(section.name))
    link = _merged(found, "Link")
    named = link.last("Name")
    if named is not None and named.value:
        match = _merged(found, "Match")
        mac = (match.value("PermanentMACAddress") or match.value("MACAddress")).lower().replace("-", ":")
        path = match.value("Path") or None
        draft.interface(named.value, kind="ethernet", line=named.line, mac=mac or None, path=path)


def _literal(found: list[Section]) -> list[str]:
    names = " ".join(entry.value for entry in _merged(found, "Match").values("Name")).split()
    return [name for name in names if not set(name) & set("*?[!")]


def _stranger(draft: Draft, name: str, found: list[Section]) -> None:
    """An interface that no file makes."""
    kept = _merged(found, "Network").value("KeepConfiguration") in ("static", "yes")
    manual = kept and _merged(found, "Link").value("ActivationPolicy") == "manual"
    line = _merged(found, "Match").line
    if name == "lo":
        draft.interface(name, kind="loopback", line=line)
    elif _PPP.match(name):
        draft.interface(name, kind="ppp", dynamic=True, line=line)
    elif manual or _TUNNELS.match(name):
        draft.interface(name, kind="tunnel", dynamic=manual, line=line)
    else:
        draft.interface(name, kind="ethernet", line=line)


def _network(draft: Draft, found: list[Section], claimed: set[str], cards: Mapping[str, Section]) -> None:
    match = _merged(found, "Match")
    others = [entry for section in found if section.name == "Match" for entry in section.entries if entry.key != "Name"]
    patterns = " ".join(entry.value for entry in match.values("Name")).split()
    names = [name for name in draft.interfaces if name not in claimed and _fits(name, patterns)]
    sure = all(_same_card(cards.get(name), others) for name in names)
    lost = "is for an interface that nobody here can name" if others else "is for no interface that is known here"
    if not sure or not names:
        for section in found:
            for entry in section.entries:
                draft.ledger.unknown(entry.line, lost)
        return
    claimed.update(names)
    draft.ledger.understood(sum(len(section.entries) for section in found if section.name == "Match"))
    for at, name in enumerate(names):
        apply(draft, name, [section for section in found if section.name != "Match"], counted=at == 0)


def _same_card(card: Section | None, others: list[Entry]) -> bool:
    """Whether what else a file asks of a card is what its ``.link`` gave it the name for: then the name settles it."""
    for entry in others:
        key = "PermanentMACAddress" if entry.key == "MACAddress" else entry.key
        if card is None or key not in ("PermanentMACAddress", "Path") or _plain(card.value(key)) != _plain(entry.value):
            return False
    return True


def _plain(value: str) -> str:
    return value.lower().replace("-", ":") if re.fullmatch(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", value) else value


def _fits(name: str, patterns: list[str]) -> bool:
    if patterns and patterns[0].startswith("!"):
        return not any(fnmatchcase(name, pattern.removeprefix("!")) for pattern in patterns)
    return any(fnmatchcase(name, pattern) for pattern in patterns)
