"""A whole tree of files of one Linux router, as ``bailiwick build`` writes it, read into a device."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bailiwick.dataplane.linux import units
from bailiwick.dataplane.linux.bridge_filter import understood, unfollowed, untagged_only
from bailiwick.dataplane.linux.commands import UNREAD, read_batch
from bailiwick.dataplane.linux.dnsmasq import read_dnsmasq
from bailiwick.dataplane.linux.draft import Draft
from bailiwick.dataplane.linux.networkd import read_networkd
from bailiwick.dataplane.linux.pppd import read_peer
from bailiwick.dataplane.linux.sysctl import read_sysctl
from bailiwick.dataplane.model import Device, Interface, Route, Routing
from bailiwick.dataplane.nft import Places, read
from bailiwick.dataplane.rules import Table
from bailiwick.dataplane.tally import Line, Tally

_NETWORKD = re.compile(r"/systemd/network/[^/]+\.(network|netdev|link)(\.d/[^/]+\.conf)?$")
_SYSCTL = re.compile(r"/sysctl\.d/[^/]+\.conf$|/sysctl\.conf$")
_PEER = re.compile(r"/ppp/peers/[^/]+$")
_READERS: Sequence[tuple[re.Pattern[str], Callable[[Draft, str, str], None]]] = (
    (re.compile(r"/dnsmasq/[^/]+\.conf$|/dnsmasq\.conf$|/dnsmasq\.d/[^/]+\.conf$"), read_dnsmasq),
    (re.compile(r"/exits\.batch$"), read_batch),
    (re.compile(r"/systemd/networkd\.conf(\.d/[^/]+\.conf)?$"), units.read_daemon),
    (re.compile(r"/systemd/system/.+\.(service|socket|timer|target|path|conf)$"), units.read_unit),
    (re.compile(r"/udev/rules\.d/[^/]+\.rules$"), units.read_udev),
    (re.compile(r"/modules-load\.d/[^/]+\.conf$"), units.read_modules),
)
_WHOLE: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"^/etc/bailiwick/guard\.nft$"), "is loaded for the moments of a change alone, beside the rules"),
    (re.compile(r"\.nft$"), "is read by nft itself"),
    (re.compile(r"/etc/bailiwick/guests/[^/]+/domain\.xml$"), "is read as a guest's domain"),
    (
        re.compile(r"/etc/bailiwick/guests/(list|[^/]+/(user-data|meta-data|network-config))$"),
        "is for a guest, and what its cards are wired to is not among it",
    ),
    (re.compile(r"/etc/bailiwick/wireguard/[^/]+\.key$"), "is a tunnel's private key, or the place of one"),
    (re.compile(r"/etc/bailiwick/needs$"), "says what must be there before the files are"),
    (re.compile(r"/resolv\.conf$"), "whom the router asks for names; its filter says whom it may ask"),
    (re.compile(r"\.(md|txt|json)$"), "is for people, or about the files"),
    (re.compile("|".join(map(re.escape, units.OWN)) + "$"), "loads files that are read themselves"),
)
_LO = Interface("lo", kind="loopback")
GUARD = "/etc/bailiwick/guard.nft"
"""A second filter beside the first while the device changes (``targets.linux.nftables.guard``): it can only refuse."""


def rules(files: Mapping[str, str]) -> dict[str, str]:
    """Those of ``files`` (absolute paths to texts) that nft is to load, and which are the firewall from then on."""
    return {path: text for path, text in files.items() if path.endswith(".nft") and path != GUARD}


def read_tree(files: Mapping[str, str], nft_json: object, name: str, places: Sequence[Places] = ()) -> Device:
    """``files``: absolute paths to texts. ``nft_json``: what the real nft lists once it has loaded their rules.

    A file that is passed over, or that nobody here reads, counts as one line. Without a setting the kernel forwards
    nothing (``ip_forward`` of ip-sysctl). Raises Unreadable for a broken listing.
    """
    draft = Draft()
    tables, tally = read(nft_json, "nft -j list ruleset", places)
    read_networkd(draft, {file: text for file, text in files.items() if _NETWORKD.search(file)})
    _keys(draft, files)
    for file in sorted(files):
        if _PEER.search(file):
            read_peer(draft, file, files[file])
    read_sysctl(draft, {file: text for file, text in files.items() if _SYSCTL.search(file)})
    for file in sorted(files):
        if not (_NETWORKD.search(file) or _SYSCTL.search(file) or _PEER.search(file)):
            _file(draft, file, files[file])
    draft.interfaces.setdefault("lo", _LO)
    draft.settings.setdefault("net.ipv4.ip_forward", "1" if draft.forwarding else "0")
    draft.forwarding = bool(draft.forwarding)
    ports = [one.name for one in draft.interfaces.values()]
    for line, why in unfollowed(tables, untagged_only(tables, ports)[1]):
        draft.ledger.unknown(line, why)
    return device(draft, name, tables, tally, routed=True)


def _keys(draft: Draft, files: Mapping[str, str]) -> None:
    """networkd makes no tunnel whose key's file is not there, whatever else it is told (systemd.netdev(5))."""
    for one in list(draft.interfaces.values()):
        if one.tunnel is not None and one.tunnel.key_file and one.tunnel.key_file not in files:
            draft.interface(one.name, tunnel=replace(one.tunnel, keyed=False))


def _file(draft: Draft, file: str, text: str) -> None:
    for pattern, reader in _READERS:
        if pattern.search(file):
            reader(draft, file, text)
            return
    for pattern, why in _WHOLE:
        if pattern.search(file):
            draft.ledger.ignored(Line(file, 1), why)
            return
    draft.ledger.unknown(Line(file, 1), "a file that nobody here reads")


def device(
    draft: Draft, name: str, tables: tuple[Table, ...] = (), tally: Tally | None = None, *, routed: bool | None = None
) -> Device:
    """A device of what has been read; ``tally`` is that of its tables.

    ``routed`` False where nothing tells its routes; None: as something was read of them. Where nobody says whether it
    forwards, it does.
    """
    _bridges(draft)
    _ports(draft)
    bare, lines = untagged_only(tables, [one.name for one in draft.interfaces.values() if one.master is not None])
    for port in bare:
        draft.interface(port, admits="untagged")
    known = bool(draft.routes) if routed is None else routed
    forwards = draft.forwarding is not False
    unread = (one for one in draft.rules if one.table == UNREAD)
    routes = [*draft.routes, *(Route(None, lasting=False, table=UNREAD, line=r.line, unsure=r.unsure) for r in unread)]
    return Device(
        name,
        "linux",
        dict(draft.interfaces),
        tables,
        Routing(tuple(routes), tuple(draft.rules), forwards, known),
        dict(draft.settings),
        tuple(draft.listeners),
        Tally.total((understood(tally or Tally(), lines), draft.ledger.tally())),
    )


def _bridges(draft: Draft) -> None:
    """Whatever others are ports of is a bridge, or a bond; what a VLAN runs over is there too."""
    for one in list(draft.interfaces.values()):
        if one.master is not None and draft.interface(one.master).kind in ("unknown", "ethernet"):
            draft.interface(one.master, kind="bridge")
        if one.parent is not None and one.parent not in draft.interfaces:
            draft.interface(one.parent, kind="ethernet")


def _ports(draft: Draft) -> None:
    """``DefaultPVID``: what the kernel puts each port of a filtering bridge into, and the bridge itself, beforehand.

    networkd adds its own VLANs to that and takes nothing away (up to systemd 255); a ``PVID`` of its own takes the
    place of this one, whose frames still leave without a tag then (``__vlan_add`` of net/bridge/br_vlan.c). What a
    kernel lists is all there is.
    """
    filtering = {name for name in draft.interfaces if draft.settings.get(f"bridge.{name}.vlan_filtering") == "1"}
    for one in list(draft.interfaces.values()):
        bridge = one.name if one.name in filtering else one.master
        listed = one.vlan_line is None and (one.tagged or one.bare or one.untagged is not None)
        if bridge not in filtering or listed:
            continue
        native = draft.settings.get(f"bridge.{bridge}.default_pvid", "1")
        if native.isdecimal() and int(native):
            first = one.untagged if one.untagged is not None else int(native)
            draft.interface(one.name, untagged=first, bare=one.bare | {int(native)}, tagged=one.tagged - {int(native)})
