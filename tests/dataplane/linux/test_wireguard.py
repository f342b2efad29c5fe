"""WireGuard in a ``.netdev``: each peer by itself, the routes that networkd adds for it, and what cannot be read."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from bailiwick.dataplane.model import Route
from tests.dataplane.linux.test_networkd import drafted

NETDEV = "[NetDev]\nName=wg0\nKind=wireguard\n[WireGuard]\nPrivateKeyFile=/etc/wg0.key\n{own}"
PEER = "[WireGuardPeer]\nPublicKey={key}\nEndpoint=vpn.example:51820\nAllowedIPs=0.0.0.0/1, 128.0.0.0/1\n{more}"
MORE = PEER.format(key="b", more="RouteTable=1000\nRouteMetric=7\n")


def routes(own: str = "", more: str = "") -> list[Route]:
    draft = drafted(wg0__netdev=NETDEV.format(own=own) + PEER.format(key="a", more=more))
    assert not draft.ledger.unknowns
    return draft.routes


def test_peers_are_kept_apart() -> None:
    draft = drafted(wg0__netdev=NETDEV.format(own="") + PEER.format(key="a", more="") + MORE)
    tunnel = draft.interfaces["wg0"].tunnel
    assert tunnel is not None
    assert [peer.public_key for peer in tunnel.peers] == ["a", "b"]
    assert {peer.endpoint for peer in tunnel.peers} == {"vpn.example:51820"}
    assert tunnel.peers[0].allowed == {ip_network("0.0.0.0/1"), ip_network("128.0.0.0/1")}
    assert [(route.table, route.metric) for route in draft.routes] == [("1000", 7)] * 2


@pytest.mark.parametrize("own", ["", "RouteTable=off\n", "RouteTable=no\n"])
def test_without_a_table_there_are_no_routes(own: str) -> None:
    assert routes(own) == []


@pytest.mark.parametrize(("table", "name"), [("main", "main"), ("254", "main"), ("1000", "1000")])
def test_the_routes_of_a_table(table: str, name: str) -> None:
    found = routes(f"RouteTable={table}\n")
    assert {(str(one.prefix), one.table, one.interface, one.lasting) for one in found} == {
        ("0.0.0.0/1", name, "wg0", False),
        ("128.0.0.0/1", name, "wg0", False),
    }


def test_a_peer_has_the_last_word_on_its_table() -> None:
    assert routes("RouteTable=main\n", "RouteTable=off\n") == []
    assert {one.table for one in routes("RouteTable=off\n", "RouteTable=1000\n")} == {"1000"}


def test_the_mark_of_its_own_packets() -> None:
    draft = drafted(wg0__netdev=NETDEV.format(own="FirewallMark=0x10\n"))
    tunnel = draft.interfaces["wg0"].tunnel
    assert tunnel is not None
    assert tunnel.mark == 16


@pytest.mark.parametrize("line", ["FirewallMark=green\n", "[WireGuardPeer]\nAllowedIPs=nowhere\n"])
def test_what_cannot_be_read_is_told(line: str) -> None:
    draft = drafted(wg0__netdev=NETDEV.format(own=line))
    assert len(draft.ledger.unknowns) == 1
