"""What is meant, by where packets enter and leave: a question looks at its own pair of places alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bailiwick.intent.meant import Meant
from bailiwick.packets.names import Names
from bailiwick.packets.packet import Packet
from bailiwick.packets.space import Cube, PacketSet


class Index:
    """``places`` are every place there is: a set of names may be all but some of them."""

    def __init__(self, meant: Iterable[Meant], places: Sequence[str]) -> None:
        self._places = frozenset(places)
        self._pairs: dict[tuple[str, str], list[tuple[Cube, Meant]]] = defaultdict(list)
        for one in meant:
            for cube in one.packets.cubes():
                for pair in self._pairs_of(cube):
                    self._pairs[pair].append((cube, one))

    def holding(self, packet: Packet) -> tuple[Meant, ...]:
        """Those that are about the packet."""
        entries = self._pairs.get((packet.ingress, packet.egress), ())
        return tuple({one.id: one for cube, one in entries if packet in cube}.values())

    def near(self, packets: PacketSet) -> tuple[Meant, ...]:
        """Those that are about some packet with the places of one in the set."""
        pairs = dict.fromkeys(pair for cube in packets.cubes() for pair in self._pairs_of(cube))
        return tuple({one.id: one for pair in pairs for _, one in self._pairs.get(pair, ())}.values())

    def without(self, packets: PacketSet) -> PacketSet:
        """The packets that none of them is about."""
        pairs = dict.fromkeys(pair for cube in packets.cubes() for pair in self._pairs_of(cube))
        cubes = dict.fromkeys(cube for pair in pairs for cube, _ in self._pairs.get(pair, ()))
        return packets - PacketSet(cubes)

    def _pairs_of(self, cube: Cube) -> Iterator[tuple[str, str]]:
        for ingress in self._among(cube.ingress):
            for egress in self._among(cube.egress):
                yield ingress, egress

    def _among(self, names: Names) -> list[str]:
        return sorted(self._places - names.members if names.inverted else names.members)
