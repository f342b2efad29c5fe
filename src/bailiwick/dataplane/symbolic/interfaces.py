"""The numbers that stand for interfaces in a region's ``iif`` and ``oif``.

A pattern (``ppp*``) speaks of interfaces that nobody listed, too. So each pattern gets one more number, for "another
interface whose name begins so", and every test of an interface has an exact answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import (
    AnyOf,
    Key,
    Lookup,
    OnInterface,
    Side,
    Step,
    Translate,
    VerdictMap,
)
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

NONE, OTHER = 0, 1
"""No interface at all (the device itself), and one that nothing names."""
LOOPBACK = "lo"


class TooMany(Exception):
    """More interfaces, or more dynamic ones, than the header's fields can number."""


@dataclass(frozen=True)
class Interfaces:
    """``numbers`` of the named ones, ``tails`` of those that a pattern alone speaks of (by the pattern's beginning).

    ``dynamic`` numbers the interfaces whose address comes from outside, from 1: the values of ``header.DYNAMIC``.
    """

    numbers: Mapping[str, int]
    tails: Mapping[str, int] = field(default_factory=dict)
    dynamic: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, *devices: Device, also: Iterable[str] = ()) -> Interfaces:
        """Of everything that the devices have or mention; ``also`` are names or patterns that somebody else asks for.

        Raises TooMany.
        """
        spoken = {LOOPBACK, *also}
        for device in devices:
            spoken.update(_mentioned(device))
        tails = sorted({name[:-1] for name in spoken if name.endswith("*") and name != "*"})
        names = sorted(name for name in spoken if not name.endswith("*"))
        numbers = {name: number for number, name in enumerate(names, OTHER + 1)}
        beyond = OTHER + 1 + len(names)
        dynamic = sorted({i.name for device in devices for i in device.interfaces.values() if i.dynamic})
        if (
            beyond + len(tails) > 1 << header.widths(4)[header.IIF]
            or len(dynamic) >= 1 << header.widths(4)[header.DYNAMIC]
        ):
            raise TooMany(f"{len(names)} interfaces, {len(dynamic)} of them dynamic")
        return cls(
            numbers,
            {tail: number for number, tail in enumerate(tails, beyond)},
            {name: number for number, name in enumerate(dynamic, 1)},
        )

    @property
    def every(self) -> IntervalSet:
        """All interfaces, without NONE."""
        return IntervalSet.span(OTHER, self.last)

    @property
    def last(self) -> int:
        """The greatest number."""
        return OTHER + len(self.numbers) + len(self.tails)

    def number(self, name: str) -> int:
        """Of an interface by its name. Raises KeyError when the table was made without it."""
        return self.numbers[name]

    def matching(self, patterns: Iterable[str]) -> IntervalSet:
        """The interfaces that one of the patterns names; NONE is never among them.

        Raises KeyError for a name or pattern that the table was made without.
        """
        found: list[IntervalSet] = []
        for pattern in patterns:
            if pattern == "*":
                return self.every
            if not pattern.endswith("*"):
                found.append(IntervalSet.single(self.numbers[pattern]))
                continue
            begin = pattern[:-1]
            if begin not in self.tails:
                raise KeyError(pattern)
            hits = [number for name, number in self.numbers.items() if name.startswith(begin)]
            hits += [number for tail, number in self.tails.items() if tail.startswith(begin)]
            found.append(IntervalSet.of((number, number) for number in hits))
        return IntervalSet.union(found)

    def label(self, number: int) -> str:
        """What a number stands for: a name, ``ppp*`` for an unnamed one of that pattern, ``*`` for any other, or
        ``""`` for none."""
        if number == NONE:
            return ""
        for name, its in self.numbers.items():
            if its == number:
                return name
        for tail, its in self.tails.items():
            if its == number:
                return f"{tail}*"
        return "*"


def _mentioned(device: Device) -> Iterator[str]:
    for interface in device.interfaces.values():
        yield interface.name
    for route in device.routing.routes:
        if route.interface is not None:
            yield route.interface
    for rule in device.routing.rules:
        yield from (name for name in (rule.iif, rule.oif) if name is not None)
    for table in device.tables:
        for chain in table.chains.values():
            if chain.hook is not None and chain.hook.device:
                yield chain.hook.device
            for one in chain.rules:
                for step in one.steps:
                    yield from _of_step(step)


def _of_step(step: Step) -> Iterator[str]:
    match step:
        case OnInterface():
            yield from step.patterns
        case Lookup(keys=keys, entries=entries):
            yield from _of_sides(keys, entries)
        case VerdictMap(keys=keys) | Translate(keys=keys):
            yield from _of_sides(keys, [sides for sides, _ in step.entries])
        case AnyOf(options=options):
            for option in options:
                for test in option:
                    yield from _of_step(test)
        case _:
            return


def _of_sides(keys: tuple[Key, ...], entries: Iterable[tuple[Side, ...]]) -> Iterator[str]:
    columns = [at for at, key in enumerate(keys) if key.field in {header.IIF, header.OIF}]
    if not columns:
        return
    for sides in entries:
        for at in columns:
            side = sides[at]
            if isinstance(side, tuple):
                yield from side
