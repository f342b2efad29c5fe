"""Sets of numbers seen through a mask."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space


def among(space: Space, field: str, values: IntervalSet, mask: int | None) -> Region:
    """The packets whose field, its bits in ``mask``, is one of the values. Raises region.TooWide."""
    whole = (1 << space.widths[field]) - 1
    if mask is None or mask & whole == whole:
        return space.among(field, values)
    return space.union(space.bits(field, bits, value) for bits, value in _blocks(values, mask & whole))


def _blocks(values: IntervalSet, mask: int) -> Iterator[tuple[int, int]]:
    """(mask, value) pairs that together say it: one for each aligned block of values that the mask can give."""
    for first, end in values.spans:
        at, last = first, min(end, mask)
        while at <= last:
            size = at & -at if at else 1 << last.bit_length()
            while at + size - 1 > last:
                size >>= 1
            if not at & ~mask:
                yield mask & ~(size - 1), at
            at += size
