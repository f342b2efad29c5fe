"""Sets of integers as sorted, disjoint, inclusive intervals: addresses, ports, protocol numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, summarize_address_range

ADDRESS_MAX = (1 << 32) - 1
PORT_MAX = 65535


@dataclass(frozen=True, slots=True)
class IntervalSet:
    """An immutable set of non-negative integers.

    ``spans`` is sorted, disjoint and never adjacent, so two equal sets have equal spans:
    equality and hashing are those of the tuple.
    """

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> IntervalSet:
        """The union of inclusive ``(first, last)`` pairs in any order; raises ValueError if one runs backwards."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted(pairs):
            if first > last:
                raise ValueError(f"interval runs backwards: {first}-{last}")
            if merged and first <= merged[-1][1] + 1:
                if last > merged[-1][1]:
                    merged[-1] = (merged[-1][0], last)
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    @classmethod
    def union(cls, sets: Iterable[IntervalSet]) -> IntervalSet:
        """All of them at once: joining many one by one would sort what is sorted again and again."""
        return cls.of(span for numbers in sets for span in numbers.spans)

    @classmethod
    def single(cls, value: int) -> IntervalSet:
        return cls(((value, value),))

    @classmethod
    def span(cls, first: int, last: int) -> IntervalSet:
        return cls.of([(first, last)])

    @classmethod
    def networks(cls, networks: Iterable[IPv4Network]) -> IntervalSet:
        return cls.of((int(n.network_address), int(n.broadcast_address)) for n in networks)

    @classmethod
    def addresses(cls, addresses: Iterable[IPv4Address]) -> IntervalSet:
        return cls.of((int(a), int(a)) for a in addresses)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __contains__(self, value: int) -> bool:
        low, high = 0, len(self.spans)
        while low < high:
            middle = (low + high) // 2
            if self.spans[middle][1] < value:
                low = middle + 1
            else:
                high = middle
        return low < len(self.spans) and self.spans[low][0] <= value

    def __or__(self, other: IntervalSet) -> IntervalSet:
        if not self.spans or self is other:
            return other
        return IntervalSet.of(self.spans + other.spans) if other.spans else self

    def __and__(self, other: IntervalSet) -> IntervalSet:
        if not self.spans or other._frames(self):
            return self
        if not other.spans or self._frames(other):
            return other
        out: list[tuple[int, int]] = []
        i = j = 0
        while i < len(self.spans) and j < len(other.spans):
            first = max(self.spans[i][0], other.spans[j][0])
            last = min(self.spans[i][1], other.spans[j][1])
            if first <= last:
                out.append((first, last))
            if self.spans[i][1] < other.spans[j][1]:
                i += 1
            else:
                j += 1
        return IntervalSet(tuple(out))

    def __sub__(self, other: IntervalSet) -> IntervalSet:
        if not self.spans or not other.spans:
            return self
        if other._frames(self):
            return IntervalSet()
        out: list[tuple[int, int]] = []
        j = 0
        for first, last in self.spans:
            while j < len(other.spans) and other.spans[j][1] < first:
                j += 1
            k, at = j, first
            while k < len(other.spans) and other.spans[k][0] <= last:
                if at < other.spans[k][0]:
                    out.append((at, other.spans[k][0] - 1))
                at = other.spans[k][1] + 1
                k += 1
            if at <= last:
                out.append((at, last))
        return IntervalSet(tuple(out))

    def _frames(self, other: IntervalSet) -> bool:
        """Whether it is one stretch that holds all of the other: seen at a glance, and most sets are "every value"."""
        if len(self.spans) != 1 or not other.spans:
            return False
        first, last = self.spans[0]
        return first <= other.spans[0][0] and other.spans[-1][1] <= last

    def overlaps(self, other: IntervalSet) -> bool:
        return bool(self & other)

    def covers(self, other: IntervalSet) -> bool:
        return not (other - self)

    def size(self) -> int:
        return sum(last - first + 1 for first, last in self.spans)

    def first(self) -> int:
        """The least member; raises ValueError when the set is empty."""
        if not self.spans:
            raise ValueError("an empty set has no first member")
        return self.spans[0][0]

    def cidrs(self) -> Iterator[IPv4Network]:
        """The same addresses as the fewest CIDR prefixes, ascending."""
        for first, last in self.spans:
            yield from summarize_address_range(IPv4Address(first), IPv4Address(last))


NOTHING = IntervalSet()
EVERY_ADDRESS = IntervalSet(((0, ADDRESS_MAX),))
EVERY_PORT = IntervalSet(((0, PORT_MAX),))
