"""By which uplink which source may leave: the defaults, and what ``route-out`` sends elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bailiwick.network.model import Network
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import IntervalSet

NOBODY = IntervalSet()


class Ways:
    """The answer to "who leaves where", made once for a network.

    ``internet`` is every destination that the word means. ``routed`` maps an uplink's place to the sources that
    leave by it and by no other.
    """

    def __init__(self, network: Network) -> None:
        self.internet = PUBLIC - network.inside()
        self.defaults: tuple[str, ...] = tuple(u.id for u in network.exits())
        self.uplinks: tuple[str, ...] = tuple(u.id for u in network.uplinks.values())
        pairs: dict[str, list[tuple[int, int]]] = {}
        by_zone: dict[str, list[tuple[int, int]]] = {}
        for route in network.routes_out:
            for extent in route.sources:
                pairs.setdefault(route.uplink, []).extend(extent.addresses.spans)
                by_zone.setdefault(extent.place, []).extend(extent.addresses.spans)
        self.routed: Mapping[str, IntervalSet] = {uplink: IntervalSet.of(p) for uplink, p in pairs.items()}
        self._routed_in: Mapping[str, IntervalSet] = {zone: IntervalSet.of(p) for zone, p in by_zone.items()}

    def routed_in(self, zone: str) -> IntervalSet:
        """The sources of one zone that ``route-out`` names."""
        return self._routed_in.get(zone, NOBODY)

    def by(self, uplink: str, zone: str, sources: IntervalSet) -> IntervalSet:
        """Those of a zone's ``sources`` that may leave by ``uplink`` when they are sent there by name."""
        routed = self.routed_in(zone)
        if not routed:
            return sources
        return (sources - routed) | (sources & self.routed.get(uplink, NOBODY))

    def out(self, zone: str, sources: IntervalSet) -> Iterator[tuple[str, IntervalSet]]:
        """Uplinks to the internet, and those of a zone's ``sources`` that leave by each."""
        routed = self.routed_in(zone)
        for uplink in self.uplinks:
            mine = sources & self.routed.get(uplink, NOBODY) if routed else NOBODY
            if uplink in self.defaults:
                mine = mine | (sources - routed)
            if mine:
                yield uplink, mine
