"""Each matcher of a rule, as tests of the one form."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from bailiwick.dataplane.rules import (
    Accept,
    AddressType,
    Among,
    AnyOf,
    Key,
    Lookup,
    Note,
    OnInterface,
    Step,
    Unknown,
)
from bailiwick.packets.interval import NOTHING, IntervalSet
from tests.dataplane.routeros.exports import read, steps, unknown

TCP = Among("protocol", IntervalSet.single(6))
LISTS = """/interface list
add name=WAN
add name=LAN
add name=BOTH include=WAN,LAN
add name=INSIDE include=all exclude=WAN
/interface list member
add interface=ether1 list=WAN
add interface=bridge list=LAN
add interface=*2000012 list=LAN
add interface=ether9 list=LAN disabled=yes
/interface vlan
add name=vlan10 vlan-id=10 interface=bridge
add name=vlan20 vlan-id=20 interface=bridge
/interface pppoe-client
add name=isp interface=ether1
/ip firewall address-list
add list=hosts address=10.0.0.1
add list=hosts address=10.0.1.0/24
add list=hosts address=10.0.2.5-10.0.2.9
add list=hosts address=10.9.9.9 disabled=yes
add list=named address=10.0.0.1
add list=named address=cloud.example.com
add list=brief address=10.0.0.1 timeout=1d
"""


def at(*pairs: str) -> IntervalSet:
    ends = (pair.split("-") for pair in pairs)
    return IntervalSet.of((int(ip_address(one[0])), int(ip_address(one[-1]))) for one in ends)


def numbers(*pairs: tuple[int, int]) -> IntervalSet:
    return IntervalSet.of(pairs)


CASES: list[tuple[str, tuple[Step, ...]]] = [
    ("protocol=udp", (Among("protocol", numbers((17, 17))),)),
    ("protocol=!icmp", (Among("protocol", numbers((1, 1)), None, True),)),
    ("protocol=139", (Among("protocol", numbers((139, 139))),)),
    ("src-address=10.0.0.5", (Among("source", at("10.0.0.5")),)),
    ("src-address=10.0.0.5/24", (Among("source", at("10.0.0.0-10.0.0.255")),)),
    ("dst-address=!10.0.0.1-10.0.0.9", (Among("destination", at("10.0.0.1-10.0.0.9"), None, True),)),
    ("dst-address=/0", (Among("destination", at("0.0.0.0-255.255.255.255")),)),
    ("dst-address-type=local,broadcast", (AddressType("destination", frozenset({"local", "broadcast"})),)),
    ("src-address-type=!local", (AddressType("source", frozenset({"local"}), True),)),
    ("in-interface=ether1", (OnInterface("iif", ("ether1",)),)),
    ("out-interface=!isp", (OnInterface("oif", ("isp",), True),)),
    ("in-interface=*2000012", (Among("protocol", NOTHING),)),
    ("in-interface=!*2000012", (Among("protocol", NOTHING),)),
    ("in-interface=all-vlan", (OnInterface("iif", ("vlan10", "vlan20")),)),
    ("in-interface=!all-ppp", (OnInterface("iif", ("<*", "isp"), True),)),
    ("in-interface-list=LAN", (OnInterface("iif", ("bridge",)),)),
    ("in-interface-list=!WAN", (OnInterface("iif", ("ether1",), True),)),
    ("out-interface-list=BOTH", (OnInterface("oif", ("bridge", "ether1")),)),
    ("in-interface-list=INSIDE", (OnInterface("iif", ("ether1",), True),)),
    ("in-interface-list=all", ()),
    ("in-interface-list=none", (Among("protocol", NOTHING),)),
    ("in-interface-list=!none", ()),
    ("in-interface-list=!*2000010", (Among("protocol", NOTHING),)),
    ("protocol=tcp dst-port=80,8000-8010", (TCP, Among("destination_port", numbers((80, 80), (8000, 8010))))),
    ("protocol=tcp src-port=!22", (TCP, Among("source_port", numbers((22, 22)), None, True))),
    (
        "protocol=tcp port=53",
        (TCP, AnyOf(((Among("source_port", numbers((53, 53))),), (Among("destination_port", numbers((53, 53))),)))),
    ),
    ("connection-state=established,related", (Among("state", numbers((1, 2))),)),
    ("connection-state=!new,untracked", (Among("state", numbers((0, 0), (4, 4)), None, True),)),
    ("connection-nat-state=!dstnat", (Among("status", numbers((1, 7)), 1, True),)),
    ("connection-nat-state=srcnat,dstnat", (Among("status", numbers((1, 7)), 3),)),
    ("connection-mark=no-mark", (Among("ct_mark", numbers((0, 0))),)),
    ("connection-mark=!a", (Among("ct_mark", numbers((1, 1)), None, True),)),
    ("packet-mark=a", (Among("mark", numbers((1, 1)), 0xFFFF),)),
    ("routing-mark=a", (Among("mark", numbers((0x10000, 0x10000)), 0xFFFF0000),)),
    (
        "protocol=icmp icmp-options=3:0-5",
        (Among("protocol", numbers((1, 1))), Among("icmp_type", numbers((3, 3))), Among("icmp_code", numbers((0, 5)))),
    ),
    (
        "icmp-options=!8:0",
        (
            Among("protocol", numbers((1, 1))),
            AnyOf(((Among("icmp_type", numbers((8, 8))), Among("icmp_code", numbers((0, 0)))),), True),
        ),
    ),
    ("tcp-flags=syn,!ack", (TCP, Among("tcp_flags", numbers((2, 2)), 18))),
    ("protocol=tcp tcp-flags=!fin,!syn", (TCP, Among("tcp_flags", numbers((0, 0)), 3))),
    ("ipsec-policy=in,ipsec", (Among("protocol", NOTHING),)),
    ("ipsec-policy=out,none", ()),
    ("log=yes log-prefix=x", (Note("log x"),)),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_matcher(text: str, expected: tuple[Step, ...]) -> None:
    assert steps(f"action=accept {text}", LISTS) == (*expected, Accept())
    assert list(unknown(read(f"{LISTS}/ip firewall filter\nadd chain=input action=accept {text}\n"))) == [22, 23]


@pytest.mark.parametrize("negated", [False, True])
def test_an_address_list(negated: bool) -> None:
    (lookup, _) = steps(f"src-address-list={'!' * negated}hosts", LISTS)
    assert isinstance(lookup, Lookup)
    assert (lookup.keys, lookup.name, lookup.negated) == ((Key("source"),), "hosts", negated)
    assert lookup.entries == ((at("10.0.0.1"),), (at("10.0.1.0-10.0.1.255"),), (at("10.0.2.5-10.0.2.9"),))
    assert [line.number for line in lookup.lines if line] == [17, 18, 19]


@pytest.mark.parametrize(("name", "steady"), [("named", True), ("absent", True), ("filled", False), ("hosts", False)])
def test_a_list_that_may_hold_more(name: str, steady: bool) -> None:
    fill = "/ip firewall raw\n" + "".join(
        f"add chain=prerouting action=add-src-to-address-list address-list={filled} protocol=tcp\n"
        for filled in {"hosts": ("filled", "hosts")}.get(name, ("filled",))
    )
    (test, _) = steps(f"dst-address-list=!{name}", LISTS + fill)
    assert isinstance(test, AnyOf)
    assert test.negated
    (may,) = test.options[-1]
    assert isinstance(may, Unknown)
    assert may.steady is steady
    assert len(test.options) == (2 if name in ("named", "hosts") else 1)


@pytest.mark.parametrize(
    "script",
    [
        '/system script\nadd name=a source="/ip firewall address-list add list=hosts address=\\$x"\n',
        ":foreach x in=$y do={ /ip firewall address-list add list=hosts address=$x }\n",
        "/ip dhcp-server\nadd name=a interface=bridge address-lists=hosts\n",
    ],
)
def test_a_list_that_a_script_or_a_service_changes(script: str) -> None:
    (test, _) = steps("src-address-list=hosts", LISTS + script)
    assert isinstance(test, AnyOf)
    (may,) = test.options[1]
    assert isinstance(may, Unknown)
    assert not may.steady


@pytest.mark.parametrize(
    ("filling", "possible"),
    [
        ("/ppp profile\nadd name=dial interface-list=LAN\n", ("<*",)),
        ("/ppp profile\nset default interface-list=LAN\n", ("<*", "isp")),
        ("/interface detect-internet\nset lan-interface-list=LAN\n", ("bridge",)),
    ],
)
def test_an_interface_list_that_fills_while_the_router_runs(filling: str, possible: tuple[str, ...]) -> None:
    (test, _) = steps("in-interface-list=!LAN", LISTS + filling)
    assert isinstance(test, AnyOf)
    assert test.negated
    certain, (may_be, may) = test.options
    assert certain == (OnInterface("iif", ("bridge",)),)
    assert isinstance(may_be, OnInterface)
    assert (may_be.patterns, may_be.negated) == (possible, possible == ("bridge",))
    assert isinstance(may, Unknown)


@pytest.mark.parametrize(
    ("text", "steady"),
    [
        ("src-mac-address=00:11:22:33:44:55", True),
        ("limit=10,5:packet", False),
        ("dst-limit=1,5,dst-address", False),
        ("random=50", False),
        ("nth=2,1", False),
        ("content=x", False),
        ("layer7-protocol=x", False),
        ("time=8h-18h,mon,tue", False),
        ("psd=21,3s,3,1", False),
        ("hotspot=!auth", True),
        ("connection-limit=10,32", False),
        ("connection-bytes=5000000-0", False),
        ("connection-rate=0-999k", False),
        ("per-connection-classifier=both-addresses:2/0", True),
        ("packet-size=0-250", True),
        ("ttl=equal:1", True),
        ("dscp=10", True),
        ("tls-host=*.example.com", False),
        ("connection-type=ftp", True),
        ("fragment=yes", True),
    ],
)
def test_what_is_not_read_may_match(text: str, steady: bool) -> None:
    (test, _) = steps(text)
    if isinstance(test, AnyOf):
        ((test,),) = test.options
    assert isinstance(test, Unknown)
    assert test.steady is steady
    assert 3 in unknown(read(f"\n/ip firewall filter\nadd chain=input {text}\n"))


def test_opposite_questions_have_one_key() -> None:
    before = "/ip ipsec peer\nadd address=203.0.113.1\n"
    (yes, _), (no, _) = steps("ipsec-policy=in,ipsec", before), steps("ipsec-policy=in,none", before)
    assert isinstance(yes, Unknown)
    assert isinstance(no, AnyOf)
    ((other,),) = no.options
    assert no.negated
    assert isinstance(other, Unknown)
    assert other.key == yes.key


def test_an_empty_matcher_is_as_none_and_noted() -> None:
    assert steps('connection-state="" hotspot=""') == (Accept(),)


def test_ipv6_has_lists_and_protocols_of_its_own() -> None:
    before = (
        "/ipv6 firewall address-list\nadd list=bad address=fec0::/10\n"
        "/ip firewall address-list\nadd list=bad address=10.0.0.1\n"
    )
    found = steps("src-address-list=bad protocol=icmpv6 icmp-options=128", before, "/ipv6 firewall filter")
    assert isinstance(found[0], Lookup)
    assert found[0].entries == ((at("fec0::-feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),),)
    assert found[1:3] == (Among("protocol", numbers((58, 58))), Among("icmp_type", numbers((128, 128))))
