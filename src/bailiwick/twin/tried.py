"""Which packets of a trial speak of a claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from bailiwick.claims.claim import Claim
from bailiwick.packets.packet import Packet


class Tried:
    """Packets by where they enter and leave; answers are positions, from 0. ``limit``: of each claim no more."""

    def __init__(self, packets: Iterable[Packet], limit: int | None = None) -> None:
        self._packets = tuple(packets)
        self._limit = limit
        self._by_pair: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._by_ingress: defaultdict[str, list[int]] = defaultdict(list)
        for at, packet in enumerate(self._packets):
            self._by_pair[packet.ingress, packet.egress].append(at)
            self._by_ingress[packet.ingress].append(at)

    def of(self, claim: Claim) -> tuple[int, ...]:
        """Those of the claim's set."""
        return tuple(islice(self._of(claim), self._limit))

    def _of(self, claim: Claim) -> Iterator[int]:
        cubes = claim.packets.cubes()
        for (ingress, egress), those in self._by_pair.items():
            if any(ingress in cube.ingress and egress in cube.egress for cube in cubes):
                yield from (at for at in those if self._packets[at] in claim.packets)

    def elsewhere(self, claim: Claim, places: Iterable[str], most: int) -> Iterator[int]:
        """Those that would be of the claim's set if they came out at one of ``places``, and are meant for another."""
        found = 0
        cubes = claim.packets.cubes()
        there = [place for place in places if any(place in cube.egress for cube in cubes)]
        for ingress, those in self._by_ingress.items():
            if not any(ingress in cube.ingress for cube in cubes):
                continue
            for at in those:
                packet = self._packets[at]
                if any(packet.egress != to and replace(packet, egress=to) in claim.packets for to in there):
                    yield at
                    found += 1
                    if found >= most:
                        return
