"""Sets of headers as interval decision diagrams in plain Python: for a platform without OxiDD, and to check it by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from bailiwick.packets.balanced import balanced
from bailiwick.packets.boxes import boxes
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.interval_nodes import NO, YES, IntervalNodes
from bailiwick.packets.region import Box, Region


class IntervalRegion:
    """A set of headers; see ``region.Region``."""

    __slots__ = ("_root", "_space")

    def __init__(self, space: IntervalSpace, root: int) -> None:
        self._space = space
        self._root = root

    def __and__(self, other: IntervalRegion) -> IntervalRegion:
        if self._space is not other._space:
            raise _strangers(self, other)
        return IntervalRegion(self._space, self._space.nodes.meet(self._root, other._root))

    def __or__(self, other: IntervalRegion) -> IntervalRegion:
        if self._space is not other._space:
            raise _strangers(self, other)
        return IntervalRegion(self._space, self._space.nodes.join(self._root, other._root))

    def __sub__(self, other: IntervalRegion) -> IntervalRegion:
        if self._space is not other._space:
            raise _strangers(self, other)
        return IntervalRegion(self._space, self._space.nodes.meet(self._root, other._root ^ 1))

    def __xor__(self, other: IntervalRegion) -> IntervalRegion:
        if self._space is not other._space:
            raise _strangers(self, other)
        return IntervalRegion(self._space, self._space.nodes.differ(self._root, other._root))

    def __invert__(self) -> IntervalRegion:
        return IntervalRegion(self._space, self._root ^ 1)

    def __bool__(self) -> bool:
        return self._root != NO

    def __le__(self, other: IntervalRegion) -> bool:
        if self._space is not other._space:
            raise _strangers(self, other)
        return self._space.nodes.meet(self._root, other._root ^ 1) == NO

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IntervalRegion) and self._root == other._root and self._space is other._space

    def __hash__(self) -> int:
        return hash(self._root)

    def given(self, field: str, value: int, mask: int | None = None) -> IntervalRegion:
        """See ``Region.given``. Raises ValueError for a value wider than the field, TooWide for a mask of holes."""
        return IntervalRegion(self._space, self._space.nodes.given(self._root, field, value, mask))

    def copied(self, field: str, origin: str) -> IntervalRegion:
        """See ``Region.copied``. Raises ValueError where the widths differ."""
        return IntervalRegion(self._space, self._space.nodes.copied(self._root, field, origin))

    def without(self, *fields: str) -> IntervalRegion:
        return IntervalRegion(self._space, self._space.nodes.without(self._root, fields))

    def holds(self, header: Mapping[str, int]) -> bool:
        return self._space.nodes.holds(self._root, header)

    def pick(self, prefer: Mapping[str, IntervalSet] | None = None) -> dict[str, int]:
        """See ``Region.pick``: raises ValueError when the set is empty."""
        if self._root == NO:
            raise ValueError("an empty set has no packet to show")
        return self._space.nodes.pick(self._root, prefer or {})

    def boxes(self, fields: Iterable[str] | None = None, limit: int | None = None) -> Iterator[Box]:
        root, nodes = self._root, self._space.nodes
        if fields is not None:
            root = nodes.without(root, nodes.all_but(fields))
        return islice(boxes(root, nodes.fields, nodes.edges) if root != NO else iter(()), limit)

    def size(self) -> int:
        return self._space.nodes.size(self._root)

    def __repr__(self) -> str:
        return f"IntervalRegion({self.size()} nodes)"


class IntervalSpace:
    """Makes regions over one store of nodes; see ``region.Space``."""

    __slots__ = ("_sides", "everything", "nodes", "nothing", "widths")

    def __init__(self, widths: Mapping[str, int]) -> None:
        self.widths: Mapping[str, int] = dict(widths)
        self.nodes = IntervalNodes(self.widths)
        self._sides: dict[tuple[str, IntervalSet], IntervalRegion] = {}
        self.everything = IntervalRegion(self, YES)
        self.nothing = IntervalRegion(self, NO)

    def among(self, field: str, values: IntervalSet) -> IntervalRegion:
        """See ``Space.among``; values that the field has no bits for are nobody's."""
        key = (field, values)
        known = self._sides.get(key)
        if known is None:
            known = self._sides[key] = IntervalRegion(self, self.nodes.side(field, values, YES))
        return known

    def bits(self, field: str, mask: int, value: int) -> IntervalRegion:
        """See ``Space.bits``. Raises TooWide."""
        return IntervalRegion(self, self.nodes.bits(field, mask, value))

    def box(self, box: Box) -> IntervalRegion:
        root = YES
        for field in reversed(self.nodes.fields):
            if field in box:
                root = self.nodes.side(field, box[field], root)
        if box.keys() - self.widths.keys():
            raise KeyError(*box.keys() - self.widths.keys())
        return IntervalRegion(self, root)

    def union(self, regions: Iterable[Region]) -> IntervalRegion:
        roots = []
        for region in regions:
            if not isinstance(region, IntervalRegion) or region._space is not self:
                raise _strangers(self.nothing, region)
            roots.append(region._root)
        return IntervalRegion(self, balanced(roots, self.nodes.join, NO))


def _strangers(*regions: Region) -> ValueError:
    """Numbers of nodes mean nothing in another space."""
    return ValueError(f"regions of two spaces: {regions}")
