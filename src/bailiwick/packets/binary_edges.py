"""The bits of one field in a binary decision diagram, read as intervals of the field's values."""

from __future__ import annotations

from oxidd.bcdd import BCDDFunction

from bailiwick.packets.boxes import Edges, grouped
from bailiwick.packets.region import TooWide

_MOST_PIECES = 1 << 16
"""Intervals that one field may fall into when people are to read it: a mark's mask can ask for 2**31."""

Pieces = tuple[tuple[int, BCDDFunction], ...]
"""A partition of a field's values: (last value, remainder), ascending."""


def edges(function: BCDDFunction, first: int, width: int, nothing: BCDDFunction) -> Edges[BCDDFunction] | None:
    """See ``boxes.boxes``: of the field whose ``width`` bits start with the variable ``first``. Raises TooWide."""
    end = first + width
    level = function.node_level()
    if level is None or level >= end:
        return None
    known: dict[BCDDFunction, Pieces] = {}

    def pieces(node: BCDDFunction, above: int) -> Pieces:
        """Of what the bits from ``above`` on can say."""
        level = node.node_level()
        if level is None or level >= end:
            return (((1 << (end - above)) - 1, node),)
        found = known.get(node)
        if found is None:
            high, low = cofactors(node)
            found = known[node] = _beside(pieces(low, level + 1), pieces(high, level + 1), 1 << (end - level - 1))
        for bit in range(level - 1, above - 1, -1):  # bits that the node skips: the same twice over
            found = _beside(found, found, 1 << (end - bit - 1))
        return found

    return grouped(pieces(function, first), nothing)


def cofactors(function: BCDDFunction) -> tuple[BCDDFunction, BCDDFunction]:
    """Of a function that looks at a bit: where it is set, where it is not."""
    found = function.cofactors()
    assert found is not None
    return found


def _beside(lower: Pieces, upper: Pieces, offset: int) -> Pieces:
    """Two halves of a field's values as one partition."""
    if len(lower) + len(upper) > _MOST_PIECES:
        raise TooWide(f"a field falls into more than {_MOST_PIECES} intervals")
    moved = tuple((last + offset, node) for last, node in upper)
    return (lower[:-1] if lower[-1][1] == upper[0][1] else lower) + moved
