"""A small router made by hand: lan, dmz and wan."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Interface, IPv4Network, ip_address

from bailiwick.dataplane.interpreter import Header
from bailiwick.dataplane.model import Device, Interface, Route, Routing, RoutingRule
from bailiwick.dataplane.rules import Accept, Among, Chain, Drop, Hook, OnInterface, Rule, Step, Table
from bailiwick.dataplane.tally import Line
from bailiwick.packets.interval import IntervalSet

LAN, DMZ, WAN = "192.168.1.10", "192.168.2.20", "9.9.9.9"
INTERFACES = {
    name: Interface(name, "ethernet", (IPv4Interface(address),), line=Line("interfaces", number))
    for number, (name, address) in enumerate(
        {"lan": "192.168.1.1/24", "dmz": "192.168.2.1/24", "wan": "203.0.113.7/24"}.items(), 1
    )
}
DEFAULT = Route(IPv4Network("0.0.0.0/0"), interface="wan", gateway=ip_address("203.0.113.1"), line=Line("routes", 1))


def rules(*each: tuple[Step, ...], file: str = "rules", first: int = 1) -> tuple[Rule, ...]:
    """Rules on lines 1, 2, 3…"""
    return tuple(Rule(steps, Line(file, number)) for number, steps in enumerate(each, first))


def base(
    name: str, each: tuple[Rule, ...], hook: str, priority: int = 0, type: str = "filter", *, drops: bool = False
) -> Chain:
    return Chain(name, each, Hook(type, hook, priority, Drop() if drops else Accept()), Line(name, 0))


def table(*chains: Chain, name: str = "t", family: str = "ip") -> Table:
    return Table(family, name, {chain.name: chain for chain in chains})


def device(
    *tables: Table,
    routes: tuple[Route, ...] = (DEFAULT,),
    routing_rules: tuple[RoutingRule, ...] = (),
    known: bool = True,
    settings: Mapping[str, str] | None = None,
    interfaces: Mapping[str, Interface] = INTERFACES,
) -> Device:
    return Device(
        "router",
        interfaces=interfaces,
        tables=tables,
        routing=Routing(routes, routing_rules, known=known),
        settings=settings or {},
    )


def packet(
    source: str = LAN, destination: str = WAN, iif: str | None = "lan", port: int = 443, **rest: object
) -> Header:
    return Header(ip_address(source), ip_address(destination), iif, 6, 50000, port, **rest)  # type: ignore[arg-type]


def port(*numbers: int, negated: bool = False) -> Among:
    return Among("destination_port", IntervalSet.of((number, number) for number in numbers), negated=negated)


def comes_by(*names: str) -> OnInterface:
    return OnInterface("iif", names)
