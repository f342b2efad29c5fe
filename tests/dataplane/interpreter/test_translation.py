from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, ip_address

import pytest

from bailiwick.dataplane.interpreter import End, Header, Interpreter, walk
from bailiwick.dataplane.model import Device, Interface
from bailiwick.dataplane.rules import (
    Accept,
    Among,
    Drop,
    Key,
    NoTrack,
    OnInterface,
    Rule,
    SetField,
    Step,
    Table,
    Target,
    Translate,
)
from bailiwick.packets.header import State, Status
from bailiwick.packets.interval import IntervalSet
from tests.dataplane.interpreter.devices import (
    DMZ,
    INTERFACES,
    LAN,
    WAN,
    base,
    device,
    packet,
    port,
    rules,
    table,
)

HERE, MASKED = "203.0.113.7", Translate("masquerade")
TO_DMZ = Translate("dnat", Target(ip_address(DMZ), ports=(8443, 8443)))
BEHIND = (Among("status", IntervalSet.single(1), mask=1), Accept())


def nat(*chains: tuple[str, tuple[Rule, ...]]) -> Table:
    priorities = {"prerouting": -100, "output": -100, "input": 100, "postrouting": 100}
    return table(*(base(name, each, name, priorities[name], "nat") for name, each in chains), name="nat")


def forwarded() -> Device:
    """A port of the uplink's address leads to the DMZ; everybody goes out masqueraded."""
    return device(
        nat(
            ("prerouting", rules((port(443), Among("destination", single(HERE)), TO_DMZ), file="pre")),
            ("postrouting", rules((OnInterface("oif", ("wan",)), MASKED), file="post")),
        ),
        table(base("forward", rules(BEHIND, (Among("state", IntervalSet.single(1)), Accept())), "forward", drops=True)),
    )


def single(address: str) -> IntervalSet:
    return IntervalSet.single(int(ip_address(address)))


def test_the_destination_changes_before_the_route_is_looked_up() -> None:
    way = walk(forwarded(), packet(WAN, HERE, "wan"))
    assert (way.end, way.egress, str(way.decided)) == (End.ACCEPT, "dmz", "rules:1")
    assert (str(way.left.destination), way.left.destination_port) == (DMZ, 8443)
    assert Status.DNAT in way.left.status


def test_the_answer_goes_back_by_the_same_translation() -> None:
    interpreter = Interpreter(forwarded())
    back = interpreter.reply(interpreter.walk(packet(WAN, HERE, "wan")))
    assert (back.end, back.egress, str(back.left.source), back.left.source_port) == (End.ACCEPT, "wan", HERE, 443)
    assert str(back.left.destination) == WAN and str(back.decided) == "rules:1"
    assert not [step for step in back.steps if step.table == "ip nat"]


def test_a_translation_to_what_it_was_is_not_told_by_the_status() -> None:
    same = Translate("dnat", Target(ip_address(DMZ)))
    one = device(nat(("prerouting", rules((same,)))), table(base("f", rules(BEHIND), "forward", drops=True)))
    assert walk(one, packet(LAN, DMZ)).end is End.DROP
    assert walk(one, packet(LAN, WAN)).end is End.ACCEPT


def test_only_the_first_packet_of_a_connection_is_asked() -> None:
    one = device(nat(("prerouting", rules((Drop(),)))))
    assert walk(one, packet()).end is End.DROP
    assert walk(one, packet(status=Status.CONFIRMED)).end is End.ACCEPT
    for state in (State.ESTABLISHED, State.INVALID, State.UNTRACKED):
        assert walk(one, packet(state=state)).end is End.ACCEPT
    assert walk(one, packet(state=State.RELATED)).end is End.DROP
    error = replace(packet(state=State.RELATED), protocol=1, source_port=0, destination_port=0)
    assert walk(one, error).end is End.ACCEPT


def test_the_first_chain_that_translates_keeps_the_others_from_it() -> None:
    first, second = (
        base(name, rules((Translate("dnat", Target(ip_address(to))),), file=name), "prerouting", priority, "nat")
        for name, to, priority in (("late", DMZ, -90), ("early", LAN, -110))
    )
    way = walk(device(table(first, second)), packet(WAN, HERE, "wan"))
    assert str(way.left.destination) == LAN


def test_notrack_leaves_no_translation() -> None:
    raw = table(base("raw", rules((NoTrack(),)), "prerouting", -300), name="raw")
    way = walk(device(raw, *forwarded().tables), packet())
    assert way.left.state is State.UNTRACKED and str(way.left.source) == LAN and way.connection is None


def test_nothing_in_the_map_is_no_match() -> None:
    lookup = Translate(
        "dnat",
        keys=(Key("destination_port"),),
        entries=(((IntervalSet.single(80),), Target(ip_address(DMZ))),),
    )
    one = device(nat(("prerouting", rules((lookup,), (Drop(),)))))
    assert str(walk(one, packet(port=80)).left.destination) == DMZ
    assert walk(one, packet(port=81)).end is End.DROP


def test_a_port_inside_the_range_stays() -> None:
    to = Translate("dnat", Target(ip_address(DMZ), ports=(8000, 8010)))
    one = device(nat(("prerouting", rules((to,)))))
    assert walk(one, packet(port=8005)).left.destination_port == 8005
    assert walk(one, packet(port=9000)).left.destination_port == 8000


def test_masquerade_takes_the_address_of_the_way_out() -> None:
    way = walk(device(nat(("postrouting", rules((MASKED,))))), packet())
    assert str(way.left.source) == HERE
    assert (
        str(walk(device(nat(("postrouting", rules((MASKED,))))), packet(destination=DMZ)).left.source) == "192.168.2.1"
    )


def test_masquerade_without_an_address_drops() -> None:
    bare = {name: replace(one, addresses=()) for name, one in INTERFACES.items()}
    one = device(nat(("postrouting", rules((MASKED,)))), interfaces=bare, routes=(), known=False)
    assert walk(one, packet(), egress="wan").end is End.DROP


def test_a_changing_address_is_a_symbol_there_and_back() -> None:
    interfaces = {**INTERFACES, "wan": Interface("wan", "ppp", dynamic=True)}
    routes = (replace(device().routing.routes[0], gateway=None),)
    own = table(base("input", rules((port(22), Accept())), "input", drops=True))
    one = device(nat(("postrouting", rules((MASKED,)))), own, interfaces=interfaces, routes=routes)
    interpreter = Interpreter(one)
    out = interpreter.walk(packet())
    assert out.left.dynamic_source == "wan"
    back = interpreter.reply(out)
    assert back.packet.dynamic == "wan"
    assert (back.egress, str(back.left.destination), back.left.dynamic) == ("lan", LAN, None)
    knock = packet(WAN, "198.18.0.1", "wan", 22, dynamic="wan")
    assert interpreter.walk(knock).local
    assert Interpreter(one, down=frozenset({"wan"})).walk(replace(knock, iif="lan")).end is End.UNROUTABLE


def test_redirect_leads_to_the_address_of_the_way_in() -> None:
    redirect = Translate("redirect", Target(ports=(5353, 5353)))
    way = walk(device(nat(("prerouting", rules((redirect,))))), packet(port=53))
    assert way.local and (str(way.left.destination), way.left.destination_port) == ("192.168.1.1", 5353)
    own = walk(device(nat(("output", rules((redirect,))))), packet(HERE, iif=None))
    assert own.local and str(own.left.destination) == "127.0.0.1"


def test_own_packets_are_routed_again_when_their_destination_changes() -> None:
    way = walk(device(nat(("output", rules((TO_DMZ,))))), packet(HERE, iif=None))
    assert (way.egress, str(way.left.destination)) == ("dmz", DMZ)


def test_the_source_changes_on_the_way_to_a_service() -> None:
    to = Translate("snat", Target(ip_address(DMZ)))
    way = walk(device(nat(("input", rules((to,))))), packet(LAN, "192.168.1.1"))
    assert way.local and str(way.left.source) == DMZ


def test_a_translation_where_none_can_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="masquerade at prerouting"):
        walk(device(nat(("prerouting", rules((MASKED,))))), packet())


def test_the_mark_of_the_connection_comes_back() -> None:
    keep: tuple[Step, ...] = (SetField("ct_mark", 7),)
    marked = (Among("ct_mark", IntervalSet.single(7)), Drop())
    one = device(
        table(
            base("pre", rules(keep), "prerouting", -150),
            base("late", rules((Among("direction", IntervalSet.single(1)), *marked)), "forward"),
        )
    )
    interpreter = Interpreter(one)
    first = interpreter.walk(packet())
    assert first.accepted and interpreter.reply(first).end is End.DROP


def test_nobody_answers_what_was_dropped_or_is_no_question() -> None:
    interpreter = Interpreter(device(table(base("f", rules((Drop(),)), "forward"))))
    with pytest.raises(ValueError, match="not accepted"):
        interpreter.reply(interpreter.walk(packet()))
    unreachable = Header(IPv4Address(LAN), IPv4Address(WAN), "lan", 1, icmp_type=3)
    with pytest.raises(ValueError, match="type 3"):
        Interpreter(device()).reply(walk(device(), unreachable))
