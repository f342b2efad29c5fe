"""Small random filters: the regions against every packet, one by one."""

from __future__ import annotations

from random import Random

import pytest

from bailiwick.dataplane.model import Device, Interface
from bailiwick.dataplane.rules import Table
from bailiwick.dataplane.symbolic.dead import Cause, Dead, dead_rules
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.dataplane.symbolic.redundant import redundant_rules, written_twice
from bailiwick.dataplane.symbolic.way import Way
from bailiwick.dataplane.tally import Line
from bailiwick.packets import engine, header
from tests.dataplane.symbolic.slow import Outcome, Packet, Slow, packets, random_table, without

pytestmark = pytest.mark.slow

COUNT = 20
MANY = 3000


def pipeline(table: Table, pure: bool = False) -> Pipeline:
    """Interfaces 2 and 3 are ``a`` and ``b``. Marks are narrow, so that intervals can say their masks."""
    device = Device("small", interfaces={"a": Interface("a"), "b": Interface("b")}, tables=(table,))
    return Pipeline(device, 4, space=engine.space({**header.widths(4), header.MARK: 3, header.CT_MARK: 3}, pure=pure))


def fates(pipeline: Pipeline, way: Way, packet: Packet) -> set[Outcome]:
    """What the regions say of one packet: verdicts, and the mark that each leaves it with."""
    found = set()
    for fate, region in way.items():
        if region.holds(packet):
            mark = fate.effect.of(header.MARK)
            now = packet["mark"] if mark is None else packet["mark"] & ~mark.mask | mark.value  # type: ignore[union-attr]
            found.add((fate.kind.name.lower(), now))
    return found


def check_outcomes(table: Table, pure: bool) -> None:
    its = pipeline(table, pure)
    slow = Slow(table)
    way = its.through("forward")
    accepted = its.filtered("forward")
    for packet in packets():
        expected = slow.outcomes(packet)
        assert fates(its, way, packet) == expected, packet
        kinds = {kind for kind, _ in expected}
        assert accepted.may.holds(packet) is ("accept" in kinds)
        assert accepted.must.holds(packet) is (kinds == {"accept"})


def freed(table: Table, dead: Dead, lines: dict[Line, tuple[str, int]]) -> None:
    """Without the rules that take its packets away a rule comes to life, or something else is in its way too."""
    gone: set[tuple[str, int]] = set()
    last = dead
    while last.cause is Cause.SHADOWED:
        more = {lines[line] for line in last.lines}
        assert more and not more & gone, (dead, gone)
        gone |= more
        its = pipeline(without(table, *gone))
        still = [one for one in dead_rules(its.reach(its.tables[0])) if one.place == dead.place]
        if not still:
            slow = Slow(without(table, *gone))
            for packet in packets():
                slow.outcomes(packet)
            assert (dead.chain, dead.index) in slow.matched
            return
        last = still[0]


def check_findings(table: Table, pure: bool, certain: bool) -> None:
    its = pipeline(table, pure)
    reach = its.reach(its.tables[0])
    slow = Slow(table)
    before = {tuple(packet.items()): slow.outcomes(packet) for packet in packets()}
    places = {(name, at) for name, chain in table.chains.items() for at in range(len(chain.rules))}
    dead = list(dead_rules(reach))
    assert {(one.chain, one.index) for one in dead} == places - slow.matched
    lines = {rule.line: (name, at) for name, chain in table.chains.items() for at, rule in enumerate(chain.rules)}
    for one in dead:
        assert bool(one.by) is (one.cause in (Cause.SHADOWED, Cause.ELSEWHERE))
        if one.cause is Cause.SHADOWED:
            freed(table, one, lines)
    for redundant in redundant_rules(reach):
        other = Slow(without(table, (redundant.chain, redundant.index)))
        assert (redundant.chain, redundant.index) in slow.matched
        for packet in packets():
            assert other.outcomes(packet) == before[tuple(packet.items())], redundant
    if certain:
        for twice in written_twice(reach):
            assert twice.rule.steps == twice.first.steps


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("unknowns", [False, True])
def test_outcomes_are_those_of_every_packet(pure: bool, unknowns: bool) -> None:
    for seed in range(COUNT):
        check_outcomes(random_table(Random(seed), unknowns), pure)


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("unknowns", [False, True])
def test_findings_are_those_of_every_packet(pure: bool, unknowns: bool) -> None:
    for seed in range(COUNT):
        check_findings(random_table(Random(1000 + seed), unknowns), pure, certain=not unknowns)


@pytest.mark.deep
def test_many_small_filters() -> None:
    for seed in range(MANY):
        unknowns = seed % 2 == 0
        check_outcomes(random_table(Random(5000 + seed), unknowns), pure=seed % 3 == 0)
        check_findings(random_table(Random(5000 + seed), unknowns), pure=seed % 3 == 0, certain=not unknowns)
