"""What a broad permission opens already, no narrow one needs to open again; it only signs beside it.

A broad one is told by conditions alone. Everything of a narrow one that lies inside it moves over, so that the
elements stay disjoint and each names everybody who asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import ICMP
from bailiwick.targets.linux.nftables.lookups import Kind, Values


@dataclass(slots=True)
class Broad:
    """All that one pair of conditions opens. ``ports`` and ``types`` leave out what ``protocols`` has whole."""

    sources: IntervalSet
    destinations: IntervalSet
    everything: bool = False
    protocols: set[int] = field(default_factory=set)
    ports: dict[int, IntervalSet] = field(default_factory=dict)
    types: IntervalSet = field(default_factory=IntervalSet)

    def add(self, values: Iterable[Values]) -> None:
        """Open these too."""
        for kind, box in values:
            match kind:
                case Kind.ANY:
                    self.everything = True
                case Kind.PROTOCOL:
                    self.protocols.add(box[0][0])
                case Kind.PORT:
                    number = box[0][0]
                    self.ports[number] = self.ports.get(number, IntervalSet()) | IntervalSet.of([box[1]])
                case Kind.ICMP_TYPE:
                    self.types = self.types | IntervalSet.of([box[0]])

    def covers(self, sources: IntervalSet, destinations: IntervalSet) -> bool:
        return self.sources.covers(sources) and self.destinations.covers(destinations)

    def take(self, values: Sequence[Values]) -> tuple[list[Values], list[Values]]:
        """The values as far as they are open here, as this one tells them apart, and what is left of them."""
        if self.everything:
            return ([(Kind.ANY, ())], []) if values else ([], [])
        taken: list[Values] = []
        left: list[Values] = []
        for kind, box in values:
            whole = ICMP if kind is Kind.ICMP_TYPE else box[0][0] if box else None
            if whole in self.protocols:
                taken.append((Kind.PROTOCOL, ((whole, whole),)))
            elif kind is Kind.PORT:
                mine, asked = self.ports.get(box[0][0], IntervalSet()), IntervalSet.of([box[1]])
                taken += [(kind, (box[0], span)) for span in (asked & mine).spans]
                left += [(kind, (box[0], span)) for span in (asked - mine).spans]
            elif kind is Kind.ICMP_TYPE and box[0][0] in self.types:
                taken.append((kind, box))
            else:
                left.append((kind, box))
        return taken, left
