"""What ``ip addr``, ``ip link`` and ``bridge vlan`` print, as JSON (``-j``) or as text: links, addresses, VLANs.

From iproute2's ip/ipaddress.c, bridge/vlan.c and their manual pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_interface
from itertools import pairwise

from bailiwick.dataplane.linux.draft import Draft, spoken
from bailiwick.dataplane.linux.objects import listed, objects
from bailiwick.dataplane.model import Route
from bailiwick.dataplane.tally import Line
from bailiwick.dataplane.unreadable import Unreadable

_LINK = re.compile(r"^\d+:\s+([^\s:@]+)(?:@([^\s:]+))?:\s+<([A-Z0-9_,-]*)>(.*)$")


_KINDS = {
    "vlan": "vlan",
    "bridge": "bridge",
    "ppp": "ppp",
    "bond": "bond",
    "dummy": "dummy",
    **dict.fromkeys(("tun", "wireguard", "gre", "ipip", "sit", "vti", "vxlan", "xfrm", "ip6tnl", "gretap"), "tunnel"),
    **dict.fromkeys(("veth", "macvlan"), "ethernet"),
}


def read_links(draft: Draft, file: str, text: str) -> None:
    """``ip addr`` or ``ip -d link``. Raises Unreadable for a JSON that is none of ip's."""
    if text.lstrip().startswith("["):
        for line, one in objects(file, text):
            _link(draft, line, one)
        return
    name = ""
    for line, said in spoken(file, text):
        found = _LINK.match(said)
        if found is not None:
            name = found[1]
            _head(draft, line, found)
        elif not name:
            draft.ledger.unknown(line, "comes before the first interface")
        else:
            _below(draft, line, said.split(), name)


def _head(draft: Draft, line: Line, found: re.Match[str]) -> None:
    name, under, flags, rest = found[1], found[2], found[3].split(","), found[4].split()
    after = dict(pairwise(rest))
    kind = "loopback" if "LOOPBACK" in flags else "unknown"
    parent = under if under not in (None, "NONE") and not str(under).startswith("if") else None
    _say(draft, name, "", _guess(name, kind, flags), parent=parent, master=after.get("master"))
    draft.interface(name, up="UP" in flags, line=line)
    draft.ledger.understood()


def _say(draft: Draft, name: str, kind: str, guess: str, *, parent: object, master: object) -> None:
    """What a listing tells of an interface; one that tells less takes nothing back that another told."""
    known = draft.interface(name)
    draft.interface(
        name,
        kind=kind or (guess if known.kind == "unknown" else known.kind),
        parent=parent if isinstance(parent, str) else known.parent,
        master=master if isinstance(master, str) else known.master,
    )


def _guess(name: str, kind: str, flags: list[str]) -> str:
    """Of what a plain listing leaves out: a dot and a number at the end of a name, a link without neighbours."""
    if kind != "unknown":
        return kind
    if name.startswith("ppp"):
        return "ppp"
    if name.startswith(("docker", "br-")):
        return "docker"
    if (
        "POINTOPOINT" in flags
        or name.startswith("tap")
        or (name.startswith(("tun", "wg")) and "BROADCAST" not in flags)
    ):
        return "tunnel"
    if re.fullmatch(r".+\.\d+", name):
        return "vlan"
    return "bridge" if re.fullmatch(r"br\d*", name) else "ethernet" if "BROADCAST" in flags else "unknown"


def _below(draft: Draft, line: Line, words: list[str], name: str) -> None:
    match words:
        case ["inet" | "inet6", address, *rest]:
            _address(draft, line, name, address, rest)
        case ["vlan", "protocol", _, "id", vlan, *_] if vlan.isdecimal():
            draft.interface(name, kind="vlan", vlan=int(vlan))
            draft.ledger.understood()
        case [first, *_] if first in _KINDS:
            draft.interface(name, kind=_KINDS[first])
            draft.ledger.understood()
        case [first, *_] if first.startswith(("link/", "valid_lft", "altname", "alias", "bridge_slave", "RX", "TX")):
            if first == "altname":
                draft.interface(name, aliases=(*draft.interface(name).aliases, words[-1]))
            draft.ledger.ignored(line, "of the link layer, or about time")
        case _:
            draft.ledger.unknown(line, "a line of an interface that nobody here knows")


def _address(draft: Draft, line: Line, name: str, address: str, rest: list[str]) -> None:
    if "dynamic" in rest:
        draft.interface(name, dynamic=True)
    try:
        if rest[:1] == ["peer"]:
            # The far end's prefix is what is reached by it.
            draft.add_address(name, ip_interface(address.partition("/")[0]))
            peer = ip_interface(rest[1])
            draft.routes.append(Route(peer.network, interface=name, line=line))
        else:
            draft.add_address(name, ip_interface(address))
    except (ValueError, IndexError):
        draft.ledger.unknown(line, "no address")
        draft.interface(name, dynamic=True)
        return
    draft.ledger.understood()


def _link(draft: Draft, line: Line, one: Mapping[str, object]) -> None:
    name = one.get("ifname")
    if not isinstance(name, str):
        raise Unreadable(str(line), "an interface without a name")
    flags = [str(flag) for flag in listed(one.get("flags"))]
    info = one.get("linkinfo")
    kind = str(info.get("info_kind", "")) if isinstance(info, dict) else ""
    data = info.get("info_data") if isinstance(info, dict) else None
    guess = _guess(name, "loopback" if one.get("link_type") == "loopback" else "unknown", flags)
    _say(draft, name, _KINDS.get(kind, ""), guess, parent=one.get("link"), master=one.get("master"))
    known: dict[str, object] = {"up": "UP" in flags, "line": line}
    if "altnames" in one:
        known["aliases"] = tuple(str(alias) for alias in listed(one["altnames"]))
    if isinstance(data, dict) and isinstance(data.get("id"), int) and kind == "vlan":
        known["vlan"] = data["id"]
    if isinstance(data, dict) and kind == "bridge" and "vlan_filtering" in data:
        draft.settings[f"bridge.{name}.vlan_filtering"] = str(int(bool(data["vlan_filtering"])))
        draft.settings[f"bridge.{name}.default_pvid"] = str(data.get("vlan_default_pvid", 1))
    slave = info.get("info_slave_data") if isinstance(info, dict) else None
    if isinstance(slave, dict) and slave.get("isolated"):
        known["isolated"] = True
    draft.interface(name, **known)
    draft.ledger.understood()
    for address in listed(one.get("addr_info")):
        _address_info(draft, line, name, address)


def _address_info(draft: Draft, line: Line, name: str, one: object) -> None:
    if not isinstance(one, dict):
        draft.ledger.unknown(line, "no address")
        return
    words = ["dynamic"] if one.get("dynamic") else []
    length = one.get("prefixlen")
    if "address" in one:
        words = ["peer", f"{one['address']}/{length}", *words]
        _address(draft, line, name, str(one.get("local")), words)
    else:
        _address(draft, line, name, f"{one.get('local')}/{length}", words)


def read_vlans(draft: Draft, file: str, text: str) -> None:
    """``bridge -j vlan``: what each port of a bridge carries. Raises Unreadable."""
    for line, one in objects(file, text):
        name = one.get("ifname")
        if not isinstance(name, str):
            raise Unreadable(str(line), "a port without a name")
        tagged: set[int] = set()
        bare: set[int] = set()
        native: int | None = None
        for vlan in listed(one.get("vlans")):
            if not isinstance(vlan, dict) or not isinstance(vlan.get("vlan"), int):
                draft.ledger.unknown(line, f"no VLAN: {vlan}")
                continue
            last = vlan.get("vlanEnd", vlan["vlan"])
            numbers = range(vlan["vlan"], (last if isinstance(last, int) and last < 4096 else vlan["vlan"]) + 1)
            flags = [str(flag) for flag in listed(vlan.get("flags"))]
            if "PVID" in flags:
                native = vlan["vlan"]
            (bare if "Egress Untagged" in flags else tagged).update(numbers)
        draft.interface(name, tagged=frozenset(tagged), bare=frozenset(bare), untagged=native)
        draft.ledger.understood()
