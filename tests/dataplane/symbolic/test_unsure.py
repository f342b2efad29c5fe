"""Routes and routing rules that hold for some packets alone, and routes that could not be read."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from bailiwick.dataplane.interpreter import Header, Interpreter
from bailiwick.dataplane.model import Device, Interface, Route, Routing, RoutingRule
from bailiwick.dataplane.rules import Accept, AddressType, Chain, Drop, Hook, OnInterface, Rule, Table
from bailiwick.dataplane.symbolic.delivery import Deliveries
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.dataplane.symbolic.witness import as_fields
from bailiwick.dataplane.tally import Line

INTERFACES = {
    name: Interface(name, addresses=(ip_interface(address),))
    for name, address in {"lan": "192.168.1.1/24", "dmz": "192.168.2.1/24", "wan": "203.0.113.7/24"}.items()
}
DEFAULT = Route(ip_network("0.0.0.0/0"), interface="wan")
NEAR = Route(ip_network("9.9.9.0/24"), interface="dmz", unsure="tos 0x10")
OTHER = Route(ip_network("0.0.0.0/0"), interface="dmz", table="100")
BY_SOURCE = RoutingRule(100, table="100", source=ip_network("192.168.1.0/24"), unsure="sport 22")
UNREAD = Route(None, lasting=False, line=Line("routes", 9), unsure="a route with `tap`")
LOCAL = Route(ip_network("9.9.9.9/32"), "local", "lan", table="local", unsure="tos 0x10")
INTERCEPTING = Route(ip_network("0.0.0.0/0"), "local", "lo", table="100")
"""As transparent proxies have it: what a rule sends to this table is for the device itself."""


def device(*routes: Route, rules: tuple[RoutingRule, ...] = (), rp_filter: str = "0") -> Device:
    """Only what leaves by wan is accepted, and what is for the device itself."""
    chain = Chain(
        "f", (Rule((OnInterface("oif", ("wan",)), Accept()), Line("r", 1)),), Hook("filter", "forward", 0, Drop())
    )
    return Device(
        "d",
        interfaces=INTERFACES,
        tables=(Table("ip", "t", {"f": chain}),),
        routing=Routing((DEFAULT, *routes), rules),
        settings={"net.ipv4.conf.all.rp_filter": rp_filter},
    )


def answers(one: Device, source: str = "192.168.1.9", destination: str = "9.9.9.9", iif: str | None = "lan") -> str:
    """``certain``, ``possible`` or ``never``; every walk of the interpreter must agree."""
    packet = Header(ip_address(source), ip_address(destination), iif, 6, 40000, 443)
    pipeline = Pipeline(one, 4)
    delivered = Deliveries(pipeline).own if iif is None else Deliveries(pipeline).foreign
    accepted = {
        (walk.accepted, None if walk.local or not walk.accepted else walk.egress)
        for walk in Interpreter(one).outcomes(packet).walks
    }
    fields = [as_fields(packet, pipeline.interfaces, name) for name in (None, *pipeline.interfaces.numbers)]
    if any(delivered.sent.certain.holds(field) for field in fields):
        assert len(accepted) == 1 and all(passes for passes, _ in accepted)
        return "certain"
    if any(delivered.sent.possible.holds(field) for field in fields):
        assert len(accepted) > 1 and any(passes for passes, _ in accepted), "as sharp as the interpreter"
        return "possible"
    assert not any(passes for passes, _ in accepted)
    return "never"


def test_a_route_for_some_packets_alone() -> None:
    assert answers(device()) == "certain"
    assert answers(device(replace(NEAR, unsure=""))) == "never"
    assert answers(device(NEAR)) == "possible"
    assert answers(device(NEAR), destination="8.8.8.8") == "certain"
    assert answers(device(replace(NEAR, kind="unreachable", interface=None))) == "possible"


@pytest.mark.parametrize("inverted", [False, True])
def test_a_rule_for_some_packets_alone(inverted: bool) -> None:
    one = device(OTHER, rules=(replace(BY_SOURCE, inverted=inverted),))
    assert answers(one) == "possible"
    assert answers(one, "192.168.2.9", iif="dmz") == ("never" if inverted else "certain")
    assert answers(one, "192.168.1.1", iif=None) == "possible", "nobody can say by which it leaves"


def test_a_rule_for_some_packets_does_not_stand_for_the_kernels_own() -> None:
    assert answers(device(rules=(RoutingRule(32766, table="main", unsure="uidrange 0-99"),))) == "certain"


def test_a_route_that_could_not_be_read_may_be_any() -> None:
    assert answers(device(UNREAD)) == "possible"
    assert answers(device(UNREAD), destination="192.168.1.1") == "certain", "the table local stands before it"
    assert answers(device(UNREAD, rp_filter="1")) == "possible"


def test_an_address_that_is_local_for_some_packets_alone() -> None:
    assert answers(device(LOCAL), destination="9.9.9.9") == "possible"
    assert answers(device(LOCAL), source="9.9.9.9", destination="8.8.8.8", iif="wan") == "possible"
    filtered = device(LOCAL)
    rule = Rule((AddressType("destination", frozenset({"local"})), Drop()), Line("r", 2))
    chain = Chain("p", (rule,), Hook("filter", "prerouting", 0))
    assert answers(replace(filtered, tables=(Table("ip", "t", {"p": chain}),))) == "possible"


def test_local_routes_of_another_table_are_asked_only_where_a_rule_leads_there() -> None:
    rule = RoutingRule(100, table="100", source=ip_network("192.168.1.0/24"))
    one = device(INTERCEPTING, rules=(rule,))
    pipeline = Pipeline(one, 4)
    assert answers(one) == "certain"
    packet = Header(ip_address("192.168.1.9"), ip_address("9.9.9.9"), "lan", 6, 40000, 443)
    assert Deliveries(pipeline).foreign.sent.certain.holds(as_fields(packet, pipeline.interfaces)), "to the device"
    assert answers(one, "192.168.2.9", iif="dmz") == "certain"
    there = as_fields(replace(packet, source=ip_address("192.168.2.9"), iif="dmz"), pipeline.interfaces, "wan")
    assert Deliveries(pipeline).foreign.sent.certain.holds(there)


def test_the_loopbacks_broadcast_address_is_nobodys_source() -> None:
    """``broadcast 127.255.255.255 dev lo`` stands in the table local, so a check for own sources passes it by."""
    lo = Interface("lo", "loopback", (ip_interface("127.0.0.1/8"),))
    one = replace(device(), interfaces={**INTERFACES, "lo": lo})
    assert answers(one, "127.255.255.255", "255.255.255.255") == "certain"
    assert answers(one, "127.0.0.9", "255.255.255.255") == "never"
