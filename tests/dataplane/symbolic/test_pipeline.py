"""One device, question by question."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, ip_interface
from pathlib import Path

import pytest

from bailiwick.dataplane.iptables.reader import read
from bailiwick.dataplane.model import Device, Interface, Route, Routing, RoutingRule
from bailiwick.dataplane.rules import (
    Accept,
    Among,
    AnyOf,
    Chain,
    Drop,
    Family,
    Hook,
    Jump,
    OnInterface,
    Rule,
    SetField,
    Step,
    Table,
    Target,
    Translate,
    Unknown,
)
from bailiwick.dataplane.symbolic.addresses import Scenario
from bailiwick.dataplane.symbolic.dead import Cause, dead_in_all, dead_rules
from bailiwick.dataplane.symbolic.delivery import Deliveries
from bailiwick.dataplane.symbolic.effect import ANYTHING, Effect, Spread, Value, after
from bailiwick.dataplane.symbolic.interfaces import NONE, Interfaces, TooMany
from bailiwick.dataplane.symbolic.masks import among
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.dataplane.symbolic.split import LOCAL, NOWHERE
from bailiwick.dataplane.tally import Line
from bailiwick.packets import engine
from bailiwick.packets.interval import IntervalSet

DUMPS = Path(__file__).parents[4] / "shared" / "data" / "iptables"
LAN = Interface("lan", addresses=(ip_interface("192.168.1.1/24"),))
WAN = Interface("wan", dynamic=True)
VPN = Interface("vpn", addresses=(ip_interface("10.9.0.2/32"),))
EVERYWHERE = IPv4Network("0.0.0.0/0")
TORRENT = IPv4Network("192.168.1.66/32")


def rule(*steps: Step, number: int = 1) -> Rule:
    return Rule(steps, Line("rules", number))


def table(*chains: Chain, family: str = "ip") -> Table:
    return Table(family, "t", {chain.name: chain for chain in chains})


def router(*tables: Table, routes: tuple[Route, ...] = (), rules: tuple[RoutingRule, ...] = ()) -> Device:
    default = Route(EVERYWHERE, interface="wan", lasting=False)
    return Device(
        "router",
        interfaces={i.name: i for i in (LAN, WAN, VPN)},
        tables=tables,
        routing=Routing((default, *routes), rules),
    )


def fields(source: str, destination: str, iif: int, **others: int) -> dict[str, int]:
    return {"source": int(IPv4Address(source)), "destination": int(IPv4Address(destination)), "iif": iif, **others}


def by_vpn(*, closed: bool) -> Device:
    """One host goes out by the tunnel; ``closed``: and by nothing else."""
    routes: tuple[Route, ...] = (Route(EVERYWHERE, interface="vpn", table="out", lasting=False),)
    if closed:
        routes += (Route(EVERYWHERE, "unreachable", metric=9, table="out"),)
    rules = (RoutingRule(10, table="main", suppress_prefix=0), RoutingRule(20, table="out", source=TORRENT))
    return router(routes=routes, rules=rules)


def test_a_host_with_a_way_out_of_its_own_keeps_to_it_while_the_tunnel_is_up() -> None:
    pipeline = Pipeline(by_vpn(closed=False), 4)
    lan, wan, vpn = (pipeline.interfaces.number(name) for name in ("lan", "wan", "vpn"))
    routed = pipeline.routed()
    outward = fields("192.168.1.66", "8.8.8.8", lan)
    assert routed[vpn].must.holds(outward)
    assert not routed[wan].may.holds(outward)
    assert routed[wan].must.holds(fields("192.168.1.67", "8.8.8.8", lan))
    assert routed[LOCAL].must.holds(fields("192.168.1.66", "192.168.1.1", lan))


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("scenario", [Scenario(frozenset({"vpn"})), Scenario(uncertain=True)])
def test_it_leaks_without_the_tunnel_unless_a_lasting_route_stops_it(scenario: Scenario, closed: bool) -> None:
    pipeline = Pipeline(by_vpn(closed=closed), 4)
    lan, wan = pipeline.interfaces.number("lan"), pipeline.interfaces.number("wan")
    routed = pipeline.routed(scenario)
    outward = fields("192.168.1.66", "8.8.8.8", lan)
    neighbour = scenario.uncertain  # what stands beside an uplink with a changing address is anyone's guess
    assert routed[wan].may.holds(outward) is (not closed or neighbour)
    assert routed[NOWHERE].may.holds(outward) is (closed or scenario.uncertain)


def test_a_rule_may_ask_where_a_packet_came_in() -> None:
    device = router(
        rules=(RoutingRule(10, "unreachable", iif="vpn"), RoutingRule(20, "blackhole", iif="lo", source=TORRENT))
    )
    pipeline = Pipeline(device, 4)
    lan, vpn, wan = (pipeline.interfaces.number(name) for name in ("lan", "vpn", "wan"))
    routed, own = pipeline.routed(), pipeline.routed(own=True)
    assert routed[NOWHERE].must.holds(fields("10.0.0.1", "8.8.8.8", vpn))
    assert routed[wan].must.holds(fields("10.0.0.1", "8.8.8.8", lan))
    assert own[NOWHERE].must.holds(fields("192.168.1.66", "8.8.8.8", NONE))
    assert own[wan].must.holds(fields("192.168.1.1", "8.8.8.8", NONE))


def test_a_rule_that_asks_for_the_unknown_may_hold_or_not() -> None:
    rule_ = RoutingRule(10, "unreachable", unsure="tos 0x10")
    routed, inverted = (Pipeline(router(rules=(one,)), 4).routed() for one in (rule_, replace(rule_, inverted=True)))
    outward = fields("192.168.1.5", "8.8.8.8", 3)
    for each in (routed, inverted):
        assert each[NOWHERE].may.holds(outward)
        assert not each[NOWHERE].must.holds(outward)
    unsure = replace(router(), routing=Routing((Route(EVERYWHERE, interface="wan", unsure="from a source"),)))
    there = Pipeline(unsure, 4).routed()
    assert there[NOWHERE].may.holds(outward)


def test_a_mark_set_before_routing_chooses_the_way() -> None:
    mangle = table(
        Chain(
            "pre",
            (rule(Among("destination_port", IntervalSet.single(443)), SetField("mark", 7)),),
            Hook("filter", "prerouting", -150),
        )
    )
    routes = (Route(EVERYWHERE, interface="vpn", table="out"),)
    device = router(mangle, routes=routes, rules=(RoutingRule(10, table="out", mark=(7, 255)),))
    pipeline = Pipeline(device, 4)
    lan, wan, vpn = (pipeline.interfaces.number(name) for name in ("lan", "wan", "vpn"))
    sent = Deliveries(pipeline).foreign.sent
    packet = fields("192.168.1.5", "8.8.8.8", lan, protocol=6)
    assert sent.certain.holds({**packet, "destination_port": 443, "oif": vpn})
    assert not sent.possible.holds({**packet, "destination_port": 443, "oif": wan})
    assert sent.certain.holds({**packet, "destination_port": 80, "oif": wan})


def doors() -> Device:
    nat = Chain(
        "nat",
        (
            rule(
                OnInterface("iif", ("wan",)),
                Among("protocol", IntervalSet.single(6)),
                Among("destination_port", IntervalSet.single(443)),
                Translate("dnat", Target(IPv4Address("192.168.1.5"), ports=(8443, 8443))),
                number=3,
            ),
        ),
        Hook("nat", "prerouting", -100),
    )
    only = rule(Among("status", IntervalSet.single(1), mask=1), Accept(), number=4)
    return router(table(nat, Chain("fwd", (only,), Hook("filter", "forward", 0, Drop()))))


def test_a_door_is_told_in_both_coordinates() -> None:
    pipeline = Pipeline(doors(), 4)
    wan, lan = pipeline.interfaces.number("wan"), pipeline.interfaces.number("lan")
    made = pipeline.translations("prerouting").made
    outside = fields("8.8.8.8", "203.0.113.9", wan, protocol=6, destination_port=443, dynamic=1)
    assert [one.landing.line.number for one in made if one.region.holds({**outside, "state": 0})] == [3]
    delivered = Deliveries(pipeline).foreign
    assert delivered.sent.certain.holds({**outside, "oif": lan})
    behind = fields("8.8.8.8", "192.168.1.5", wan, protocol=6, destination_port=8443, oif=lan)
    assert delivered.filter.certain.holds({**behind, "status": 1})
    assert not delivered.filter.possible.holds(behind)
    assert delivered.arrives.holds(behind)


def test_a_doubt_is_neither_accepted_nor_refused_for_certain() -> None:
    chain = Chain("fwd", (rule(Unknown("limit"), Drop()), rule(Accept())), Hook("filter", "forward", 0, Drop()))
    accepted = Pipeline(router(table(chain)), 4).filtered("forward")
    assert accepted.may.holds({})
    assert not accepted.must.holds({})


def test_the_contrary_of_a_doubt_is_a_doubt() -> None:
    web, limit = Among("destination_port", IntervalSet.single(80)), Unknown("limit")
    chain = Chain("fwd", (rule(AnyOf(((web, limit),), negated=True), Accept()),), Hook("filter", "forward", 0, Drop()))
    accepted = Pipeline(router(table(chain)), 4).filtered("forward")
    assert accepted.may.holds({"destination_port": 80})
    assert not accepted.must.holds({"destination_port": 80})
    assert accepted.must.holds({"destination_port": 81})


def test_what_two_rules_take_together_is_dead() -> None:
    low, high = IntervalSet.span(0, 99), IntervalSet.span(100, 65535)
    rules = (
        rule(Among("source_port", IntervalSet.span(0, 9)), Drop(), number=1),
        rule(Among("destination_port", low), Jump("user"), number=2),
        rule(Among("destination_port", high), Drop(), number=3),
        rule(Accept(), number=4),
    )
    user = Chain("user", (rule(Drop(), number=5),))
    pipeline = Pipeline(router(table(Chain("fwd", rules, Hook("filter", "forward", 0)), user)), 4)
    (dead,) = dead_rules(pipeline.reach(pipeline.tables[0]))
    assert (dead.rule.line.number, dead.cause) == (4, Cause.SHADOWED)
    assert [line.number for line in dead.lines] == [5, 3]  # the first takes nothing that these do not


def test_a_rule_of_one_family_is_dead_for_the_other_alone() -> None:
    rules = (rule(Family(6), Drop(), number=1), rule(Accept(), number=2), rule(Drop(), number=3))
    device = router(table(Chain("fwd", rules, Hook("filter", "forward", 0)), family="inet"))
    found = []
    for family in (4, 6):
        pipeline = Pipeline(device, family)
        found.append(list(dead_rules(pipeline.reach(pipeline.tables[0]))))
    assert [one.rule.line.number for one in found[0]] == [1, 3]
    assert [one.rule.line.number for one in dead_in_all(*found)] == [3]


def test_every_pattern_has_a_number_of_its_own() -> None:
    chain = Chain("fwd", (rule(OnInterface("iif", ("wa*", "w*", "tun0")), Drop()),), Hook("filter", "forward", 0))
    interfaces = Interfaces.of(router(table(chain)))
    assert {
        interfaces.label(n) for first, last in interfaces.matching(("w*",)).spans for n in range(first, last + 1)
    } == {
        "wan",
        "wa*",
        "w*",
    }
    assert NONE not in interfaces.matching(("*",))
    with pytest.raises(KeyError):
        interfaces.matching(("x*",))
    with pytest.raises(TooMany):
        Interfaces.of(also=(f"eth{n}" for n in range(5000)))


def test_effects_one_after_the_other() -> None:
    saved = Effect((("ct_mark", Value(0, 0, "mark")),))
    marked = Effect((("mark", Value(0xF, 5, "mark")),))
    assert after(marked, saved).of("ct_mark") == Value(0xF, 5, "mark")
    assert after(saved, marked).of("ct_mark") == Value(0, 0, "mark")
    spread = Effect((("mark", Spread(IntervalSet.span(1, 9))),))
    assert after(spread, saved).of("ct_mark") == Value(0, 0, ANYTHING)


def test_numbers_through_a_mask() -> None:
    space = engine.space({"mark": 6})
    for mask in (0, 1, 6, 12, 21, 63):
        for first, last in ((0, 0), (1, 5), (4, 20), (0, 63)):
            region = among(space, "mark", IntervalSet.span(first, last), mask)
            for value in range(64):
                assert region.holds({"mark": value}) is (first <= value & mask <= last)


def test_more_than_the_tables_know_changes_nothing() -> None:
    device = doors()
    one = Pipeline(device, 4)
    other = Pipeline(replace(device, name="same"), 4, one.interfaces, one.space)
    assert Deliveries(one).foreign.sent.certain == Deliveries(other).foreign.sent.certain


@pytest.mark.skipif(not DUMPS.is_dir(), reason="the collection of real dumps is not here")
def test_real_dumps_have_dead_rules_with_their_reasons() -> None:
    found = {}
    for name in ("home_user/typical_home_user_iptables-save", "memphis/iptables-save", "openlab/iptables-save.txt"):
        reading = read((DUMPS / name).read_text(), name)
        pipeline = Pipeline(Device(name, tables=reading.tables, routing=Routing(known=False)), 4)
        assert pipeline.filtered("forward").must <= pipeline.filtered("forward").may
        for chains in pipeline.tables:
            for dead in dead_rules(pipeline.reach(chains)):
                if dead.cause is Cause.SHADOWED:
                    found[name.split("/")[0], dead.rule.line.number] = [line.number for line in dead.lines]
    assert found["home_user", 117] == [116]
    assert found["openlab", 71] == [58, 63]
