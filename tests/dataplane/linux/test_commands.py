"""``ip rule`` and ``ip route``: as commands, as text, as JSON; and the lists of links and VLANs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import fields
from ipaddress import ip_interface, ip_network
from pathlib import Path

import pytest

from bailiwick.dataplane.linux import Draft, device, read_batch, read_links, read_routes, read_rules, read_vlans
from bailiwick.dataplane.model import RoutingRule
from bailiwick.dataplane.unreadable import Unreadable

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "iptables"
EVERY = ip_network("0.0.0.0/0")


def test_a_batch() -> None:
    draft = Draft()
    text = """\
# a comment

route replace unreachable default metric 4294967294 table 7 protocol 141
route add 10.0.0.0/8 via 192.168.1.9 dev lan onlink
rule add pref 1000 to 192.168.10.0/24 lookup main suppress_prefixlength 0 protocol 141
rule add pref 1100 oif wg lookup 7
rule add pref 1200 from 192.168.20.66/32 unreachable
ip -6 rule add pref 5 fwmark 0x1/0xff iif lan lookup 255
rule add pref 9 ipproto tcp dport 53 lookup 7
link set lan up
rule add pref x
"""
    read_batch(draft, "b", text)
    last, near = draft.routes
    assert (last.prefix, last.kind, last.metric, last.table, last.interface) == (
        EVERY,
        "unreachable",
        4294967294,
        "7",
        None,
    )
    assert (str(near.prefix), str(near.gateway), near.interface) == ("10.0.0.0/8", "192.168.1.9", "lan")
    first, second, third, fourth, fifth, unread = draft.rules
    assert (str(first.destination), first.table, first.suppress_prefix, first.family) == (
        "192.168.10.0/24",
        "main",
        0,
        4,
    )
    assert (second.oif, second.table) == ("wg", "7")
    assert (third.action, str(third.source)) == ("unreachable", "192.168.20.66/32")
    assert (fourth.mark, fourth.iif, fourth.table, fourth.family) == ((1, 255), "lan", "local", 6)
    assert fifth.unsure == "ipproto tcp, dport 53"
    assert (unread.priority, unread.line) == (0, draft.ledger.unknowns[-1][0])
    assert [line.number for line, _ in draft.ledger.unknowns] == [9, 10, 11]
    assert (draft.ledger.tally().lines, draft.ledger.tally().adds_up) == (9, True)


def test_replacing_a_route_takes_the_old_one_away() -> None:
    draft = Draft()
    read_batch(draft, "b", "route add default via 10.0.0.1\nroute replace default via 10.0.0.2\n")
    assert [str(route.gateway) for route in draft.routes] == ["10.0.0.2"]


def test_what_is_the_devices_own_goes_to_the_table_local_unless_it_says_otherwise() -> None:
    draft = Draft()
    read_batch(draft, "b", "route add local 10.7.0.0/16 dev lo\nroute add local default dev lo table 100\n")
    assert [route.table for route in draft.routes] == ["local", "100"]


def test_a_rule_or_route_that_cannot_be_read_is_there_and_leads_anywhere() -> None:
    draft = Draft()
    read_batch(draft, "b", "rule add flowers 5\nroute add default via 10.0.0.1 tap 5 table 7\nrule flush\n")
    assert [(rule.priority, rule.unsure) for rule in draft.rules] == [(0, "a rule with `flowers`")]
    assert [(route.prefix, route.table, route.unsure) for route in draft.routes] == [(None, "7", "a route with `tap`")]
    made = device(draft, "d", routed=True)
    assert [route.prefix for route in made.routing.routes if route.table == draft.rules[0].table] == [None]
    listed = Draft()
    read_rules(listed, "r", "0:\tfrom all lookup local\n5:\tfrom all flowers 5\n")
    assert [rule.unsure for rule in listed.rules] == ["", "a rule with `flowers`"]
    assert not device(listed, "d").routing.known


def shown(draft: Draft) -> list[tuple[object, ...]]:
    return [(r.prefix, r.kind, r.interface, r.gateway, r.metric, r.table, r.lasting) for r in draft.routes]


def test_text_and_json_of_routes_say_the_same() -> None:
    text = (
        "default via 10.0.0.1 dev a proto dhcp metric 5 \n10.1.0.0/16 \n\tnexthop via 10.0.0.2 dev a weight 1 \n"
        "\tnexthop via 10.0.0.3 dev b weight 2 \nunreachable 10.9.0.0/16 table 7 metric 3 \n"
        "local 10.0.0.9 dev a table local proto kernel scope host src 10.0.0.9 \n"
    )
    objects = [
        {"dst": "default", "gateway": "10.0.0.1", "dev": "a", "protocol": "dhcp", "metric": 5, "flags": []},
        {
            "dst": "10.1.0.0/16",
            "flags": [],
            "nexthops": [
                {"gateway": "10.0.0.2", "dev": "a", "weight": 1, "flags": []},
                {"gateway": "10.0.0.3", "dev": "b", "weight": 2, "flags": []},
            ],
        },
        {"type": "unreachable", "dst": "10.9.0.0/16", "table": "7", "metric": 3, "flags": []},
        {
            "type": "local",
            "dst": "10.0.0.9",
            "dev": "a",
            "table": "local",
            "protocol": "kernel",
            "scope": "host",
            "prefsrc": "10.0.0.9",
            "flags": [],
        },
    ]
    one, two = Draft(), Draft()
    read_routes(one, "r", text)
    read_routes(two, "r", json.dumps(objects))
    assert shown(one) == shown(two)
    assert len(one.routes) == 5
    assert not one.routes[0].lasting
    assert not one.ledger.unknowns
    assert not two.ledger.unknowns


def asked(one: RoutingRule) -> tuple[object, ...]:
    """All of a rule but where it is written."""
    return tuple(getattr(one, field.name) for field in fields(one) if field.name != "line")


def test_text_and_json_of_rules_say_the_same() -> None:
    text = (
        "0:\tfrom all lookup local\n5:\tfrom 10.0.0.0/8 fwmark 0x1/0xff iif br0 [detached] lookup 100\n"
        "6:\tnot from all to 1.1.1.1 lookup main suppress_prefixlength 0\n"
        "7:\tfrom all oif br0 ipproto tcp dport 53 unreachable\n"
    )
    objects = [
        {"priority": 0, "src": "all", "table": "local"},
        {
            "priority": 5,
            "src": "10.0.0.0",
            "srclen": 8,
            "fwmark": "0x1",
            "fwmask": "0xff",
            "iif": "br0",
            "iif_detached": None,
            "table": "100",
        },
        {"priority": 6, "not": None, "src": "all", "dst": "1.1.1.1", "table": "main", "suppress_prefixlen": 0},
        {"priority": 7, "src": "all", "oif": "br0", "ipproto": "tcp", "dport": 53, "action": "unreachable"},
    ]
    one, two = Draft(), Draft()
    read_rules(one, "r", text)
    read_rules(two, "r", json.dumps(objects))
    known = [asked(found) for found in one.rules]
    assert known == [asked(found) for found in two.rules]
    marked, inverted = one.rules[1], one.rules[2]
    assert (marked.priority, marked.table, marked.mark, marked.iif) == (5, "100", (1, 255), "br0")
    assert marked.source == ip_network("10.0.0.0/8")
    assert (inverted.inverted, inverted.suppress_prefix) == (True, 0)
    assert one.rules[3].unsure == "ipproto tcp, dport 53"
    assert len(one.ledger.unknowns) == len(two.ledger.unknowns) == 1


LINKS = [
    {"ifname": "lo", "flags": ["LOOPBACK", "UP"], "link_type": "loopback"},
    {
        "ifname": "br0",
        "flags": ["BROADCAST", "UP"],
        "linkinfo": {"info_kind": "bridge", "info_data": {"vlan_filtering": 1, "vlan_default_pvid": 1}},
    },
    {
        "ifname": "p1",
        "flags": ["BROADCAST"],
        "master": "br0",
        "altnames": ["enp1s0"],
        "linkinfo": {"info_slave_data": {"isolated": True}},
    },
    {
        "ifname": "br0.20",
        "link": "br0",
        "flags": ["UP"],
        "linkinfo": {"info_kind": "vlan", "info_data": {"id": 20}},
        "addr_info": [{"family": "inet", "local": "10.0.20.1", "prefixlen": 24}],
    },
    {"ifname": "wg0", "flags": ["POINTOPOINT", "UP"], "linkinfo": {"info_kind": "wireguard"}},
    {"ifname": "wan", "flags": ["UP"], "addr_info": [{"local": "8.8.4.4", "prefixlen": 24, "dynamic": True}]},
]
VLANS = [
    {
        "ifname": "p1",
        "vlans": [{"vlan": 1, "flags": ["PVID", "Egress Untagged"]}, {"vlan": 20}, {"vlan": 30, "vlanEnd": 32}],
    }
]


def test_links_and_vlans() -> None:
    draft = Draft()
    read_links(draft, "l", json.dumps(LINKS))
    read_vlans(draft, "v", json.dumps(VLANS))
    found = device(draft, "x").interfaces
    assert {name: one.kind for name, one in found.items()} == {
        "lo": "loopback",
        "br0": "bridge",
        "p1": "ethernet",
        "br0.20": "vlan",
        "wg0": "tunnel",
        "wan": "unknown",
    }
    assert (found["br0.20"].vlan, found["br0.20"].parent, found["br0.20"].addresses) == (
        20,
        "br0",
        (ip_interface("10.0.20.1/24"),),
    )
    port = found["p1"]
    assert (port.master, port.up, port.aliases, port.isolated) == ("br0", False, ("enp1s0",), True)
    assert (port.tagged, port.untagged) == (frozenset({20, 30, 31, 32}), 1)
    assert found["wan"].dynamic
    assert not draft.ledger.unknowns


def test_a_listing_that_tells_less_takes_nothing_back() -> None:
    draft = Draft()
    read_links(draft, "l", json.dumps(LINKS))
    before = dict(draft.interfaces)
    read_links(draft, "a", json.dumps([{"ifname": "br0.20", "flags": ["UP"]}, {"ifname": "p1", "flags": []}]))
    for name in ("br0.20", "p1"):
        old, new = before[name], draft.interfaces[name]
        assert (new.kind, new.parent, new.master, new.vlan) == (old.kind, old.parent, old.master, old.vlan)


def test_a_listed_device_without_routes_may_send_anywhere() -> None:
    draft = Draft()
    read_links(draft, "l", json.dumps(LINKS))
    assert not device(draft, "x").routing.known
    assert device(draft, "x").routing.forwarding


@pytest.mark.parametrize("reader", [read_links, read_routes, read_rules, read_vlans])
@pytest.mark.parametrize("text", ["[5]", "[", '[{"ifname": 5}', '[{"x": "y"}, 5]'])
def test_a_json_of_something_else_is_refused(reader: Callable[[Draft, str, str], None], text: str) -> None:
    with pytest.raises(Unreadable):
        reader(Draft(), "f", text)


REAL = [
    ("openlab/ip-4-addr-show.txt", read_links, 32, 0),
    ("openlab/ip-route-list.txt", read_routes, 53, 0),
    ("openlab/ip-route-list-table-DSL.txt", read_routes, 18, 0),
    ("openlab/ip-rule.txt", read_rules, 6, 0),
    ("sqrl/2015_aug_ip-addr", read_links, 52, 0),
    ("sqrl/routing2014", read_routes, 13, 0),
    ("sqrl/routing2016", read_routes, 13, 0),
    ("home_user/ip_addr", read_links, 28, 1),
]


@pytest.mark.parametrize(("name", "reader", "lines", "unknown"), REAL, ids=[one[0] for one in REAL])
def test_listings_of_strangers(name: str, reader: Callable[[Draft, str, str], None], lines: int, unknown: int) -> None:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the shared data is not here: {name}")
    draft = Draft()
    reader(draft, name, path.read_text())
    tally = draft.ledger.tally()
    assert (tally.lines, len(tally.unknown), tally.adds_up) == (lines, unknown, True)


@pytest.mark.real
def test_what_the_real_ip_lists() -> None:
    for options in ([], ["-j"]):
        draft = Draft()
        for reader, words in (
            (read_links, ["addr"]),
            (read_routes, ["route", "show", "table", "all"]),
            (read_rules, ["rule"]),
        ):
            listed = subprocess.run(["ip", *options, *words], capture_output=True, text=True, check=True).stdout
            reader(draft, " ".join(words), listed)
        assert draft.interfaces["lo"].kind == "loopback"
        assert ip_interface("127.0.0.1/8") in draft.interfaces["lo"].addresses
        assert len(draft.rules) >= 3
        assert not draft.ledger.unknowns
