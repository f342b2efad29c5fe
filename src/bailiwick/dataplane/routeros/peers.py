"""WireGuard's peers (manual, "WireGuard"): who is at the far end of each tunnel that the router makes."""

from __future__ import annotations

from dataclasses import replace

from bailiwick.dataplane.model import Interface, Network, Tunnel, TunnelPeer
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.dataplane.routeros.values import prefix

JOINS = "says who may join a tunnel; what may come by it is a matter of its interface"
"""Of no packet's way: whether it is the peer that was meant is for whoever means one."""


def join_peers(configuration: Configuration, interfaces: dict[str, Interface]) -> None:
    """Every tunnel that is made here has the peers that are in force, maybe none. A key of ours is never kept."""
    for item in configuration.items.get("interface/wireguard", ()):
        if not item.built_in and item.get("name") in interfaces:
            name = item.get("name")
            interfaces[name] = replace(interfaces[name], tunnel=Tunnel(keyed=bool(item.get("private-key"))))
    for item in configuration.of("interface/wireguard/peers"):
        configuration.ignore(item, JOINS)
        for doubt in item.doubts:
            configuration.doubt(item, doubt)
        found = interfaces.get(item.get("interface"))
        if found is not None:
            known = found.tunnel or Tunnel()
            peers = (*known.peers, _peer(configuration, item))
            interfaces[found.name] = replace(found, tunnel=replace(known, peers=peers))


def _peer(configuration: Configuration, item: Item) -> TunnelPeer:
    host, port = item.get("endpoint-address"), item.get("endpoint-port", "0")
    endpoint = f"{host}:{port}" if host else ""
    allowed: set[Network] = set()
    for text in filter(None, item.get("allowed-address").split(",")):
        try:
            allowed.add(prefix(text, 6 if ":" in text else 4))
        except ValueError:
            configuration.doubt(item, f"`{text}` is no network")
    return TunnelPeer(item.get("public-key"), endpoint, frozenset(allowed), bool(item.get("preshared-key")), item.line)
