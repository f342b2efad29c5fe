"""Sets of header values with the algebra of sets, behind an interface that any engine can carry out.

``PacketSet`` is what people's sentences become: few cubes, with names of places. A ``Region`` is what thousands of
rules become: an engine's own diagram over the fields of ``header``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, Self

from bailiwick.packets.interval import IntervalSet

Box = Mapping[str, IntervalSet]
"""Field to values; a field that is not named has every value."""


class TooWide(Exception):
    """An engine cannot say this set in reasonable space (a mask full of holes, in an engine of intervals)."""


class Region(Protocol):
    """An immutable set. ``==`` is semantic and cheap, ``bool`` says whether anything is in it; both hash alike.

    Operators raise ValueError for a region of another space; so do ``given`` and ``holds`` for a value that does not
    fit its field.
    """

    def __and__(self, other: Self) -> Self: ...
    def __or__(self, other: Self) -> Self: ...
    def __sub__(self, other: Self) -> Self: ...
    def __xor__(self, other: Self) -> Self: ...
    def __invert__(self) -> Self: ...
    def __bool__(self) -> bool: ...
    def __le__(self, other: Self) -> bool: ...
    def __hash__(self) -> int: ...

    def given(self, field: str, value: int, mask: int | None = None) -> Self:
        """The packets that are in the set once ``field`` (its bits in ``mask``) has been set to ``value``."""

    def copied(self, field: str, origin: str) -> Self:
        """The packets that are in the set once ``field`` has been set to what ``origin`` holds (equal widths)."""

    def without(self, *fields: str) -> Self:
        """The packets that some values of these fields would bring into the set (projection)."""

    def holds(self, header: Mapping[str, int]) -> bool:
        """Whether a packet is in it; a field that is not named is 0."""

    def pick(self, prefer: Mapping[str, IntervalSet] | None = None) -> dict[str, int]:
        """One packet of the set, every field given, the same on every run.

        For each field in turn the least value that ``prefer`` names, where the set has one; otherwise the least.
        Raises ValueError when the set is empty.
        """

    def boxes(self, fields: Iterable[str] | None = None, limit: int | None = None) -> Iterator[Box]:
        """Disjoint boxes whose union is the set (projected to ``fields``), few but not the fewest, at most ``limit``.

        A field in which a box has every value is left out of it. Raises TooWide where a field falls into more
        intervals than anyone would read (a mark looked at by a mask full of holes): project it away first.
        """

    def size(self) -> int:
        """Nodes of the diagram, to be compared and never interpreted."""


class Space(Protocol):
    """Makes regions; regions of two spaces never meet. ``widths`` is ``header.widths`` or any other."""

    widths: Mapping[str, int]

    @property
    def everything(self) -> Region: ...
    @property
    def nothing(self) -> Region: ...

    def among(self, field: str, values: IntervalSet) -> Region:
        """The packets whose field has one of the values."""

    def bits(self, field: str, mask: int, value: int) -> Region:
        """The packets with (field & mask) == value: none where the value leaves the mask. Raises TooWide."""

    def box(self, box: Box) -> Region:
        """The packets in every one of a box's sides."""

    def union(self, regions: Iterable[Region]) -> Region:
        """All of them at once, as a balanced tree."""
