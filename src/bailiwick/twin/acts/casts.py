"""Hand-made packets thrown at the router, and what each was meant to do: pass whole to one place, or be seen nowhere.

Models are packets of the trial whose fate is already known. An act turns one thing about each (a flag, an option, a
cut) and says what that changes; all are sent together, and captured on every wire.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.network.model import Place
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.layout import ROUTER, Layout, Station
from bailiwick.twin.result import Check, Fate
from bailiwick.twin.script import Probe, Sighting
from bailiwick.twin.wire.captures import ANSWER, Heard, capture

FIRST_PORT, PORTS = 17_000, 16_000
"""Of the senders: between those of the connections and those of the prober, so that each begins a connection."""
DAEMONS = frozenset({53, 67, 68})
"""Ports where a packet may be led elsewhere, or where the router's own daemons speak."""
SHOWN = 3

Make = Callable[[int, int], Sequence[bytes]]
"""(serial, source port) to the frames."""


@dataclass(frozen=True, slots=True)
class Cast:
    """``may`` is the only place, beside the sender's own segment, where it may be seen, None for no place at all;
    with ``units`` that many of its marks must come there. ``what`` is the variant, in a few words.

    ``report``: the packet is itself an ICMP answer or error; of any other, those are told by somebody else. ``apart``
    names stations of the sender's own segment that must not hear it. ``answered``: whether the router's ``card`` is
    to answer an ARP request; None for what asks nothing.
    """

    subject: str
    what: str
    station: Station
    make: Make
    may: str | None = None
    units: int = 0
    report: bool = False
    apart: tuple[str, ...] = ()
    answered: bool | None = None
    card: bytes = b""

    @property
    def must(self) -> bool:
        """Whether something is to come of it."""
        return bool(self.units or self.answered)


@dataclass(frozen=True, slots=True)
class Model:
    """A packet whose fate is known: ``accepted`` ones were seen to arrive."""

    probe: Probe
    station: Station
    mac: str  # of the router's link
    accepted: bool

    @property
    def ends(self) -> tuple[IPv4Address, IPv4Address, int]:
        return self.probe.packet.source, self.probe.destination, self.probe.port

    @property
    def may(self) -> str | None:
        return self.probe.packet.egress if self.accepted else None


def segment(station: Station) -> str:
    """Whose wire it is on: a place's, or one port's where the port stands for no place."""
    return station.interface if station.place == Place.UNKNOWN else station.place


def models_of(
    probes: Iterable[Probe], sightings: Mapping[int, Sighting], layout: Layout, macs: Mapping[str, str]
) -> tuple[Model, ...]:
    """For each pair of places and each of TCP, UDP and ICMP: one that arrived, one that a door led on, one that
    was dropped; from senders that are who they say."""
    stations = {station.name: station for station in layout.stations}
    held: defaultdict[str, set[IPv4Address]] = defaultdict(set)
    for one in layout.stations:
        held[one.place] |= {
            a.ip for a in one.addresses if a.network.prefixlen > 30 or a.ip not in (a.network[0], a.network[-1])
        }
    found: dict[tuple[object, ...], Model] = {}
    for probe in probes:
        packet = probe.packet
        if probe.station not in stations or packet.protocol not in (TCP, UDP, ICMP) or probe.port in DAEMONS:
            continue
        station = stations[probe.station]
        if packet.source not in held[station.place] and (station.gateway or not _a_strangers(packet.source)):
            continue
        accepted = probe.expected is Fate.ARRIVED
        if (accepted and not sightings[probe.serial].places) or packet.destination_port in DAEMONS:
            continue
        key = (packet.ingress, packet.egress, packet.protocol, packet.translated, accepted)
        inside = packet.ingress == packet.egress and accepted  # a hairpin, seen on the sender's own wire alone
        if key not in found and not inside and not _everybodys(probe.destination):
            found[key] = Model(probe, station, macs[station.interface], accepted)
    return tuple(found.values())


def leading(models: Iterable[Model]) -> frozenset[int]:
    """Serials of one model for each pair of places and fate: for what no protocol makes a difference to."""
    found: dict[tuple[object, ...], int] = {}
    for model in models:
        packet = model.probe.packet
        found.setdefault((packet.ingress, packet.egress, packet.translated, model.accepted), model.probe.serial)
    return frozenset(found.values())


def _a_strangers(address: IPv4Address) -> bool:
    return address.is_global and not address.is_multicast


def _everybodys(address: IPv4Address) -> bool:
    return address.is_multicast or int(address) == 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one cast. ``wrong`` says where it was seen and should not have been, or what did not come."""

    cast: Cast
    entered: bool
    wrong: str


def throw(casts: Sequence[Cast], layout: Layout, patience: float) -> list[Told]:
    """All at once; then what went wrong, again, alone and with three times the patience."""
    told = _throw(casts, layout, patience, 0)
    again = [number for number, one in enumerate(told) if one.wrong or (one.cast.must and not one.entered)]
    if again:
        for number, one in zip(again, _throw([casts[n] for n in again], layout, 3 * patience, len(casts)), strict=True):
            told[number] = one
    return told


def _throw(casts: Sequence[Cast], layout: Layout, patience: float, after: int) -> list[Told]:
    sent = (
        (cast.station.name, frame)
        for number, cast in enumerate(casts, after)
        for frame in cast.make(number + 1, FIRST_PORT + number % PORTS)
    )
    heard: defaultdict[int, list[Heard]] = defaultdict(list)
    for one in capture(layout, sent, patience):
        for serial in {serial for serial, _ in one.marks}:
            heard[serial].append(one)
    stations = {station.name: station for station in layout.stations}
    return [judge(cast, after + n + 1, heard[after + n + 1], stations) for n, cast in enumerate(casts)]


def judge(cast: Cast, serial: int, heard: Iterable[Heard], stations: Mapping[str, Station]) -> Told:
    """What became of one, from every frame that bears its serial."""
    entered = answered = False
    units: set[int] = set()
    strays: dict[str, None] = {}
    for one in heard:
        if one.machine == ROUTER and one.link:
            entered = True  # an answer to it, too, comes only of what has passed
            continue
        if (serial, ANSWER) in one.marks:
            answered = answered or one.sender == cast.card
            continue
        if one.reports and not cast.report:
            continue
        if one.machine == ROUTER:
            place, who = Place.ROUTER, "the router's own sockets"
        else:
            place, who = stations[one.machine].place, one.machine
            if who not in cast.apart and segment(stations[who]) == segment(cast.station):
                continue  # what is said on the sender's own wire
        if place == cast.may and who not in cast.apart:
            units |= {number for mark, number in one.marks if mark == serial}
        else:
            strays[who] = None
    return Told(cast, entered or bool(strays), _wrong(cast, strays, entered, units, answered))


def _wrong(cast: Cast, strays: Iterable[str], entered: bool, units: set[int], answered: bool) -> str:
    if strays:
        return f"{cast.what}: seen by {', '.join(strays)}"
    if entered and len(units) < cast.units:
        return f"{cast.what}: {len(units)} of {cast.units} parts came to {cast.may}"
    if entered and cast.answered is not None and answered is not cast.answered:
        return f"{cast.what}: {'answered' if answered else 'not answered'}"
    return ""


def checks_of(told: Iterable[Told]) -> Iterator[Check]:
    """One for each subject, in order. Inconclusive where nothing of it was seen to enter the router, or where one
    that must arrive was not."""
    groups: dict[str, list[Told]] = {}
    for one in told:
        groups.setdefault(one.cast.subject, []).append(one)
    for subject, those in groups.items():
        wrong = list(dict.fromkeys(one.wrong for one in those if one.wrong))
        entered = sum(one.entered for one in those)
        must = [one for one in those if one.cast.must]
        lost = not entered or any(not one.entered for one in must)
        came = sum(bool(one.cast.units) for one in must)
        passed = f"{came} arrived whole, " if came else ""
        seen = f"{entered} of {len(those)} entered the router, {passed}none was seen elsewhere"
        if wrong:
            more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
            seen = "; ".join(wrong[:SHOWN]) + more
        yield Check(subject, _expected(those), seen, False if wrong else None if lost else True)


def _expected(those: Sequence[Told]) -> str:
    if any(one.cast.answered for one in those):
        return "its own address alone is answered for"
    must = sum(bool(one.cast.units) for one in those)
    if must == len(those):
        return "each arrives whole, where it was sent to alone"
    return "seen nowhere" if not must else f"{must} arrive whole, nothing of the others is seen"
