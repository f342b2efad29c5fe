"""What a target that nobody here knows may have changed: the sets and the walks leave it open alike."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from random import Random

import pytest

from bailiwick.dataplane.interpreter import End, Header, Interpreter
from bailiwick.dataplane.model import Device, RoutingRule
from bailiwick.dataplane.rules import (
    MARKS,
    Accept,
    Among,
    Chain,
    CopyField,
    Drop,
    Hook,
    Rule,
    Scramble,
    SetField,
    Step,
    Table,
    Whatever,
)
from bailiwick.dataplane.symbolic.delivery import Deliveries
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.dataplane.symbolic.witness import as_fields
from bailiwick.dataplane.tally import Line
from bailiwick.packets.interval import IntervalSet
from tests.dataplane.symbolic.devices import LAN, WAN, Maker

pytestmark = pytest.mark.slow

LEASE = IPv4Address("203.0.113.9")
FIELDS = ("mark", "mark", "ct_mark", "source", "destination", "destination_port", "protocol", "status")


class Scrambling(Maker):
    """Every other change of a mark is unknown; ``known``: of marks alone."""

    known = False

    def change(self) -> Step:
        if self.random.random() < 0.5:
            return super().change()
        fields = self.random.sample(FIELDS if not self.known else MARKS, self.random.randint(1, 2))
        return Scramble(tuple(fields), "who knows")


def _answers(device: Device, packet: Header, deliveries: Deliveries) -> tuple[set[str | None], set[str | None]]:
    """By which interfaces it may pass, and by which it certainly does."""
    delivered = deliveries.foreign if packet.iif else deliveries.own
    interfaces = deliveries.pipeline.interfaces
    may, must = set(), set()
    for name in (None, *interfaces.numbers):
        fields = as_fields(packet, interfaces, name)
        if delivered.sent.possible.holds(fields):
            may.add(name)
        if delivered.sent.certain.holds(fields):
            must.add(name)
    return may, must


def _check(seed: int, known: bool) -> tuple[int, int]:
    maker = Scrambling(seed, unknowns=False)
    maker.known = known
    device = maker.device()
    deliveries = Deliveries(Pipeline(device, 4))
    walker = Interpreter(device, leases={WAN: LEASE})
    concrete = [Interpreter(_settled(device, Random(one)), leases={WAN: LEASE}) for one in range(6 if known else 0)]
    compared = unknown = 0
    for number in range(40):
        packet = maker.packet(number % 4 == 0)
        own = packet.iif is None
        if own and (packet.dynamic or packet.destination.is_multicast or int(packet.destination) == 0xFFFFFFFF):
            continue
        walks = [*walker.outcomes(packet).walks, *(one.walk(packet) for one in concrete)]
        if own and any(LOOPBACK in (walk.egress, walk.left.iif) for walk in walks):
            continue
        may, must = _answers(device, packet, deliveries)
        accepted = {None if walk.local else walk.egress for walk in walks if walk.accepted}
        assert accepted <= may, packet
        if must:
            assert accepted <= must and all(walk.accepted or walk.end is End.UNKNOWN for walk in walks), packet
        compared += 1
        unknown += any(walk.end is End.UNKNOWN or walk.scrambled for walk in walks)
    return compared, unknown


def _settled(device: Device, random: Random) -> Device:
    """The same with some mark set where nobody knew which."""

    def step(one: Step) -> tuple[Step, ...]:
        if not isinstance(one, Scramble):
            return (one,)
        return tuple(SetField(field, random.choice((0, 1, 2, 3, 0xFF))) for field in one.fields)

    def chain(one: Chain) -> Chain:
        return replace(
            one, rules=tuple(replace(rule, steps=tuple(s for o in rule.steps for s in step(o))) for rule in one.rules)
        )

    tables = (
        replace(table, chains={name: chain(one) for name, one in table.chains.items()}) for table in device.tables
    )
    return replace(device, tables=tuple(tables))


@pytest.mark.parametrize("known", [False, True])
def test_random_devices(known: bool) -> None:
    found = [_check(seed, known) for seed in range(500, 525)]
    assert sum(compared for compared, _ in found) > 500
    assert sum(unknown for _, unknown in found) > 50


@pytest.mark.deep
def test_many_devices() -> None:
    for seed in range(3000, 3600):
        _check(seed, known=seed % 2 == 0)


# ---- by hand


def device(*chains: Chain, rules: tuple[RoutingRule, ...] = ()) -> Device:
    plain = Maker(1).device()
    routing = replace(plain.routing, rules=rules)
    return replace(plain, tables=(Table("ip", "t", {one.name: one for one in chains}),), settings={}, routing=routing)


def chain(hook: str, *steps: tuple[Step, ...], type: str = "filter", priority: int = 0, drops: bool = False) -> Chain:
    rules = tuple(Rule(each, Line(hook, number)) for number, each in enumerate(steps, 1))
    return Chain(f"{hook}{priority}", rules, Hook(type, hook, priority, Drop() if drops else Accept()))


def among(field: str, value: int, negated: bool = False) -> Among:
    return Among(field, IntervalSet.single(value), negated=negated)


PACKET = Header(IPv4Address("192.168.1.5"), IPv4Address("192.168.2.7"), LAN, 6, 1024, 80)
ONLY_22 = chain("forward", (among("destination_port", 22), Accept()), drops=True)


def ends(one: Device, packet: Header = PACKET) -> tuple[set[str | None], set[str | None], set[End]]:
    may, must = _answers(one, packet, Deliveries(Pipeline(one, 4)))
    return may, must, {walk.end for walk in Interpreter(one, leases={WAN: LEASE}).outcomes(packet).walks}


def test_a_port_that_may_be_any_may_be_the_open_one() -> None:
    assert ends(device(ONLY_22)) == (set(), set(), {End.DROP})
    for hook in ("prerouting", "forward"):
        early = chain(hook, (Scramble(("destination_port",), "th dport set"),), priority=-5)
        assert ends(device(early, ONLY_22)) == ({"iot"}, set(), {End.UNKNOWN})
    late = chain("postrouting", (Scramble(("destination_port",), "th dport set"),))
    assert ends(device(late, chain("forward"))) == ({"iot"}, {"iot"}, {End.ACCEPT})


def test_a_destination_that_may_be_any_is_sent_anywhere() -> None:
    early = chain("prerouting", (Scramble(("destination",), "ip daddr set"),))
    may, must, found = ends(device(early))
    assert {None, "iot", "lan", "wan"} <= may and not must
    assert found == {End.UNKNOWN}


def test_a_mark_that_may_be_any_chooses_any_table() -> None:
    early = chain("prerouting", (Scramble(MARKS, "HMARK"),), priority=-150)
    rule = RoutingRule(10, "unreachable", mark=(7, 0xFF))
    assert ends(device(early, rules=(rule,)))[1:] == (set(), {End.UNKNOWN})
    assert ends(device(early)) == ({"iot"}, {"iot"}, {End.ACCEPT}), "nobody asks for it"
    again = chain("prerouting", (SetField("mark", 0),), priority=-140)
    assert ends(device(early, again, rules=(rule,))) == ({"iot"}, {"iot"}, {End.ACCEPT})
    partly = chain("prerouting", (SetField("mark", 0, 0xF00),), priority=-140)
    assert not ends(device(early, partly, rules=(rule,)))[1]
    copied = chain("prerouting", (CopyField("mark", "ct_mark"),), priority=-140)
    assert not ends(device(early, copied, rules=(rule,)))[1]


def test_a_connections_mark_stays_where_there_is_none() -> None:
    early = chain("prerouting", (Scramble(("ct_mark",), "CONNMARK"),), priority=-300)
    assert ends(device(early, chain("forward", (among("ct_mark", 0), Accept()), drops=True)))[1:] == (
        {"iot"},
        {End.ACCEPT},
    )


def test_what_is_hidden_in_a_nat_chain_may_be_the_last_word() -> None:
    """A packet that the first chain translated is not shown to the second."""
    unknown = (Scramble(("destination",), "xt target DNAT"), Whatever("xt"))
    hidden = chain("prerouting", unknown, type="nat", priority=-100)
    second = chain("prerouting", (Drop(),), type="nat", priority=-99)
    may, must, found = ends(device(hidden, second))
    assert "iot" in may and not must and End.UNKNOWN in found


def test_an_answer_to_nobody_knows_whom_is_unknown() -> None:
    late = chain("postrouting", (Scramble(("source",), "ip saddr set"),))
    interpreter = Interpreter(device(late))
    first = interpreter.walk(PACKET)
    assert first.accepted and first.scrambled == {"source"}
    assert interpreter.reply(first).end is End.UNKNOWN
