"""Small filters, and every packet sent through them one by one: what the regions must agree with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from random import Random

from bailiwick.dataplane.rules import (
    Accept,
    Among,
    Chain,
    Drop,
    Goto,
    Hook,
    Jump,
    Key,
    Reject,
    Return,
    Rule,
    SetField,
    Step,
    Table,
    Unknown,
    Verdict,
    VerdictMap,
)
from bailiwick.dataplane.tally import Line
from bailiwick.packets.interval import IntervalSet

Packet = Mapping[str, int]
Outcome = tuple[str, int]
"""A verdict, and the mark that the packet then has."""
SOURCES, PORTS, MARKS = range(7), range(4), range(4)
"""The last source and port are named by no rule: they stand for all others."""


def packets() -> Iterator[dict[str, int]]:
    """Every packet that these filters can tell from another."""
    for source, port, mark in product(SOURCES, PORTS, MARKS):
        yield {"source": source, "destination_port": port, "mark": mark, "iif": 2, "oif": 3}


def random_table(random: Random, unknowns: bool = False) -> Table:
    lines = iter(range(1, 1000))

    def test() -> Step:
        if unknowns and random.random() < 0.2:
            return Unknown("limit")
        field, top = random.choice((("source", 5), ("source", 5), ("destination_port", 2), ("mark", 3)))
        first, last = sorted((random.randint(0, top), random.randint(0, top)))
        mask = 3 if field == "mark" else None
        return Among(field, IntervalSet.span(first, last), mask, negated=random.random() < 0.2)

    def verdict(jumps: tuple[str, ...]) -> Verdict:
        plain: list[Verdict] = [Accept(), Drop(), Reject(), Return()]
        return random.choice(plain + [Jump(name) for name in jumps] * 2 + [Goto(name) for name in jumps])

    def rule(jumps: tuple[str, ...]) -> Rule:
        steps: list[Step] = [test() for _ in range(random.randint(0, 2))]
        if random.random() < 0.2:
            steps.append(SetField("mark", random.randint(0, 3), random.choice((None, 1, 2))))
        elif random.random() < 0.15:
            entries = tuple(((IntervalSet.single(port),), verdict(jumps)) for port in random.sample(range(3), 2))
            steps.append(VerdictMap((Key("destination_port"),), entries))
        else:
            steps.append(verdict(jumps))
        return Rule(tuple(steps), Line("small", next(lines)))

    def chain(name: str, jumps: tuple[str, ...], hook: Hook | None = None) -> Chain:
        return Chain(name, tuple(rule(jumps) for _ in range(random.randint(1, 5))), hook)

    policy = random.choice((Accept(), Drop()))
    chains = (chain("a", ("b", "c")), chain("b", ("c",)), chain("c", ()))
    base = chain("base", ("a", "b"), Hook("filter", "forward", 0, policy))
    return Table("ip", "small", {one.name: one for one in (base, *chains)})


def without(table: Table, *places: tuple[str, int]) -> Table:
    """The table with some rules, named by chain and index, doing nothing."""
    chains = {}
    for name, chain in table.chains.items():
        kept = [Rule((), rule.line) if (name, at) in places else rule for at, rule in enumerate(chain.rules)]
        chains[name] = replace(chain, rules=tuple(kept))
    return replace(table, chains=chains)


class Slow:
    """``matched`` are the rules, by chain and index, that some packet so far has met with all tests passed."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.matched: set[tuple[str, int]] = set()

    def outcomes(self, packet: Packet) -> set[Outcome]:
        """Every outcome that the unknown tests leave open."""
        base = self.table.chains["base"]
        assert base.hook is not None
        end = type(base.hook.policy).__name__.lower()
        return {(end if kind == "return" else kind, mark) for kind, mark in self._chain("base", packet, packet["mark"])}

    def _chain(self, name: str, packet: Packet, mark: int, at: int = 0) -> set[Outcome]:
        rules = self.table.chains[name].rules
        if at == len(rules):
            return {("return", mark)}
        found: set[Outcome] = set()
        for kind, now in self._steps((name, at), packet, mark, 0, True):
            found |= self._chain(name, packet, now, at + 1) if kind == "on" else {(kind, now)}
        return found

    def _steps(self, place: tuple[str, int], packet: Packet, mark: int, number: int, testing: bool) -> set[Outcome]:
        steps = self.table.chains[place[0]].rules[place[1]].steps
        if number == len(steps):
            if testing:
                self.matched.add(place)
            return {("on", mark)}
        step = steps[number]
        match step:
            case Unknown():
                return {("on", mark)} | self._steps(place, packet, mark, number + 1, testing)
            case Among(field, values, mask, negated):
                value = mark if field == "mark" else packet[field]
                if ((value if mask is None else value & mask) in values) is negated:
                    return {("on", mark)}
                return self._steps(place, packet, mark, number + 1, testing)
            case VerdictMap(entries=entries):
                for (side,), verdict in entries:
                    assert isinstance(side, IntervalSet)
                    if packet["destination_port"] in side:
                        self.matched.add(place)
                        return self._verdict(verdict, packet, mark)
                return {("on", mark)}
        self.matched.add(place)
        if isinstance(step, SetField):
            bits = 0xFFFFFFFF if step.mask is None else step.mask
            return self._steps(place, packet, mark & ~bits | step.value & bits, number + 1, False)
        assert isinstance(step, Accept | Drop | Reject | Return | Jump | Goto)
        return self._verdict(step, packet, mark)

    def _verdict(self, verdict: Verdict, packet: Packet, mark: int) -> set[Outcome]:
        match verdict:
            case Jump(chain):
                return {("on" if k == "return" else k, now) for k, now in self._chain(chain, packet, mark)}
            case Goto(chain):
                return self._chain(chain, packet, mark)
        return {(type(verdict).__name__.lower(), mark)}
