"""WireGuard in a ``.netdev``: its peers, and the routes that networkd adds for them (systemd.netdev(5))."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.linux.commands import Unspoken, number, prefix, table_name
from bailiwick.dataplane.linux.draft import Draft
from bailiwick.dataplane.linux.ini import Entry, Section, yes
from bailiwick.dataplane.model import Listener, Network, Route, Tunnel, TunnelPeer
from bailiwick.dataplane.tally import Line
from bailiwick.packets.packet import UDP

_METRIC6 = 1024
"""Of such a route for IPv6, where none is given."""


def read_wireguard(draft: Draft, name: str, found: list[Section], line: Line) -> None:
    """Each ``[WireGuardPeer]`` is a peer of its own; ``[WireGuard]`` may come in several parts. Entries are counted
    before; one that cannot be read is an unknown after all."""
    own = Section("WireGuard", line, [entry for one in found if one.name == "WireGuard" for entry in one.entries])
    port = own.value("ListenPort")
    if port.isdecimal():
        draft.listeners.append(Listener(f"wireguard {name}", UDP, int(port), None, line))
    peers = [_peer(draft, name, own, section) for section in found if section.name == "WireGuardPeer"]
    file = own.value("PrivateKeyFile")
    keyed = bool(file or own.value("PrivateKey"))
    draft.interface(name, tunnel=Tunnel(tuple(peers), _mark(draft, own.last("FirewallMark")), keyed, file))


def _mark(draft: Draft, entry: Entry | None) -> int:
    try:
        return number(entry.value) if entry is not None and entry.value else 0
    except Unspoken:
        _wrong(draft, entry, "no mark")
        return 0


def _peer(draft: Draft, name: str, own: Section, section: Section) -> TunnelPeer:
    allowed = {network: entry.line for network, entry in _allowed(draft, section)}
    table = _table(own, section)
    if table is not None:
        for network, line in allowed.items():
            draft.routes.append(
                Route(network, "unicast", name, None, _metric(own, section, network), table, lasting=False, line=line)
            )
    key = section.last("PublicKey")
    return TunnelPeer(
        "" if key is None else key.value,
        section.value("Endpoint"),
        frozenset(allowed),
        bool(section.value("PresharedKey") or section.value("PresharedKeyFile")),
        section.line if key is None else key.line,
    )


def _allowed(draft: Draft, section: Section) -> Iterator[tuple[Network, Entry]]:
    for entry in section.values("AllowedIPs"):
        for text in filter(None, (part.strip() for part in entry.value.split(","))):
            try:
                yield prefix(text), entry
            except Unspoken:
                _wrong(draft, entry, "no network")


def _table(own: Section, peer: Section) -> str | None:
    """The peer's own word on the table stands before the tunnel's. Without any there are no routes."""
    said = peer.value("RouteTable") or own.value("RouteTable")
    return None if not said or yes(said) is False else table_name(said)


def _metric(own: Section, peer: Section, network: Network) -> int:
    said = peer.value("RouteMetric") or own.value("RouteMetric")
    return int(said) if said.isdecimal() else _METRIC6 if network.version == 6 else 0


def _wrong(draft: Draft, entry: Entry | None, why: str) -> None:
    if entry is not None:
        draft.ledger.lines -= 1
        draft.ledger.unknown(entry.line, why)
