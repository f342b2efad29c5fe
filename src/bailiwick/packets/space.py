"""Sets of packets with the algebra of sets: what intent means, claims carry and witnesses test.

The engine behind ``PacketSet`` is a plain union of cubes. Its callers know only the operators and the few methods
below, so that another engine can stand here.
"""

from __future__ import annotations

from collections.abc import Iterable

from bailiwick.packets.cube import Cube
from bailiwick.packets.interval import NOTHING, IntervalSet
from bailiwick.packets.names import EVERYWHERE, Names
from bailiwick.packets.packet import Packet
from bailiwick.packets.wording import line

__all__ = ["EVERYWHERE", "EVERY_PACKET", "NO_PACKET", "Cube", "Names", "PacketSet"]


class PacketSet:
    """An immutable set of packets. Two are equal when they hold the same packets, however each was put together."""

    __slots__ = ("_cubes",)
    __hash__ = None  # type: ignore[assignment]  # equality is semantic, and no cheap hash agrees with it

    def __init__(self, cubes: Iterable[Cube] = ()) -> None:
        self._cubes = tuple(dict.fromkeys(cube for cube in cubes if cube))

    @classmethod
    def union(cls, sets: Iterable[PacketSet]) -> PacketSet:
        return cls(cube for packets in sets for cube in packets._cubes)

    def cubes(self) -> tuple[Cube, ...]:
        """Cubes whose union is the set; none is empty, and they may overlap."""
        return self._cubes

    def __bool__(self) -> bool:
        return bool(self._cubes)

    def __contains__(self, packet: Packet) -> bool:
        return any(packet in cube for cube in self._cubes)

    def __or__(self, other: PacketSet) -> PacketSet:
        return PacketSet(self._cubes + other._cubes)

    def __and__(self, other: PacketSet) -> PacketSet:
        both = (mine & theirs for mine in self._cubes for theirs in other._cubes)
        return PacketSet(cube for cube in both if cube is not None)

    def __sub__(self, other: PacketSet) -> PacketSet:
        left: Iterable[Cube] = self._cubes
        for taken in other._cubes:
            left = [piece for cube in left for piece in cube - taken]
        return PacketSet(left)

    def __le__(self, other: PacketSet) -> bool:
        """Whether every packet of this one is in the other."""
        return not self - other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PacketSet):
            return NotImplemented
        return self._cubes == other._cubes or self <= other <= self

    def sample(self, prefer: IntervalSet = NOTHING) -> Packet:
        """One packet of the set, the same on every run: an ephemeral source port, an address in ``prefer`` if any.

        Raises ValueError when the set is empty.
        """
        if not self._cubes:
            raise ValueError("an empty set has no packet to show")
        return self._cubes[0].sample(prefer)

    def describe(self) -> tuple[str, ...]:
        """The set in words, a line for each cube."""
        return tuple(line(cube) for cube in self._cubes)

    def __repr__(self) -> str:
        return f"PacketSet({'; '.join(self.describe())})"


NO_PACKET = PacketSet()
EVERY_PACKET = PacketSet([Cube()])
