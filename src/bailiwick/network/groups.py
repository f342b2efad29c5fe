"""Every name and address that may stand on a side of a sentence, looked up to the area that it covers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from bailiwick.language.sentence import Name
from bailiwick.network.addresses import Unclear, addresses, looks_numeric
from bailiwick.network.areas import Area
from bailiwick.network.draft import Draft
from bailiwick.network.model import Extent, Place
from bailiwick.network.names import KEYWORDS
from bailiwick.network.nesting import unroll
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet

PARTIES = ("zone", "host", "group", "device", "uplink")
MEMBERS = ("zone", "host", "group", "device")


@dataclass(slots=True)
class Areas:
    """Looks names up, each once. ``used`` gathers the names of groups that something asked for."""

    draft: Draft
    used: set[str] = field(default_factory=set)
    _known: dict[str, Area | None] = field(default_factory=dict)
    _subnets: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._subnets = sorted(
            (int(z.subnet.network_address), int(z.subnet.broadcast_address), z.id) for z in self.draft.zones.values()
        )

    def internet(self) -> IntervalSet:
        return PUBLIC - IntervalSet.of((first, last) for first, last, _ in self._subnets)

    def of(self, name: Name) -> Area | None:
        """What a word of a sentence covers; None when that cannot be known, which has then been said."""
        if self.draft.names.is_kind(name.text, "group"):
            self.used.add(name.text)
        if name.text not in self._known:
            self._known[name.text] = self._look_up(name)
        elif self._known[name.text] is None and not self.draft.names.is_kind(name.text, *PARTIES):
            return self._look_up(name)
        return self._known[name.text]

    def split(self, plain: IntervalSet) -> Area:
        """Bare addresses by the zone that holds them; the rest is loose."""
        spans: dict[str, list[tuple[int, int]]] = {}
        for first, last in plain.spans:
            at = bisect_left(self._subnets, first, key=lambda subnet: subnet[1])
            while at < len(self._subnets) and self._subnets[at][0] <= last:
                low, high, zone = self._subnets[at]
                spans.setdefault(zone, []).append((max(low, first), min(high, last)))
                at += 1
        inside = {zone: IntervalSet.of(pairs) for zone, pairs in spans.items()}
        return Area(inside, plain - IntervalSet.of(pair for pairs in spans.values() for pair in pairs))

    def _look_up(self, name: Name) -> Area | None:
        text = name.text
        kind = self.draft.names.kinds.get(text)
        if text in (Place.ROUTER, self.draft.router):
            return Area({Place.ROUTER: EVERY_ADDRESS})
        if text == Place.OUTSIDE:
            return Area({Place.OUTSIDE: EVERY_ADDRESS})
        if text == Place.INTERNET:
            return Area(loose=self.internet())
        if text == "modem":
            return self._modem(name)
        if kind is None:
            if looks_numeric(text):
                return self._addresses(name)
            self._unknown(name, PARTIES)
            return None
        if kind == "group":
            return self._group(text)
        return self._declared(name, kind)

    def _declared(self, name: Name, kind: str) -> Area | None:
        if kind == "zone" and name.text in self.draft.zones:
            zone = self.draft.zones[name.text]
            return Area({zone.id: IntervalSet.networks([zone.subnet])})
        if kind == "uplink" and name.text in self.draft.uplinks:
            return Area({self.draft.uplinks[name.text].id: EVERY_ADDRESS})
        if kind == "host" and name.text in self.draft.hosts:
            return Area.union(
                Area({leg.place: IntervalSet.single(int(leg.address))}) for leg in self.draft.hosts[name.text].legs
            )
        device = self.draft.devices.get(name.text)
        if kind == "device" and device:
            if device.place and device.address:
                return Area({device.place: IntervalSet.single(int(device.address))})
            self.draft.findings.error(
                "device-address",
                f"Device `{name.text}` has no address that a sentence could mean.",
                name.span,
                "give the device its `zone` and `address`",
            )
        return None

    def _modem(self, name: Name) -> Area | None:
        modems = {u.id: IntervalSet.single(int(u.modem)) for u in self.draft.uplinks.values() if u.modem}
        if modems:
            return Area(modems)
        self.draft.findings.error(
            "modem-unknown",
            "No uplink says the address of its modem.",
            name.span,
            "add `modem: 192.168.1.1` to the uplink",
        )
        return None

    def _addresses(self, name: Name) -> Area | None:
        try:
            return self.split(addresses(name.text))
        except Unclear as why:
            self.draft.findings.error("address-unclear", f"{why}.", name.span)
            return None

    def _unknown(self, name: Name, kinds: Sequence[str]) -> None:
        words = [word for word in KEYWORDS if word not in {"any", "all"}] if "uplink" in kinds else []
        if name.text in {"any", "all", "*"}:
            help = "name the zones: who may reach what is said, never left open"
        else:
            help = self.draft.names.suggest(name.text, kinds, words)
        said = ", ".join(kinds[:-1]) + f" or {kinds[-1]}"
        self.draft.findings.error("unknown-name", f"`{name.text}` is no {said}.", name.span, help)

    def _group(self, group: str) -> Area | None:
        """A group's members and its file's entries; unusable members are left out, having been said."""
        self._known[group] = None
        areas = [area for name in self._members(group) if (area := self._member(name))]
        plain: list[tuple[int, int]] = []
        for entry in self.draft.lists.get(group, ()):
            try:
                plain.extend(addresses(entry.text).spans)
            except Unclear as why:
                self.draft.findings.error("address-unclear", f"{why}.", entry.span)
        if plain:
            areas.append(self.split(IntervalSet.of(plain)))
        if not areas:
            return None
        self._known[group] = Area.union(areas)
        return self._known[group]

    def _members(self, group: str) -> list[Name]:
        written = self.draft.home.groups[group]
        spans = self.draft.findings.spans
        return [Name(text, spans.value("groups", group, "members", i)) for i, text in enumerate(written.members)]

    def _member(self, name: Name) -> Area | None:
        if name.text in KEYWORDS or self.draft.names.is_kind(name.text, "uplink") or name.text == self.draft.router:
            self.draft.findings.error(
                "group-member",
                f"`{name.text}` cannot be in a group: a group holds hosts, zones, devices, addresses and groups.",
                name.span,
                "name it in the sentence itself, beside the group",
            )
            return None
        if not self.draft.names.is_kind(name.text, *MEMBERS) and not looks_numeric(name.text):
            self._unknown(name, MEMBERS)
            return None
        return self.of(name)


def check_groups(areas: Areas) -> dict[str, tuple[Extent, ...]]:
    """Looks every group up, used or not; refuses empty ones and those that hold themselves.

    What each holds, by place; loose addresses are the outside's.
    """
    findings = areas.draft.findings
    groups = {g: areas.draft.home.groups[g] for g in areas.draft.names.of("group")}
    for group, written in groups.items():
        if not written.members and not areas.draft.lists.get(group):
            findings.error(
                "group-empty",
                f"Group `{group}` has nothing in it.",
                findings.spans.key("groups", group),
                "an empty group would make its sentences say nothing: add a member, or remove both",
            )
    order, circles = unroll({group: written.members for group, written in groups.items()})
    for circle in circles:
        findings.error(
            "group-cycle",
            f"Group `{circle[0]}` holds itself: {' > '.join(circle)}.",
            findings.spans.key("groups", circle[-2]),
            "take one of them out of the other",
        )
    found = {group: areas.of(Name(group, findings.spans.key("groups", group))) for group in order}
    areas.used.clear()
    areas.used.update(m for written in groups.values() for m in written.members if m in groups)
    return {group: _extents(area) for group in groups if (area := found.get(group))}


def _extents(area: Area) -> tuple[Extent, ...]:
    loose = (Extent(Place.OUTSIDE, area.loose),) if area.loose else ()
    return (*(Extent(place, addresses) for place, addresses in area.places.items()), *loose)
