"""The numbers and names that a device's rules speak of: where its answers change from one packet to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import (
    Among,
    AnyOf,
    Key,
    Lookup,
    OnInterface,
    Rule,
    Side,
    Step,
    Target,
    Translate,
    VerdictMap,
)
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

ENTRIES = 200
"""Of a long set, these many entries are looked at."""


@dataclass
class Constants:
    """Field to numbers on both sides of every edge; ``rules`` are the same of each rule, interfaces among them."""

    family: int
    numbers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    patterns: set[str] = field(default_factory=set)
    rules: list[Constants] = field(default_factory=list)

    @classmethod
    def of(cls, device: Device, family: int) -> Constants:
        found = cls(family)
        for table in device.tables:
            for chain in table.chains.values():
                found.rules += [cls(family)._rule(rule) for rule in chain.rules]
        for one in found.rules:
            for name, numbers in one.numbers.items():
                found.numbers[name] |= numbers
            found.patterns |= one.patterns
        for interface in device.interfaces.values():
            found.patterns.add(interface.name)
            for address in interface.addresses:
                network = address.network
                found._addresses([(address.ip, address.ip), (network[0], network[-1])])
        for route in device.routing.routes:
            if route.prefix is not None:
                found._addresses([(route.prefix[0], route.prefix[-1])])
        for rule in device.routing.rules:
            nets = (net for net in (rule.source, rule.destination) if net is not None)
            found._addresses((net[0], net[-1]) for net in nets)
        return found

    def _rule(self, rule: Rule) -> Constants:
        for step in rule.steps:
            for part in _parts(step):
                self._step(part)
        return self

    def _step(self, step: Step) -> None:
        match step:
            case Among(name, values):
                self._edges(name, values)
            case OnInterface(_, patterns):
                self.patterns.update(patterns)
            case Lookup(keys, entries):
                self._entries(keys, entries)
            case VerdictMap(keys, marked):
                self._entries(keys, [sides for sides, _ in marked])
            case Translate(keys=keys, entries=mapped, target=target):
                self._entries(keys, [sides for sides, _ in mapped])
                for one in (target, *(to for _, to in mapped[:ENTRIES])):
                    self._target(one)
            case _:
                pass

    def _entries(self, keys: tuple[Key, ...], entries: Iterable[tuple[Side, ...]]) -> None:
        for sides in list(entries)[:ENTRIES]:
            for key, side in zip(keys, sides, strict=True):
                if isinstance(side, IntervalSet):
                    self._edges(key.field, side)
                else:
                    self.patterns.update(side)

    def _target(self, target: Target) -> None:
        if target.first is not None:
            self._addresses([(target.first, target.last or target.first)])
        if target.ports is not None:
            self._edges(header.DESTINATION_PORT, IntervalSet.span(*target.ports))

    def _addresses(self, ends: Iterable[tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address]]) -> None:
        for first, last in ends:
            if first.version == self.family:
                for name in (header.SOURCE, header.DESTINATION):
                    self._edges(name, IntervalSet.span(int(first), int(last)))

    def _edges(self, name: str, values: IntervalSet) -> None:
        top = (1 << header.widths(self.family)[name]) - 1 if name in header.widths(self.family) else 0
        for first, last in values.spans[:ENTRIES]:
            for number in (first - 1, first, last, last + 1):
                if 0 <= number <= top:
                    self.numbers[name].add(number)


def _parts(step: Step) -> Iterator[Step]:
    yield step
    if isinstance(step, AnyOf):
        for option in step.options:
            yield from option
