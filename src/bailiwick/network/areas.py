"""What a name covers, before a sentence says on which side of its arrow the name stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bailiwick.network.model import Place
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet

NOWHERE = IntervalSet()


@dataclass(frozen=True, slots=True)
class Area:
    """Addresses by place, and ``loose`` ones that are in no zone: somewhere beyond the uplinks."""

    places: Mapping[str, IntervalSet] = field(default_factory=dict)
    loose: IntervalSet = NOWHERE

    def __bool__(self) -> bool:
        return bool(self.places) or bool(self.loose)

    @classmethod
    def union(cls, areas: Iterable[Area]) -> Area:
        """One pass over all of them, so that a group of thousands costs no more than its members."""
        spans: dict[str, list[tuple[int, int]]] = {}
        loose: list[tuple[int, int]] = []
        for area in areas:
            loose.extend(area.loose.spans)
            for place, addresses in area.places.items():
                spans.setdefault(place, []).extend(addresses.spans)
        return cls({place: IntervalSet.of(pairs) for place, pairs in spans.items()}, IntervalSet.of(loose))

    def minus(self, other: Area) -> Area:
        """Takes away place by place; what is loose there is also taken from the uplinks and the outside here."""
        named = IntervalSet.of(
            pair
            for place, addresses in other.places.items()
            if beyond(place) and addresses != EVERY_ADDRESS
            for pair in addresses.spans
        )
        left = {}
        for place, addresses in self.places.items():
            rest = addresses - other.places[place] if place in other.places else addresses
            if beyond(place):
                rest -= other.loose
            if place == Place.OUTSIDE:
                rest -= named
            if rest:
                left[place] = rest
        return Area(left, self.loose - other.loose - named)


def beyond(place: str) -> bool:
    """Whether the place is on the far side of the router: an uplink, or the outside as a whole."""
    return place == Place.OUTSIDE or place.startswith("uplink:")
