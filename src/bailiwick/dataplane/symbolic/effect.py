"""What happens to a packet's fields on its way, so that a later question can be asked of the packet as it came.

Sets are pulled back through an effect (weakest precondition), never pushed forward, but for ``image``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space, TooWide

ANYTHING = ""
"""The base of a value of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Value:
    """The bits in ``mask`` become ``value``; the others are what the field ``base`` held when the packet came."""

    mask: int
    value: int
    base: str


@dataclass(frozen=True, slots=True)
class Spread:
    """Any one of these values: a translation to a range."""

    values: IntervalSet


Assignment = Value | Spread


@dataclass(frozen=True, slots=True)
class Effect:
    """Field to assignment, sorted by field; a field that is not named keeps what it held."""

    assigned: tuple[tuple[str, Assignment], ...] = ()

    def of(self, field: str) -> Assignment | None:
        return next((assignment for name, assignment in self.assigned if name == field), None)

    def constant(self, field: str, width: int) -> int | None:
        """The one value that the field now has, where the effect alone says it."""
        found = self.of(field)
        return found.value if isinstance(found, Value) and found.mask == (1 << width) - 1 else None


NO_EFFECT = Effect()


def effect(assigned: Mapping[str, Assignment]) -> Effect:
    """Of these assignments together."""
    return Effect(tuple(sorted(assigned.items(), key=lambda pair: pair[0])))


def constant(field: str, value: int, width: int) -> Effect:
    """All bits of the field become ``value``."""
    return Effect(((field, Value((1 << width) - 1, value, field)),))


@lru_cache(maxsize=4096)
def after(first: Effect, second: Effect) -> Effect:
    """Both, one after the other, as one."""
    if not first.assigned:
        return second
    held = dict(first.assigned)
    result = dict(held)
    for field, assignment in second.assigned:
        result[field] = _over(held, assignment)
    return effect(result)


def _over(held: Mapping[str, Assignment], assignment: Assignment) -> Assignment:
    """The assignment said of the packet as it came, before ``held`` happened to it."""
    if not isinstance(assignment, Value) or assignment.base not in held:
        return assignment
    below = held[assignment.base]
    if isinstance(below, Spread):
        below = Value(0, 0, ANYTHING)
    kept = below.value & below.mask & ~assignment.mask
    return Value(assignment.mask | below.mask, assignment.value | kept, below.base)


class Effects:
    """Effects on the regions of one space."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._pulled: dict[tuple[Region, Effect], Region] = {}

    def pull(self, region: Region, effect: Effect) -> Region:
        """The packets that may be in ``region`` once the effect has happened to them.

        Exact, but that a ``Spread`` and what is unknown may become any of their values.
        """
        if not effect.assigned:
            return region
        key = (region, effect)
        known = self._pulled.get(key)
        if known is None:
            known = self._pulled[key] = self._pull(region, effect)
        return known

    def _pull(self, region: Region, effect: Effect) -> Region:
        # Values first: then a copy moves only the bits that no value covers. Two fields never swap, for that needs
        # a third one, so copies do not disturb each other.
        for field, assignment in effect.assigned:
            if isinstance(assignment, Value):
                if assignment.mask:
                    region = self._given(region, field, assignment)
            else:
                region = (region & self.space.among(field, assignment.values)).without(field)
        for field, assignment in effect.assigned:
            if isinstance(assignment, Value) and assignment.base != field:
                copied = assignment.base != ANYTHING
                region = region.copied(field, assignment.base) if copied else region.without(field)
        return region

    def _given(self, region: Region, field: str, value: Value) -> Region:
        try:
            return region.given(field, value.value, value.mask)
        except TooWide:  # an engine of intervals, and a mask that leaves low bits: it may be any value then
            return region.without(field)

    def image(self, region: Region, effect: Effect) -> Region:
        """What the packets of ``region`` may look like after the effect.

        A field copied from another one that is not itself a constant may be anything: equality of two wide fields is
        no small diagram.
        """
        sides = self.space.everything
        for field, assignment in effect.assigned:
            if isinstance(assignment, Spread):
                region = region.without(field)
                sides &= self.space.among(field, assignment.values)
                continue
            whole = (1 << self.space.widths[field]) - 1
            try:
                side = self.space.bits(field, assignment.mask, assignment.value)
                if assignment.base == field and assignment.mask != whole:
                    region = self._forgotten(region, field, assignment.mask)
                else:
                    region = region.without(field)
                sides &= side
            except TooWide:
                region = region.without(field)
        return region & sides

    def _forgotten(self, region: Region, field: str, mask: int) -> Region:
        """With the field's bits in ``mask`` left open. Raises TooWide."""
        for bit in (1 << at for at in range(self.space.widths[field])):
            if mask & bit:
                region = region.given(field, 0, bit) | region.given(field, bit, bit)
        return region
