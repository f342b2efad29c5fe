"""Who hears whom at layer 2: every port of every switch and hypervisor, with every tag that somebody might try.

A broadcast without a tag is heard in its own zone and nowhere else; where the zone isolates, by the router alone. A
tag, or two, that a guest writes in front leads nowhere else: with its own zone's number, or none (a priority tag, IEEE
802.1Q, 6.9.1), it may be its own zone's, as the Linux bridge by itself takes that in (net/bridge/br_vlan.c); with any
other it is nobody's.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from bailiwick.network.model import Place
from bailiwick.packets.packet import UDP
from bailiwick.plan.model import LinkKind
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.acts.tags import places_of
from bailiwick.twin.layout import ROUTER, Layout, Station
from bailiwick.twin.result import Check
from bailiwick.twin.wire.frames import BROADCAST, TAGGED, Header, datagram
from bailiwick.twin.wire.taps import Tap, passing

DISCARD = 9
"""A port on which nobody answers (RFC 863)."""
FIRST_SERIAL = 1
PRIORITY = 0
"""The number of no VLAN: a frame with it is of the port's own."""


@dataclass(frozen=True, slots=True)
class Shout:
    """One broadcast: the tags written in front of it, the outer one first."""

    sender: Station
    tags: tuple[int, ...]

    def __str__(self) -> str:
        return " in ".join(f"tag {tag}" for tag in reversed(self.tags)) or "no tag"


def segments(stage: Stage) -> Iterable[Check]:
    """One check for each port with a station, and each zone's station beside a switch."""
    if not stage.layout.plugs:
        return
    everybody = _with_plugs(stage.layout)
    shouts = dict(enumerate(_shouts(stage, everybody), FIRST_SERIAL))
    frames = ((serial, shout.sender.name, _frame(shout, serial)) for serial, shout in shouts.items())
    awaited = {
        serial: {ROUTER, *(one.name for one in everybody.at(shout.sender.place))} - {shout.sender.name}
        for serial, shout in shouts.items()
        if not shout.tags and shout.sender.place != Place.UNKNOWN
    }
    seen = passing(everybody, frames, stage.patience, awaited)
    places = places_of(stage.plan)
    isolated = {zone.id for zone in stage.network.zones.values() if zone.isolate}
    own = {zone.id: zone.vlan for zone in stage.network.zones.values()}
    ports = {one.name: one.parent for one in stage.plan.interfaces if one.kind is LinkKind.VLAN and one.parent}
    for sender in dict.fromkeys(shout.sender for shout in shouts.values()):
        mine = {serial: shout for serial, shout in shouts.items() if shout.sender == sender}
        yield _judged(sender, mine, seen, _Rules(everybody, places, isolated, own, ports))


@dataclass(frozen=True, slots=True)
class _Rules:
    layout: Layout
    places: Mapping[str, str]  # the router's interfaces, and whose they are
    isolated: set[str]
    own: Mapping[str, int | None]
    ports: Mapping[str, str]  # of the router's VLAN interfaces: the port below

    def ends(self, taps: Iterable[Tap]) -> Iterator[Tap]:
        """Where a frame was heard at last: not the router's port too whose VLAN interface took the tag off."""
        every = list(taps)
        below = {self.ports.get(tap.link) for tap in every if tap.machine == ROUTER}
        return (tap for tap in every if tap.machine != ROUTER or tap.link not in below)

    def wrong(self, shout: Shout, tap: Tap) -> str | None:
        """Why nobody may hear it there, or None."""
        sender = shout.sender
        place = self.places.get(tap.link) if tap.machine == ROUTER else self._place(tap.machine)
        if tap.machine == ROUTER and (place is None or not tap.mine):
            return None  # a trunk's bare port, which passes it on to nobody; what takes it is an interface with a place
        if place != sender.place:
            return f"{shout}: heard by {tap.machine}{' on ' + tap.link if tap.machine == ROUTER else ''} ({place})"
        if shout.tags and shout.tags[0] not in (PRIORITY, self.own.get(sender.place)):
            return f"{shout}: taken in by {tap.machine}"
        if tap.machine != ROUTER and sender.place in self.isolated and sender.wired and self._wired(tap.machine):
            return f"{shout}: heard by {tap.machine}, and the zone isolates"
        return None

    def _place(self, name: str) -> str:
        return next(station.place for station in self.layout.stations if station.name == name)

    def _wired(self, name: str) -> bool:
        """Both on ports of one machine's bridge."""
        return any(station.wired for station in self.layout.stations if station.name == name)


def _with_plugs(layout: Layout) -> Layout:
    known = {station.name for station in layout.stations}
    more = tuple(plug.station for plug in layout.plugs if plug.station.name not in known)
    return replace(layout, stations=(*layout.stations, *more))


def _shouts(stage: Stage, everybody: Layout) -> Iterator[Shout]:
    tags = sorted({zone.vlan for zone in stage.network.zones.values() if zone.vlan is not None})
    free = next(number for number in range(2, 4095) if number not in tags)
    for station in everybody.stations:
        if station.wired is None:
            continue
        yield Shout(station, ())
        own = next((zone.vlan for zone in stage.network.zones.values() if zone.id == station.place), None)
        for tag in (*tags, 1, free):
            yield Shout(station, (tag,))
            if own is not None and tag != own:
                yield Shout(station, (own, tag))
                yield Shout(station, (PRIORITY, tag))
                yield Shout(station, (tag, own))


def _frame(shout: Shout, serial: int) -> bytes:
    source = shout.sender.addresses[0].ip if shout.sender.addresses else IPv4Address(0)
    packet = datagram(Header(source, IPv4Address("255.255.255.255"), UDP, 68, DISCARD), serial)
    head = bytes.fromhex((BROADCAST + shout.sender.mac).replace(":", ""))
    return head + b"".join(struct.pack("!HH", TAGGED, tag) for tag in shout.tags) + b"\x08\x00" + packet


def _judged(
    sender: Station, shouts: Mapping[int, Shout], seen: Mapping[int, Mapping[Tap, None]], rules: _Rules
) -> Check:
    wrong = [
        why for serial, shout in shouts.items() for tap in rules.ends(seen[serial]) if (why := rules.wrong(shout, tap))
    ]
    plain = next(serial for serial, shout in shouts.items() if not shout.tags)
    heard = [tap for tap in rules.ends(seen[plain]) if tap.machine != sender.name]
    alone = sender.place == Place.UNKNOWN
    device, port = sender.wired or ("", "")
    if wrong:
        said, holds = "; ".join(dict.fromkeys(wrong)), False
    elif alone:
        said, holds = f"{len(shouts)} broadcasts, heard by nobody", True
    elif heard:
        said, holds = f"{len(shouts)} broadcasts; without a tag heard by {len(heard)} of its own", True
    else:
        said, holds = "its own zone does not hear it either", False
    expected = "heard by nobody" if alone else f"heard in {sender.place.removeprefix('zone:')}, and nowhere else"
    return Check(f"broadcasts from {device}'s {port}, tagged and not", expected, said, holds)
