"""The sides of a sentence: areas become extents once it is known on which side of the arrow they stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from bailiwick.language.sentence import Name, Side
from bailiwick.network.areas import Area
from bailiwick.network.groups import Areas
from bailiwick.network.model import Extent, Party, Place
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet


@dataclass(slots=True)
class Parties:
    """Resolves sides, each wording once for each side of the arrow. ``internet`` is what the word covers."""

    areas: Areas
    internet: IntervalSet = field(init=False)
    _known: dict[tuple[bool, str], Party | None] = field(default_factory=dict)
    _outer: dict[str, IntervalSet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Gathers what may be met beyond each uplink although it is not the internet's."""
        draft = self.areas.draft
        self.internet = self.areas.internet()
        for uplink in draft.uplinks.values():
            own = IntervalSet.networks([uplink.address.network] if uplink.address and not uplink.tunnel else [])
            legs = [leg.address for host in draft.hosts.values() for leg in host.legs if leg.place == uplink.id]
            boxes = [d.address for d in draft.devices.values() if d.place == uplink.id and d.address]
            self._outer[uplink.id] = own | IntervalSet.addresses(
                [*legs, *boxes, *([uplink.modem] if uplink.modem else [])]
            )

    def source(self, side: Side) -> Party | None:
        """Loose addresses are the outside's. None when a name failed, which has then been said."""
        return self._party(side, target=False)

    def target(self, side: Side) -> Party | None:
        """Loose addresses are the internet's as far as they are public, else those of an uplink that has them."""
        return self._party(side, target=True)

    def _party(self, side: Side, target: bool) -> Party | None:
        key = (target, str(side))
        if self._known.get(key) is None:
            self._known[key] = self._resolve(side, key[1], target)
        return self._known[key]

    def _resolve(self, side: Side, text: str, target: bool) -> Party | None:
        named = [self._named(name, target) for name in side.names]
        taken = [self.areas.of(name) for name in side.excepts]
        if any(area is None for area in (*named, *taken)):
            return None
        whole = Area.union(area for area in named if area)
        rest = whole
        for name, area in zip(side.excepts, taken, strict=True):
            if area and self._takes(name, whole, area):
                rest = rest.minus(area)
        party = Party(text, self._extents(rest, target))
        if side.excepts and not party.extents:
            self.areas.draft.findings.error(
                "except-everything", f"`{text}` leaves nobody.", side.excepts[0].span, "take out less"
            )
            return None
        return party

    def _named(self, name: Name, target: bool) -> Area | None:
        area = self.areas.of(name)
        if area is None:
            return None
        findings = self.areas.draft.findings
        if target and Place.OUTSIDE in area.places:
            findings.error(
                "outside-target",
                "`outside` is where packets come from; as a target it means nothing.",
                name.span,
                "write `internet`, or the name of an uplink",
            )
            return None
        if not self._extents(area, target):
            findings.error(
                "address-nowhere",
                f"`{name.text}` is in no zone, and no such address exists on the internet (RFC 6890).",
                name.span,
                "if it is on the provider's side, declare it as a host with `uplink:`",
            )
            return None
        return area

    def _takes(self, name: Name, whole: Area, area: Area) -> bool:
        """Says so when an ``except`` takes nothing, or takes an uplink out of what has no single uplink."""
        entire = [p for p, addresses in area.places.items() if p.startswith("uplink:") and addresses == EVERY_ADDRESS]
        if entire and (whole.loose or Place.OUTSIDE in whole.places):
            self.areas.draft.findings.error(
                "except-uplink",
                f"Uplink `{name.text}` cannot be taken out of `internet` or `outside`.",
                name.span,
                "name the uplinks that you mean, before `except`",
            )
            return False
        rest = whole.minus(area)
        if rest.loose == whole.loose and rest.places == whole.places:
            self.areas.draft.findings.warn(
                "except-nothing",
                f"`{name.text}` is not among the names before `except`.",
                name.span,
                "it takes nothing away: remove it, or see whether another was meant",
            )
        return True

    def _extents(self, area: Area, target: bool) -> tuple[Extent, ...]:
        """By place: equal areas give equal extents."""
        places = dict(area.places)
        if target:
            for uplink, outer in self._outer.items():
                if places.get(uplink) == EVERY_ADDRESS:
                    places[uplink] = self.internet
                elif area.loose:
                    private = (area.loose & outer) - self.internet
                    places[uplink] = places.get(uplink, IntervalSet()) | private
            places[Place.INTERNET] = area.loose & self.internet
        elif area.loose:
            places[Place.OUTSIDE] = places.get(Place.OUTSIDE, IntervalSet()) | area.loose
        return tuple(Extent(place, places[place]) for place in sorted(places) if places[place])
