"""A decision diagram read as disjoint boxes: one side for each field that it looks at on the way to "in the set"."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Box

Node = TypeVar("Node", bound=Hashable)
Edges = tuple[tuple[IntervalSet, Node], ...]


def boxes(root: Node, fields: Sequence[str], edges: Callable[[Node, int], Edges[Node] | None]) -> Iterator[Box]:
    """The boxes below ``root``, which must not be empty, in the order of the fields' values.

    ``edges(node, position)``: for each distinct remainder that is not empty the values of the field that lead to it;
    None where the node does not look at the field. A node is asked once.
    """
    known: dict[tuple[Node, int], Edges[Node] | None] = {}

    def below(node: Node, position: int) -> Iterator[Box]:
        while position < len(fields):
            key = (node, position)
            if key not in known:
                known[key] = edges(node, position)
            found = known[key]
            if found is not None:
                for values, child in found:
                    for rest in below(child, position + 1):
                        yield {fields[position]: values, **rest}
                return
            position += 1
        yield {}

    return below(root, 0)


def grouped(pieces: Sequence[tuple[int, Node]], nothing: Node) -> Edges[Node]:
    """Edges from a partition given as (last value, remainder), ascending, neighbours different."""
    spans: dict[Node, list[tuple[int, int]]] = {}
    first = 0
    for last, child in pieces:
        if child != nothing:
            spans.setdefault(child, []).append((first, last))
        first = last + 1
    return tuple((IntervalSet(tuple(found)), child) for child, found in spans.items())
