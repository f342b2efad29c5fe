"""networkd's files: interfaces, addresses, routes and rules, and what is not understood."""

from __future__ import annotations

from ipaddress import ip_interface, ip_network

import pytest

from bailiwick.dataplane.linux.draft import Draft
from bailiwick.dataplane.linux.networkd import read_networkd
from bailiwick.dataplane.model import Route

DIRECTORY = "/etc/systemd/network/"


def drafted(**files: str) -> Draft:
    """Files by their names, a dot for each double underscore."""
    draft = Draft()
    read_networkd(draft, {DIRECTORY + name.replace("__", "."): text for name, text in files.items()})
    assert draft.ledger.tally().adds_up
    return draft


def test_a_vlan_stands_on_its_parent() -> None:
    draft = drafted(
        iot__netdev="[NetDev]\nName=iot\nKind=vlan\n\n[VLAN]\nId=50\n",
        eth1__network="[Match]\nName=eth1\n[Network]\nVLAN=iot\n",
        iot__network="[Match]\nName=iot\n[Network]\nAddress=192.168.50.1/24\n",
    )
    iot = draft.interfaces["iot"]
    assert (iot.kind, iot.vlan, iot.parent) == ("vlan", 50, "eth1")
    assert iot.addresses == (ip_interface("192.168.50.1/24"),)
    assert draft.interfaces["eth1"].kind == "ethernet"
    assert not draft.ledger.unknowns


def test_a_bridge_its_ports_and_their_vlans() -> None:
    draft = drafted(
        br__netdev="[NetDev]\nName=br\nKind=bridge\n[Bridge]\nVLANFiltering=yes\nDefaultPVID=none\n",
        a__network="[Match]\nName=a\n[Network]\nBridge=br\n[Bridge]\nIsolated=yes\n"
        "[BridgeVLAN]\nVLAN=20-22\n[BridgeVLAN]\nVLAN=5\nPVID=5\nEgressUntagged=5\n",
    )
    port = draft.interfaces["a"]
    assert (port.master, port.tagged, port.untagged, port.isolated) == ("br", frozenset({20, 21, 22}), 5, True)
    assert draft.settings["bridge.br.vlan_filtering"] == "1"


def test_a_lease_is_a_symbol_and_its_routes_do_not_last() -> None:
    text = "[Match]\nName=wan\n[Network]\nDHCP=ipv4\n[DHCPv4]\nUseRoutes={}\nUseGateway=yes\nRouteMetric=100\n"
    draft = drafted(wan__network=text.format("no"))
    assert draft.interfaces["wan"].dynamic
    (default,) = draft.routes
    assert (default.prefix, default.interface, default.metric, default.lasting) == (
        ip_network("0.0.0.0/0"),
        "wan",
        100,
        False,
    )
    draft = drafted(wan__network=text.format("yes"))
    assert [route.prefix for route in draft.routes] == [ip_network("0.0.0.0/0"), None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Destination=10.0.0.0/8\nGateway=192.168.1.9\nMetric=7\nTable=100\n",
            ("10.0.0.0/8", "unicast", "lan", "192.168.1.9", 7, "100", True),
        ),
        ("Gateway=192.168.1.9\n", ("0.0.0.0/0", "unicast", "lan", "192.168.1.9", 0, "main", True)),
        ("Gateway=fe80::1\n", ("::/0", "unicast", "lan", "fe80::1", 0, "main", True)),
        ("Gateway=_dhcp4\nTable=254\n", ("0.0.0.0/0", "unicast", "lan", "None", 0, "main", False)),
        (
            "Destination=0.0.0.0/0\nType=unreachable\nTable=9\n",
            ("0.0.0.0/0", "unreachable", None, "None", 0, "9", True),
        ),
        ("Destination=10.7.0.0/16\nType=local\n", ("10.7.0.0/16", "local", "lan", "None", 0, "local", True)),
    ],
)
def test_routes(text: str, expected: tuple[object, ...]) -> None:
    draft = drafted(lan__network=f"[Match]\nName=lan\n[Network]\nAddress=192.168.1.1/24\n[Route]\n{text}")
    (route,) = draft.routes
    found = (
        str(route.prefix),
        route.kind,
        route.interface,
        str(route.gateway),
        route.metric,
        route.table,
        route.lasting,
    )
    assert found == expected
    assert not draft.ledger.unknowns


def test_a_route_for_some_sources_is_unsure() -> None:
    draft = drafted(lan__network="[Match]\nName=lan\n[Route]\nDestination=10.0.0.0/8\nSource=192.168.1.0/24\n")
    assert draft.routes[0].unsure == "Source=192.168.1.0/24"
    assert [line.number for line, _ in draft.ledger.unknowns] == [5]


def test_rules() -> None:
    text = (
        "[Match]\nName=lan\n[RoutingPolicyRule]\nFrom=192.168.1.0/24\nTo=10.0.0.0/8\nFirewallMark=0x1/0xff\nTable=100\n"
        "Priority=50\nIncomingInterface=lan\nInvertRule=yes\nSuppressPrefixLength=0\n"
        "[RoutingPolicyRule]\nType=unreachable\nDestinationPort=53\n"
    )
    first, second = drafted(lan__network=text).rules
    assert (str(first.source), str(first.destination), first.mark, first.table) == (
        "192.168.1.0/24",
        "10.0.0.0/8",
        (1, 255),
        "100",
    )
    assert (first.priority, first.iif, first.inverted, first.suppress_prefix) == (50, "lan", True, 0)
    assert (second.action, second.unsure, second.family) == ("unreachable", "DestinationPort=53", 4)


def test_an_interface_that_networkd_only_follows_is_a_tunnel() -> None:
    text = "[Match]\nName=work\n[Link]\nActivationPolicy=manual\n[Network]\nKeepConfiguration=static\n"
    text += "[Route]\nDestination=0.0.0.0/0\n"
    draft = drafted(work__network=text)
    work = draft.interfaces["work"]
    assert (work.kind, work.dynamic) == ("tunnel", True)
    assert not draft.routes[0].lasting


def test_the_first_file_that_fits_is_the_interfaces_own() -> None:
    draft = drafted(
        **{"10-a__network": "[Match]\nName=eth0\n[Network]\nAddress=10.0.0.1/24\n"},
        **{"20-b__network": "[Match]\nName=eth* other\n[Network]\nAddress=10.0.1.1/24\n"},
    )
    assert draft.interfaces["eth0"].addresses == (ip_interface("10.0.0.1/24"),)
    assert draft.interfaces["other"].addresses == (ip_interface("10.0.1.1/24"),)


def test_etc_hides_what_usr_says_and_drop_ins_add() -> None:
    draft = Draft()
    text = "[Match]\nName=a\n[Network]\nAddress=10.0.{}.1/24\n"
    files = {
        "/usr/lib/systemd/network/10-a.network": text.format(1),
        "/etc/systemd/network/10-a.network": text.format(2),
        "/etc/systemd/network/10-a.network.d/x.conf": "[Network]\nAddress=10.0.3.1/24\n",
    }
    read_networkd(draft, files)
    assert [str(one.ip) for one in draft.interfaces["a"].addresses] == ["10.0.2.1", "10.0.3.1"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("[Match]\nName=a\n[Network]\nIPMasquerade=both\n", [4]),
        ("[Match]\nName=a\n[Network]\nIPMasquerade=no\n", []),
        ("[Match]\nName=a\n[Network]\nSurprise=1\n", [4]),
        ("[Match]\nName=a\n[Surprise]\nX=1\nY=2\n", [4, 5]),
        ("[Match]\nName=a\nnonsense\n[Network]\nAddress=ten\n", [3, 5]),
        ("[Match]\nMACAddress=00:11:22:33:44:55\n[Network]\nAddress=10.0.0.1/8\n", [2, 4]),
        ("[Match]\nName=nobody*\n[Network]\nAddress=10.0.0.1/8\n", [2, 4]),
    ],
)
def test_what_is_not_understood_is_in_the_account(text: str, numbers: list[int]) -> None:
    draft = drafted(a__network=text)
    assert sorted(line.number for line, _ in draft.ledger.unknowns) == numbers


def test_a_key_is_not_shown() -> None:
    draft = drafted(
        wg__netdev="[NetDev]\nName=wg\nKind=wireguard\n[WireGuard]\nPrivateKey=c2VjcmV0\nListenPort=51820\n"
    )
    assert "c2VjcmV0" not in repr(draft)
    (listener,) = draft.listeners
    assert (listener.protocol, listener.port) == (17, 51820)


def test_a_link_file_names_a_card() -> None:
    draft = drafted(w__link="[Match]\nPermanentMACAddress=24:f5:a2:00:11:22\n[Link]\nName=wan0\n")
    assert draft.interfaces["wan0"].kind == "ethernet"
    assert draft.routes == list[Route]()
