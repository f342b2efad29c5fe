"""What a device's filter accepts, pair by pair, as sources, destinations and services: nothing that it would drop.

A word of a sentence speaks of addresses and services alone. Where the device looks at more (a source port, a mark, a
limit), only what passes whatever that is counts as accepted, so that no sentence opens what was shut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bailiwick.adopt.layout import Layout, UplinkDraft, ZoneDraft
from bailiwick.adopt.services import FIELDS, words
from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.header import Status
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.region import Region
from bailiwick.proof.audit.view import View

ROUTER, OUTSIDE, MODEM = Place.ROUTER, Place.OUTSIDE, "modem"
Side = IntervalSet | str
"""Addresses inside or of the internet; or ``router``, ``outside``, ``modem``, an uplink's name."""
_BOXES = 400


@dataclass(frozen=True, slots=True)
class Accepted:
    """``services`` are words of a sentence, never none."""

    source: Side
    target: Side
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """``within`` are the packets between two places, whose ``ends`` are told apart; ``…_said`` is a word for one."""

    within: Region
    ends: tuple[str, ...]
    sources: IntervalSet
    targets: IntervalSet
    name: str
    source_said: str = ""
    target_said: str = ""


class Filter:
    """What passes and what comes at all, of new packets whose source is where it says."""

    def __init__(self, view: View, layout: Layout) -> None:
        self.view, self.layout, self.space = view, layout, view.space
        self.tangled: list[str] = []
        """Ways between two places that are too much in pieces to be said."""

    def all(self) -> Iterator[Accepted]:
        """Zone by zone to zones, the internet and the router; then what comes from outside to the router."""
        for zone in self.layout.zones:
            yield from self._to_zones(zone)
            yield from self._out(zone)
            yield from self._to_router(zone.members, zone.interface, f"{zone.name} -> router")
        yield from self._from_outside()

    def routed(self, zone: ZoneDraft) -> Iterator[tuple[UplinkDraft, IntervalSet]]:
        """Tunnels, and the addresses of the zone that reach the internet by no other way."""
        public = {header.SOURCE: zone.members, header.DESTINATION: self.layout.internet}
        entering = self.view.arrives & self._iif(zone.interface) & self.space.box(public)
        others = self._values(entering & self._oif(*(one.interface for one in self.layout.exits)), header.SOURCE)
        for uplink in self.layout.uplinks:
            if uplink.how == "tunnel":
                sources = self._values(entering & self._oif(uplink.interface), header.SOURCE) - others
                if sources:
                    yield uplink, sources & zone.members

    def through(self, uplink: UplinkDraft, host: int, protocol: int, ports: IntervalSet) -> IntervalSet:
        """The sources that reach a host by this uplink, once a destination NAT has brought them to it."""
        translated = self.space.bits(header.STATUS, Status.DNAT, Status.DNAT)
        box = {
            header.DESTINATION: IntervalSet.single(host),
            header.PROTOCOL: IntervalSet.single(protocol),
            header.DESTINATION_PORT: ports,
        }
        within = self._iif(uplink.interface) & translated & self.space.box(box)
        coming, shut = self.view.arrives & within, (self.view.arrives - self.view.certain) & within
        return self._values(coming, header.SOURCE) - self._values(shut, header.SOURCE)

    # ---- pairs

    def _to_zones(self, zone: ZoneDraft) -> Iterator[Accepted]:
        for other in self.layout.zones:
            if other is not zone:
                pair = self._iif(zone.interface) & self._oif(other.interface)
                yield from self._pair(pair, zone.members, other.members, f"{zone.name} -> {other.name}")

    def _out(self, zone: ZoneDraft) -> Iterator[Accepted]:
        ways = self._iif(zone.interface) & self._oif(*(one.interface for one in self.layout.uplinks))
        yield from self._pair(ways, zone.members, self.layout.internet, f"{zone.name} -> internet")
        for uplink in self.layout.uplinks:
            if uplink.modem is not None:
                near = self._iif(zone.interface) & self._oif(uplink.interface)
                modem = IntervalSet.addresses([uplink.modem])
                yield from self._pair(near, zone.members, modem, f"{zone.name} -> modem", said=MODEM)

    def _to_router(self, sources: IntervalSet, interface: str, name: str, said: str = "") -> Iterator[Accepted]:
        here = self._iif(interface) & self.space.among(header.OIF, IntervalSet.single(0))
        within = here & self.space.among(header.SOURCE, sources)
        yield from self._parts(_Pair(within, (header.SOURCE,), sources, EVERY_ADDRESS, name, said, ROUTER))

    def _from_outside(self) -> Iterator[Accepted]:
        each = []
        for uplink in self.layout.exits:
            near = [uplink.address.network] if uplink.address else []
            sources = self.layout.internet | IntervalSet.networks(near)
            each.append(list(self._to_router(sources, uplink.interface, f"{uplink.name} -> router", uplink.name)))
        if len({_plain(those) for those in each}) == 1:
            for one in each[0]:
                yield Accepted(OUTSIDE if isinstance(one.source, str) else one.source, ROUTER, one.services)
        else:
            yield from (a for one in each for a in one)

    def _pair(
        self, ways: Region, sources: IntervalSet, targets: IntervalSet, name: str, said: str = ""
    ) -> Iterator[Accepted]:
        within = ways & self.space.box({header.SOURCE: sources, header.DESTINATION: targets})
        yield from self._parts(
            _Pair(within, (header.SOURCE, header.DESTINATION), sources, targets, name, target_said=said)
        )

    def _parts(self, pair: _Pair) -> Iterator[Accepted]:
        """First the services that everybody has with everybody, then those of parts."""
        fields = (*pair.ends, *FIELDS)
        coming = self._only(self.view.arrives & pair.within, fields)
        shut = self._only((self.view.arrives - self.view.certain) & pair.within, fields)
        open_ = coming - shut
        if not open_:
            return
        # What does not come at all (another route, another destination) is open to nobody: no sentence is to open it.
        every = self.space.box({header.SOURCE: pair.sources, header.DESTINATION: pair.targets})
        every = every.without(*(field for field in self.space.widths if field not in pair.ends))
        shut = shut | ((every & open_.without(*pair.ends)) - coming)
        whole = open_.without(*pair.ends) - shut.without(*pair.ends)
        if said := words(whole):
            yield Accepted(pair.source_said or pair.sources, pair.target_said or pair.targets, said)
        rest = open_ - whole
        boxes = list(rest.boxes(fields, limit=_BOXES)) if rest else []
        if len(boxes) >= _BOXES:
            self.tangled.append(pair.name)
            return
        rows = []
        for box in boxes:
            services = self.space.box({field: box[field] for field in FIELDS if field in box})
            source = box.get(header.SOURCE, pair.sources) & pair.sources
            target = box.get(header.DESTINATION, pair.targets) & pair.targets
            rows.append((source, target, services & rest.without(*pair.ends)))
        for source, target, services in _joined(rows):
            # What everybody has may be said again where that is shorter: `any except smtp`.
            if said := min(words(services), words(services | whole), key=lambda those: len(", ".join(those))):
                yield Accepted(source, pair.target_said or target, said)

    # ---- regions

    def _iif(self, interface: str) -> Region:
        return self.space.among(header.IIF, IntervalSet.single(self.view.interfaces.number(interface)))

    def _oif(self, *interfaces: str) -> Region:
        numbers = ((n, n) for n in map(self.view.interfaces.number, interfaces))
        return self.space.among(header.OIF, IntervalSet.of(numbers))

    def _only(self, region: Region, fields: tuple[str, ...]) -> Region:
        return region.without(*(field for field in self.space.widths if field not in fields))

    def _values(self, region: Region, field: str) -> IntervalSet:
        every = IntervalSet.span(0, (1 << self.space.widths[field]) - 1)
        return IntervalSet.union(box.get(field, every) for box in self._only(region, (field,)).boxes((field,)))


def _plain(those: Iterable[Accepted]) -> frozenset[tuple[Side, tuple[str, ...]]]:
    """What uplinks let come in, whichever they are called."""
    return frozenset((OUTSIDE if isinstance(one.source, str) else one.source, one.services) for one in those)


_Row = tuple[IntervalSet, IntervalSet, Region]


def _joined(rows: list[_Row]) -> list[_Row]:
    """Rows (sources, targets, services) that differ in one part alone become one, until none do."""
    while True:
        before = len(rows)
        by_ends: dict[tuple[IntervalSet, IntervalSet], Region] = {}
        for source, target, services in rows:
            held = by_ends.get((source, target))
            by_ends[source, target] = services if held is None else held | services
        by_source: dict[tuple[IntervalSet, Region], IntervalSet] = {}
        for (source, target), services in by_ends.items():
            by_source[source, services] = by_source.get((source, services), IntervalSet()) | target
        by_target: dict[tuple[IntervalSet, Region], IntervalSet] = {}
        for (source, services), target in by_source.items():
            by_target[target, services] = by_target.get((target, services), IntervalSet()) | source
        rows = [(source, target, services) for (target, services), source in by_target.items()]
        if len(rows) == before:
            return rows
