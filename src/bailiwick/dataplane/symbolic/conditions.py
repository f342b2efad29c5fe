"""A rule's tests as sets of headers."""

from __future__ import annotations

from typing import Protocol, assert_never

from bailiwick.dataplane.rules import (
    AddressType,
    Among,
    AnyOf,
    Family,
    Key,
    Lookup,
    OnInterface,
    ReturnPath,
    Side,
    Test,
    Unknown,
)
from bailiwick.dataplane.symbolic.interfaces import Interfaces
from bailiwick.dataplane.symbolic.masks import among
from bailiwick.dataplane.symbolic.pair import Pair
from bailiwick.packets import header
from bailiwick.packets.header import State
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space, TooWide

CONNECTIONS = frozenset({header.STATUS, header.DIRECTION, header.CT_MARK})


class Whereabouts(Protocol):
    """What the device's addresses and routes answer."""

    def address_type(self, test: AddressType) -> Pair: ...
    def return_path(self, test: ReturnPath) -> Pair: ...


class Conditions:
    """Tests in the coordinates of the packet that they look at. A test is turned into a set once."""

    def __init__(self, space: Space, family: int, interfaces: Interfaces, whereabouts: Whereabouts) -> None:
        self.space = space
        self.family = family
        self.interfaces = interfaces
        self._whereabouts = whereabouts
        self._nobody_knows = Pair(space.nothing, space.everything)
        self.tracked = space.among(header.STATE, IntervalSet.span(State.NEW, State.RELATED))
        self._known: dict[Test | AnyOf, Pair] = {}

    def holds(self, test: Test | AnyOf) -> Pair:
        """The packets for which the test certainly and possibly holds.

        An ``Unknown`` is a doubt of its own wherever it stands, also where two with one key would agree: that is
        sound, and only less sharp. A mask that the engine cannot say is a doubt, too.
        """
        found = self._known.get(test)
        if found is None:
            try:
                found = self._of(test)
            except TooWide:
                found = self._nobody_knows
            self._known[test] = found
        return found

    def _of(self, test: Test | AnyOf) -> Pair:
        match test:
            case Among():
                its = Pair.exactly(among(self.space, test.field, test.values, test.mask))
                return self._held(_signed(its, test.negated), test.field)
            case Family():
                met = (test.version == self.family) is not test.negated
                return Pair.exactly(self.space.everything if met else self.space.nothing)
            case OnInterface():
                there = self.space.among(test.side, self.interfaces.matching(test.patterns))
                return _signed(Pair.exactly(there), test.negated)
            case Lookup():
                found = _signed(Pair.exactly(self._looked_up(test)), test.negated)
                return self._held(found, *(key.field for key in test.keys))
            case AddressType():
                return _signed(self._whereabouts.address_type(test), test.negated)
            case ReturnPath():
                return self._whereabouts.return_path(test)
            case Unknown():
                return self._nobody_knows
            case AnyOf():
                return _signed(self._any(test), test.negated)
        assert_never(test)

    def _held(self, pair: Pair, *fields: str) -> Pair:
        """Where the packet has the fields: what conntrack keeps of a connection ends a rule, negated or not, for a
        packet that has none (nft_ct.c, xt_conntrack.c)."""
        return pair & Pair.exactly(self.tracked) if CONNECTIONS.intersection(fields) else pair

    def _any(self, test: AnyOf) -> Pair:
        either = Pair.exactly(self.space.nothing)
        for option in test.options:
            every = Pair.exactly(self.space.everything)
            for one in option:
                if not every.may:
                    break  # an address of the other family, behind its test of the family
                every &= self.holds(one)
            either |= every
        return either

    def _looked_up(self, test: Lookup) -> Region:
        if len(test.keys) == 1:
            key, sides = test.keys[0], [entry[0] for entry in test.entries]
            numbers = IntervalSet.union(side for side in sides if isinstance(side, IntervalSet))
            patterns = tuple(name for side in sides if not isinstance(side, IntervalSet) for name in side)
            found = self.side(key, numbers)
            return found | self.side(key, patterns) if patterns else found
        return self.space.union(self.entry(test.keys, sides) for sides in test.entries)

    def entry(self, keys: tuple[Key, ...], sides: tuple[Side, ...]) -> Region:
        """The packets whose fields one entry holds. Raises TooWide."""
        box: dict[str, IntervalSet] = {}
        others: list[Region] = []
        for key, side in zip(keys, sides, strict=True):
            if key.mask is None and key.field not in box:
                box[key.field] = side if isinstance(side, IntervalSet) else self.interfaces.matching(side)
            else:
                others.append(self.side(key, side))
        region = self.space.box(box)
        if CONNECTIONS.intersection(key.field for key in keys):
            region &= self.tracked
        for other in others:
            region &= other
        return region

    def side(self, key: Key, side: Side) -> Region:
        """The packets whose field one part of a key holds. Raises TooWide."""
        values = side if isinstance(side, IntervalSet) else self.interfaces.matching(side)
        return among(self.space, key.field, values, key.mask)


def _signed(pair: Pair, negated: bool) -> Pair:
    return ~pair if negated else pair
