"""Routes, tables, and the order in which they are asked."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from bailiwick.dataplane.model import Route
from tests.dataplane.routeros.exports import read, unknown

ADDRESSES = "/ip address\nadd address=192.168.1.1/24 interface=lan\nadd address=203.0.113.2/30 interface=wan\n"


def routes(text: str, table: str = "main") -> list[Route]:
    return [one for one in read(text).routing.routes if one.table == table]


def test_connected_networks_and_own_addresses() -> None:
    assert [(str(one.prefix), one.interface, one.metric) for one in routes(ADDRESSES)] == [
        ("192.168.1.0/24", "lan", 0),
        ("203.0.113.0/30", "wan", 0),
    ]
    assert [str(one.prefix) for one in routes(ADDRESSES, "local")] == ["192.168.1.1/32", "203.0.113.2/32"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gateway=203.0.113.1", ("0.0.0.0/0", "unicast", "wan", "203.0.113.1", 1, True)),
        ("gateway=203.0.113.1 distance=5 check-gateway=ping", ("0.0.0.0/0", "unicast", "wan", "203.0.113.1", 5, False)),
        ("dst-address=10.0.0.0/8 gateway=192.168.1.9%lan", ("10.0.0.0/8", "unicast", "lan", "192.168.1.9", 1, True)),
        ("dst-address=10.0.0.0/8 gateway=lan", ("10.0.0.0/8", "unicast", "lan", "None", 1, True)),
        ('dst-address=10.0.0.0/8 blackhole gateway=""', ("10.0.0.0/8", "blackhole", None, "None", 1, True)),
        ("dst-address=10.0.0.0/8 type=unreachable", ("10.0.0.0/8", "unreachable", None, "None", 1, True)),
        ("dst-address=8.8.8.8 gateway=203.0.113.1@main", ("8.8.8.8/32", "unicast", "wan", "203.0.113.1", 1, True)),
    ],
)
def test_static_routes(text: str, expected: tuple[str, str, str | None, str, int, bool]) -> None:
    one = routes(f"{ADDRESSES}/ip route\nadd {text}\n")[-1]
    assert (str(one.prefix), one.kind, one.interface, str(one.gateway), one.metric, one.lasting) == expected


def test_several_gateways_are_several_routes() -> None:
    text = f"{ADDRESSES}/ip route\nadd gateway=203.0.113.1,192.168.1.9\n"
    assert [one.interface for one in routes(text)[2:]] == ["wan", "lan"]


def test_a_gateway_that_nothing_leads_to() -> None:
    assert "which interface leads" in unknown(read("/ip route\nadd gateway=203.0.113.1\n"))[2]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("/ip dhcp-client\nadd interface=ether1", 1),
        ("/ip dhcp-client\nadd interface=ether1 add-default-route=no", 0),
        ("/ip dhcp-client\nadd interface=ether1 disabled=yes", 0),
        ("/interface pppoe-client\nadd interface=ether1 name=isp", 0),
        ("/interface pppoe-client\nadd interface=ether1 name=isp add-default-route=yes", 1),
        ("/interface l2tp-client\nadd name=vpn connect-to=a.b add-default-route=yes disabled=yes", 0),
        ("/ipv6 dhcp-client\nadd interface=ether1 request=prefix", 0),
        ("/ipv6 dhcp-client\nadd interface=ether1 request=prefix add-default-route=yes", 1),
    ],
)
def test_a_default_route_that_comes_and_goes(text: str, count: int) -> None:
    found = routes(text)
    assert len(found) == count
    assert not any(one.lasting for one in found)


def test_a_learning_protocol_may_bring_any_route() -> None:
    assert routes("/routing ospf instance\nadd name=a\n")[0].prefix is None


MARKED = (
    "/ip firewall mangle\nadd chain=prerouting action=mark-routing new-routing-mark=vpn src-address=192.168.1.66\n"
    "/ip route\nadd gateway=203.0.113.1 {key}=vpn\n"
)


@pytest.mark.parametrize(
    ("version", "key", "order"),
    [(7, "routing-table", ["vpn", "local", "main"]), (6, "routing-mark", ["local", "vpn", "main"])],
)
def test_marks_choose_a_table_before_or_after_the_routers_own_addresses(
    version: int, key: str, order: list[str]
) -> None:
    device = read(f"# by RouterOS {version}.4\n{ADDRESSES}{MARKED.format(key=key)}")
    assert [rule.table for rule in device.routing.rules] == order
    (marked,) = (rule for rule in device.routing.rules if rule.table == "vpn")
    assert marked.mark == (int(device.settings["mark.routing.vpn"]), 0xFFFF0000)
    assert [rule.priority for rule in device.routing.rules] == [0, 100, 200]


def test_rules_of_the_user_and_the_order_that_settings_give() -> None:
    text = (
        "# by RouterOS 7.22\n/routing table\nadd fib name=vpn\n/routing settings\n"
        "set policy-rules=local,user,mangle,main\n/routing rule\n"
        "add action=lookup-only-in-table src-address=192.168.1.66 table=vpn interface=lan\n"
        "add action=drop dst-address=10.0.0.0/8\nadd action=lookup table=vpn routing-mark=vpn min-prefix=0\n"
    )
    rules = read(text).routing.rules
    assert [(one.action, one.table) for one in rules] == [
        ("lookup", "local"),
        ("lookup", "vpn"),
        ("unreachable", "main"),
        ("blackhole", "main"),
        ("lookup", "vpn"),
        ("lookup", "vpn"),
        ("lookup", "main"),
    ]
    assert (rules[1].source, rules[1].iif) == (ip_network("192.168.1.66/32"), "lan") == (rules[2].source, rules[2].iif)
    assert (rules[4].mark, rules[4].suppress_prefix) == ((0x10000, 0xFFFF0000), 0)


def test_rules_of_v6_are_about_ipv4() -> None:
    text = "# by RouterOS 6.49\n/ip route rule\nadd interface=lan action=lookup table=vpn\n"
    local, vpn, user, main = read(text).routing.rules
    assert [one.table for one in (local, vpn, user, main)] == ["local", "vpn", "vpn", "main"]
    assert (user.family, user.iif, user.mark, vpn.family) == (4, "lan", None, None)


def test_nothing_said_is_nothing_known() -> None:
    assert not read("/ip firewall filter\nadd chain=forward action=drop\n").routing.known
    assert read(ADDRESSES).routing.known
    assert not read("/ip settings\nset ip-forward=no\n").routing.forwarding


def test_a_rule_that_cannot_be_read_may_lead_anywhere() -> None:
    device = read("/ip route\nadd dst-address=0.0.0.0/0 gateway=ether1\n/routing rule\nadd action=fly table=a\n")
    (rule,) = (one for one in device.routing.rules if one.unsure)
    assert [one.prefix for one in device.routing.routes if one.table == rule.table] == [None]
    assert "`fly`" in unknown(device)[4]
