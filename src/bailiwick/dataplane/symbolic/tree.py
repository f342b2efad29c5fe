"""A chain's rules as a balanced tree: each node knows what its stretch of rules does as a whole.

Joining neighbours pairwise keeps the operands small, and the same nodes then answer what reaches a rule and what
takes packets away from it, in a few steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bailiwick.dataplane.symbolic.effect import Effects
from bailiwick.dataplane.symbolic.way import ON, Kind, Way, then
from bailiwick.packets.region import Region


@dataclass(frozen=True, slots=True)
class Node:
    """Rules ``first`` to ``last`` (exclusive). A leaf has no halves."""

    way: Way
    first: int
    last: int
    halves: tuple[Node, Node] | None = None


def tree(ways: Sequence[Way], effects: Effects, everything: Region) -> Node:
    """``ways`` in the rules' order; no rule: everything goes on."""
    if not ways:
        return Node({ON: everything}, 0, 0)
    return _tree(ways, effects, 0, len(ways))


def _tree(ways: Sequence[Way], effects: Effects, first: int, last: int) -> Node:
    if last - first == 1:
        return Node(ways[first], first, last)
    middle = (first + last) // 2
    left, right = _tree(ways, effects, first, middle), _tree(ways, effects, middle, last)
    return Node(then(effects, left.way, right.way, Kind.ON), first, last, (left, right))
