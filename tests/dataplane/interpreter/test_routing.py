from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Interface, IPv4Network, IPv6Network, ip_address, ip_interface, ip_network

import pytest

from bailiwick.dataplane.interpreter import End, Header, outcomes, walk
from bailiwick.dataplane.interpreter.fib import Fib
from bailiwick.dataplane.model import Device, Interface, Route, RoutingRule
from bailiwick.dataplane.rules import AddressType, Drop, OnInterface, ReturnPath, SetField, Table
from bailiwick.dataplane.tally import Line
from tests.dataplane.interpreter.devices import DEFAULT, DMZ, INTERFACES, LAN, WAN, base, device, packet, rules, table

NET = IPv4Network
VPN = Route(NET("0.0.0.0/0"), interface="dmz", table="100", line=Line("routes", 2))
SHUT = Route(NET("0.0.0.0/0"), "unreachable", metric=9, table="100", line=Line("routes", 3))


def marks(mark: int, hook: str = "prerouting", type: str = "filter") -> Table:
    return table(base("mark", rules((SetField("mark", mark),)), hook, -150, type))


def test_what_is_the_devices_own_goes_to_input() -> None:
    for address in ("192.168.1.1", "203.0.113.7", "192.168.1.255", "255.255.255.255", "224.0.0.251"):
        assert walk(device(), packet(destination=address)).local, address
    assert walk(device(), packet(destination="192.168.1.0")).egress == "lan"


def test_the_longest_prefix_wins_then_the_least_metric() -> None:
    near = Route(NET("9.9.0.0/16"), interface="dmz")
    far = Route(NET("9.0.0.0/8"), interface="lan")
    worse = Route(NET("9.9.0.0/16"), interface="lan", metric=5)
    assert walk(device(routes=(DEFAULT, far, worse, near)), packet()).egress == "dmz"


def test_a_mark_chooses_a_table() -> None:
    rule = RoutingRule(100, table="100", mark=(0x10, 0xF0))
    one = device(marks(0x1F), routes=(DEFAULT, VPN, SHUT), routing_rules=(rule,))
    assert walk(one, packet()).egress == "dmz"
    assert walk(device(marks(0x2F), routes=(DEFAULT, VPN), routing_rules=(rule,)), packet()).egress == "wan"


def test_an_exit_that_is_down_is_closed_and_says_so() -> None:
    rule = RoutingRule(100, table="100", source=NET(f"{LAN}/32"))
    one = device(routes=(DEFAULT, VPN, SHUT), routing_rules=(rule,))
    assert walk(one, packet()).egress == "dmz"
    way = walk(one, packet(), down=frozenset({"dmz"}))
    assert (way.end, way.reason, str(way.decided)) == (End.UNROUTABLE, "unreachable", "routes:3")
    leaking = device(routes=(DEFAULT, VPN), routing_rules=(rule,))
    assert walk(leaking, packet(), down=frozenset({"dmz"})).egress == "wan"


def test_a_default_route_does_not_count_where_it_is_suppressed() -> None:
    rules_ = (RoutingRule(90, table="main", suppress_prefix=0), RoutingRule(100, table="100"))
    one = device(routes=(DEFAULT, VPN), routing_rules=rules_)
    assert walk(one, packet(destination=WAN)).egress == "dmz"
    assert walk(one, packet("192.168.2.20", LAN, "dmz")).egress == "lan"
    assert walk(device(routing_rules=rules_[:1]), packet()).egress == "wan", "the kernel's own rule comes after all"
    shut = device(routes=(replace(DEFAULT, kind="unreachable"), VPN), routing_rules=rules_)
    assert walk(shut, packet()).reason == "unreachable"


def test_throw_goes_on_with_the_next_rule_and_refusals_do_not() -> None:
    rule = RoutingRule(100, table="100")
    for kind, egress in (("throw", "wan"), ("blackhole", None), ("prohibit", None)):
        route = Route(NET("9.9.9.0/24"), kind, table="100")
        assert walk(device(routes=(DEFAULT, route), routing_rules=(rule,)), packet()).egress == egress
    refusing = RoutingRule(100, "unreachable", line=Line("ip rule", 1))
    assert str(walk(device(routing_rules=(refusing,)), packet()).decided) == "ip rule:1"


def test_rules_ask_for_interfaces_sources_and_their_contrary() -> None:
    def egress(rule: RoutingRule, **how: object) -> str | None:
        return walk(device(routes=(DEFAULT, VPN), routing_rules=(rule,)), packet(**how)).egress  # type: ignore[arg-type]

    assert egress(RoutingRule(1, table="100", iif="lan")) == "dmz"
    assert egress(RoutingRule(1, table="100", iif="wan")) == "wan"
    assert egress(RoutingRule(1, table="100", iif="wan", inverted=True)) == "dmz"
    assert egress(RoutingRule(1, table="100", iif="lo"), source="203.0.113.7", iif=None) == "dmz"
    assert egress(RoutingRule(1, table="100", family=6)) == "wan"
    assert egress(RoutingRule(1, table="254", source=NET("10.0.0.0/8"))) == "wan"


def test_own_packets_are_routed_again_by_a_route_chain_alone() -> None:
    rule = RoutingRule(100, table="100", mark=(1, 0xFFFFFFFF))
    own = packet("203.0.113.7", iif=None)
    seen = table(base("seen", rules((OnInterface("oif", ("dmz",)), Drop())), "output", 0), name="seen")
    for type_, egress in (("route", "dmz"), ("filter", "wan")):
        one = device(marks(1, "output", type_), seen, routes=(DEFAULT, VPN), routing_rules=(rule,))
        way = walk(one, own)
        assert (way.end, way.egress) == (End.ACCEPT, egress), "output sees the way as it was first"
    assert walk(device(routes=(DEFAULT, VPN), routing_rules=(rule,)), replace(own, mark=1)).egress == "dmz"


def test_what_the_device_sends_itself_comes_back_by_the_loopback() -> None:
    way = walk(device(), packet("192.168.1.1", "203.0.113.7", iif=None))
    assert way.local and way.left.iif == "lo"


def test_sources_that_nobody_there_can_have_are_refused() -> None:
    for source in ("192.168.1.1", "127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255"):
        way = walk(device(), packet(source))
        assert way.end is End.UNROUTABLE and "martian source" in way.reason, source
    assert walk(device(), packet("0.0.0.0", "255.255.255.255")).local
    asking = packet("0.0.0.0", "239.1.1.1")
    assert walk(device(), asking).reason == "martian source"
    assert walk(device(), replace(asking, protocol=2)).local, "who asks for a group may have no address yet"
    assert walk(device(), packet("10.9.9.9")).accepted
    turned = packet("192.168.1.255", "192.168.1.20")
    assert walk(device(), turned).reason == "martian source: broadcast", "looked at closely where it turns round"
    quiet = {f"net.ipv4.conf.{name}.send_redirects": "0" for name in ("all", "lan")}
    assert walk(device(settings=quiet), turned).accepted
    strict = device(settings={"net.ipv4.conf.all.rp_filter": "1"})
    assert walk(strict, packet("10.9.9.9")).reason == "rp_filter: the way back is another"
    assert walk(strict, packet()).accepted
    loose = device(settings={"net.ipv4.conf.lan.rp_filter": "2"}, routes=())
    assert walk(replace(loose, routing=device().routing), packet("10.9.9.9")).accepted, "any way back is enough"
    assert walk(loose, packet("10.9.9.9", DMZ)).reason == "rp_filter: no way back"


def test_a_device_that_does_not_forward() -> None:
    one = device(settings={"net.ipv4.ip_forward": "0"})
    assert walk(one, packet()).end is End.UNROUTABLE
    assert walk(one, packet(destination="192.168.1.1")).local


def test_without_routes_it_may_leave_by_any_interface() -> None:
    one = device(table(base("f", rules((OnInterface("oif", ("dmz",)), Drop())), "forward")), known=False, routes=())
    assert walk(one, packet()).end is End.UNKNOWN
    assert walk(one, packet(), egress="wan").end is End.ACCEPT
    assert walk(one, packet(), egress="dmz").end is End.DROP
    every = outcomes(one, packet())
    assert {way.egress for way in every.walks} == {None, "lan", "wan"}
    assert walk(one, packet(destination="192.168.1.1")).local


def test_a_learned_route_may_cover_the_destination_or_not() -> None:
    learned = Route(None, interface="dmz")
    assert {way.egress for way in outcomes(device(routes=(DEFAULT, learned)), packet()).walks} == {"dmz", "wan"}


def decides(test: AddressType | ReturnPath, header: Header, of: Device | None = None, hook: str = "prerouting") -> bool:
    filters = table(base("f", rules((test, Drop())), hook))
    plain = of if of is not None else device()
    return walk(replace(plain, tables=(filters,)), header).end is End.DROP


def test_the_local_table_says_what_kind_an_address_is() -> None:
    kinds = {
        "192.168.2.1": "local",
        "127.3.2.1": "local",
        DMZ: "unicast",
        WAN: "unicast",
        "192.168.2.255": "broadcast",
        "0.0.0.0": "broadcast",
        "239.1.1.1": "multicast",
    }
    for address, kind in kinds.items():
        for other in ("local", "unicast", "broadcast", "multicast"):
            test = AddressType("destination", frozenset({other}))
            assert decides(test, packet(destination=address)) is (other == kind), address
    here = AddressType("destination", frozenset({"local"}), limit_iif=True)
    assert decides(here, packet(destination="192.168.1.1"))
    assert not decides(here, packet(destination="192.168.2.1"))


def test_the_way_back() -> None:
    missing = ReturnPath()
    assert not decides(missing, packet())
    assert decides(missing, packet(DMZ)), "it came by another interface"
    assert not decides(ReturnPath(any_interface=True), packet(DMZ))
    assert decides(missing, packet("192.168.1.1")), "its own address is nobody's way back"
    assert not decides(missing, packet("192.168.1.255")), "a broadcast route stands by that interface"
    assert not decides(missing, packet("0.0.0.0", "255.255.255.255")), "a DHCP client"
    assert decides(missing, packet("0.0.0.0", "192.168.1.1")), "looked up as any other: the default route"


def test_addresses_of_ipv6() -> None:
    six = {
        "lan": Interface("lan", addresses=(ip_interface("fd00:1::1/64"),)),
        "wan": Interface("wan", addresses=(ip_interface("2001:db8::2/64"), ip_interface("fe80::1/64"))),
    }
    out = Route(IPv6Network("::/0"), interface="wan", gateway=ip_address("2001:db8::1"))
    one = device(routes=(out,), interfaces=six)

    def way(source: str, destination: str, iif: str = "lan") -> str:
        found = walk(one, Header(ip_address(source), ip_address(destination), iif, 17))
        return "local" if found.local else found.egress or found.reason

    assert way("fd00:1::5", "2606:4700::1") == "wan"
    assert way("fd00:1::5", "fd00:1::1") == way("fd00:1::5", "fd00:1::") == way("fd00:1::5", "ff02::1") == "local"
    assert way("::1", "fd00:1::1") == "martian address"
    assert way("fe80::5", "2606:4700::1") == "a source of one link alone"


def test_the_kind_of_an_ipv6_address_depends_on_who_asks() -> None:
    six = {"lan": Interface("lan", addresses=(ip_interface("fd00:1::1/64"),))}
    refusing = RoutingRule(100, "prohibit", source=IPv6Network("fd00:1::8/128"))
    one = device(interfaces=six, routes=(), routing_rules=(refusing,))
    for host, refused in (("fd00:1::8", True), ("fd00:1::9", False)):
        header = Header(ip_address(host), ip_address("fd00:1::20"), "lan", 17)
        chain = base("f", rules((AddressType("destination", frozenset({"prohibit"})), Drop())), "prerouting")
        found = walk(replace(one, tables=(table(chain, family="ip6"),)), header)
        assert (found.end is End.DROP) is refused


def test_addresses_of_an_interface_that_is_down_stay_local_but_lead_nowhere() -> None:
    fib = Fib(device(routes=()), frozenset({"dmz"}))
    assert fib.kind(ip_address("192.168.2.1")) == "local"
    assert fib.lookup(ip_address(DMZ), None, "lan") is None


@pytest.mark.parametrize("length", [31, 32])
def test_small_networks_have_no_broadcast(length: int) -> None:
    pair = {**INTERFACES, "p2p": Interface("p2p", addresses=(IPv4Interface(f"10.0.0.0/{length}"),))}
    fib = Fib(device(interfaces=pair, routes=()))
    assert fib.kind(ip_address("10.0.0.1")) == "unicast"
    assert (fib.lookup(ip_address("10.0.0.1"), None, "lan") is not None) is (length == 31)
    assert ip_network("10.0.0.0/31")[1] == ip_address("10.0.0.1")


UNREAD = Line("routes", 9)


def egresses(one: Device, **how: object) -> set[str | None]:
    return {way.egress for way in outcomes(one, packet(**how)).walks}  # type: ignore[arg-type]


def test_a_route_for_some_packets_alone_may_hold_or_not() -> None:
    near = Route(NET("9.9.9.0/24"), interface="dmz", unsure="tos 0x10")
    assert egresses(device(routes=(DEFAULT, near))) == {"dmz", "wan"}
    assert egresses(device(routes=(DEFAULT, near)), destination="8.8.8.8") == {"wan"}
    own = Route(NET("9.9.9.9/32"), "local", interface="lan", table="local", unsure="tos 0x10")
    assert {way.local for way in outcomes(device(routes=(DEFAULT, own)), packet()).walks} == {True, False}


@pytest.mark.parametrize("inverted", [False, True])
def test_a_rule_for_some_packets_alone_may_be_asked_or_not(inverted: bool) -> None:
    rule = RoutingRule(100, table="100", source=NET("192.168.1.0/24"), inverted=inverted, unsure="sport 22")
    one = device(routes=(DEFAULT, VPN), routing_rules=(rule,))
    assert egresses(one) == {"dmz", "wan"}
    assert egresses(one, source=DMZ, iif="dmz") == ({"dmz"} if inverted else {"wan"})


def test_a_rule_for_some_packets_does_not_stand_for_the_kernels_own() -> None:
    rule = RoutingRule(32766, table="main", unsure="uidrange 0-99")
    assert egresses(device(routing_rules=(rule,))) == {"wan"}
    rule = RoutingRule(32766, table="main", family=4)
    out = Route(IPv6Network("::/0"), interface="wan")
    one = device(routes=(out,), routing_rules=(rule,))
    assert walk(one, Header(ip_address("2001:db8::5"), ip_address("2606:4700::1"), "lan", 17)).egress == "wan"


def test_a_route_that_could_not_be_read_may_be_any() -> None:
    unread = Route(None, lasting=False, line=UNREAD, unsure="a route with `tap`")
    ways = outcomes(device(routes=(DEFAULT, unread)), packet()).walks
    assert {way.egress for way in ways if way.accepted and not way.local} == {"lan", "dmz", "wan"}
    assert any(way.local for way in ways) and any(way.end is End.UNROUTABLE for way in ways)
    own = outcomes(device(routes=(DEFAULT, unread)), packet("203.0.113.7", iif=None)).walks
    assert {"lan", "dmz", "wan"} <= {way.egress for way in own}
    strict = device(routes=(DEFAULT, unread), settings={"net.ipv4.conf.all.rp_filter": "1"})
    assert {way.accepted for way in outcomes(strict, packet("10.9.9.9")).walks} == {True, False}


def test_a_learned_prefix_may_be_longer_than_what_is_suppressed() -> None:
    rules_ = (RoutingRule(90, table="main", suppress_prefix=0), RoutingRule(100, table="100"))
    learned = Route(None, interface="lan")
    assert egresses(device(routes=(learned, VPN), routing_rules=rules_)) == {"lan", "dmz"}
