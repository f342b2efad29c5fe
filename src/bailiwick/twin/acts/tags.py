"""Frames that lie about their zone: a tag that the port does not carry, or none where only tags are.

Each is a packet that the filter lets through when it comes by the zone's own wire, so whoever took it for that zone's
would pass it on; and one aimed past the router, straight at a machine of the zone, which only a bridge would carry.
A frame with the right tag on its own trunk shows that the others were written as they should be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bailiwick.packets.packet import ICMP, TCP, UDP, Packet
from bailiwick.plan.model import LinkKind, Plan
from bailiwick.twin.layout import ROUTER, Layout, Station
from bailiwick.twin.result import Check, Fate
from bailiwick.twin.script import Probe, Script, Sighting
from bailiwick.twin.wire.frames import Header, datagram, frame
from bailiwick.twin.wire.taps import Tap, passing

BRIDGES = 1
"""The VLAN that a bridge of Linux has of its own (``vlan_default_pvid``, ip-link(8))."""
MODELS = 3
"""Packets tried of each zone, leaving by as many ways as there are."""
FIRST_PORT = 2000
"""Of the senders: no packet of the prober's bears these, so that none of these is part of a connection it began."""
PORTS = 8000


@dataclass(frozen=True, slots=True)
class Wire:
    """What is plugged into one port of the router. ``tags``: each VLAN that the port carries, and whose it is."""

    port: str
    place: str | None
    tags: Mapping[int, str]
    sender: Station


@dataclass(frozen=True, slots=True)
class Lie:
    """One frame. ``tag`` None: untagged. ``place`` is whose it would be if it were believed; of two tags, if the
    inner one were."""

    wire: Wire
    tag: int | None
    place: str
    target: str  # MAC
    probe: Probe
    inner: int | None = None


Judge = Callable[
    [
        Wire,
        Sequence[tuple[int, Lie]],
        Mapping[int, Mapping[Tap, None]],
        Mapping[str, str],
        Mapping[str, Station],
    ],
    Check,
]


def places_of(plan: Plan) -> dict[str, str]:
    """Whose each of the router's links is; a bridge's members are its zone's."""
    places = {interface.name: interface.place for interface in plan.interfaces if interface.place}
    for interface in plan.interfaces:
        if interface.place:
            places |= dict.fromkeys(interface.members, interface.place)
    return places


def wires(plan: Plan, layout: Layout) -> tuple[Wire, ...]:
    """Every port of the router on whose wire somebody stands."""
    places = places_of(plan)
    tags: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for interface in plan.interfaces:
        if interface.kind is LinkKind.VLAN and interface.parent and interface.vlan is not None:
            tags[interface.parent][interface.vlan] = places.get(interface.name, "")
    senders: dict[str, Station] = {}
    for station in layout.stations:
        if station.wired is None:  # whoever is behind a switch has its port's word to go by: see ``segments``
            senders.setdefault(station.interface, station)
    return tuple(
        Wire(interface.name, places.get(interface.name), tags[interface.name], senders[interface.name])
        for interface in plan.interfaces
        if interface.kind is LinkKind.ETHERNET and interface.name in senders
    )


def models_of(probes: Sequence[Probe], sightings: Mapping[int, Sighting]) -> dict[str, list[Probe]]:
    """A few packets of each place: those that arrived first, each by another way out."""
    ways: defaultdict[str, dict[tuple[str, bool], Probe]] = defaultdict(dict)
    for arrived in (True, False):
        for probe in probes:
            fits = probe.packet.protocol in (TCP, UDP, ICMP) and arrived is (probe.expected is Fate.ARRIVED)
            if fits and (sightings[probe.serial].places or not arrived):
                ways[probe.packet.ingress].setdefault((probe.packet.egress, arrived), probe)
    return {place: list(those.values())[:MODELS] for place, those in ways.items()}


def lies(
    wire: Wire, every: Sequence[tuple[int, str]], models: Mapping[str, Sequence[Probe]], layout: Layout, mac: str
) -> Iterator[Lie]:
    """All that can be said wrongly on one wire. ``every`` tag of the home, and whose; ``mac`` is the port's."""
    wrong: list[tuple[int | None, str]] = [
        (tag, place) for tag, place in every if tag not in wire.tags and place != wire.place
    ]
    if wire.place is None:
        wrong += [(None, place) for place in wire.tags.values() if place]
    for tag, place in wrong:
        for probe in models.get(place, ()):
            yield Lie(wire, tag, place, mac, probe)
            for station in layout.at(place):
                yield Lie(wire, tag, place, station.mac, probe)
        for probe in models.get(wire.place or "", ())[:1]:
            yield Lie(wire, tag, place, mac, probe)


def doubles(
    wire: Wire, every: Sequence[tuple[int, str]], models: Mapping[str, Sequence[Probe]], layout: Layout, mac: str
) -> Iterator[Lie]:
    """Frames with two tags: whoever takes the outer one off and looks again believes the inner one, as a switch does
    whose trunk has a native VLAN. A bridge's own VLAN may be the outer one."""
    outers = every if any(tag == BRIDGES for tag, _ in every) else [*every, (BRIDGES, wire.place)]
    for outer, honest in outers:
        for inner, place in every:
            if place in (honest, wire.place):
                continue
            for probe in models.get(place, ())[:1]:
                for target in (mac, *(station.mac for station in layout.at(place))):
                    yield Lie(wire, outer, place, target, probe, inner)


def truths(wire: Wire, models: Mapping[str, Sequence[Probe]], macs: Mapping[str, str], plan: Plan) -> Iterator[Lie]:
    """For each tag that the port carries one frame that is what it says."""
    carriers = {(i.parent, i.vlan): i.name for i in plan.interfaces if i.kind is LinkKind.VLAN}
    for tag, place in wire.tags.items():
        for probe in models.get(place, ())[:1]:
            yield Lie(wire, tag, place, macs[carriers[wire.port, tag]], probe)


def _frame(serial: int, lie: Lie) -> tuple[int, str, bytes]:
    packet: Packet = lie.probe.packet
    port = FIRST_PORT + serial % PORTS if packet.source_port else 0
    header = Header(packet.source, lie.probe.destination, packet.protocol, port, lie.probe.port, packet.icmp_type)
    return (
        serial,
        lie.wire.sender.name,
        frame(lie.target, lie.wire.sender.mac, datagram(header, serial), lie.tag, lie.inner),
    )


def mistagged(
    script: Script, layout: Layout, sightings: Mapping[int, Sighting], macs: Mapping[str, str]
) -> tuple[Check, ...]:
    """For each port what became of the lies told there, and of the truths. Nothing for a home without VLANs."""
    plan = script.plan
    if not any(interface.kind is LinkKind.VLAN for interface in plan.interfaces):
        return ()
    if any(interface.kind is LinkKind.VLAN for interface, _ in layout.stand_ins):
        subject = "frames with a tag that their port does not carry, or with none where only tags are"
        return (Check(subject, "nobody takes them", "not tried, as the kernel has no 802.1Q", None),)
    every = sorted({pair for wire in wires(plan, layout) for pair in wire.tags.items() if pair[1]})
    models = models_of(script.probes, sightings)
    groups: list[tuple[Judge, Wire, list[tuple[int, Lie]]]] = []
    told: list[tuple[int, Lie]] = []
    for wire in wires(plan, layout):
        for judge, those in (
            (_refused, lies(wire, every, models, layout, macs[wire.port])),
            (_refused, doubles(wire, every, models, layout, macs[wire.port])),
            (_believed, truths(wire, models, macs, plan)),
        ):
            numbered = list(enumerate(those, len(told) + 1))
            told += numbered
            if numbered:
                groups.append((judge, wire, numbered))
    awaited = dict.fromkeys(
        (serial for judge, _, those in groups if judge is _believed for serial, _ in those), (ROUTER,)
    )
    frames = (_frame(serial, lie) for serial, lie in told)
    seen = passing(layout, frames, script.options.patience, awaited)
    places, stations = places_of(plan), {station.name: station for station in layout.stations}
    return tuple(judge(wire, numbered, seen, places, stations) for judge, wire, numbered in groups)


def _came_in(wire: Wire, taps: Mapping[Tap, None]) -> bool:
    return any(tap.machine == ROUTER and tap.link == wire.port for tap in taps)


def takers(
    lie: Lie, taps: Mapping[Tap, None], places: Mapping[str, str], stations: Mapping[str, Station]
) -> Iterator[str]:
    """Who has a frame that nobody should have; those of the wire's own zone may hear what is said on it, and of two
    tags those of an outer one that the port carries."""
    wire = lie.wire
    own = {wire.place}
    if lie.inner is not None:
        own.add(wire.tags.get(lie.tag or 0, wire.place))
    for tap in taps:
        if tap.machine != ROUTER:
            station = stations[tap.machine]
            if station.interface != wire.port and station.place not in own:
                yield f"seen by {tap.machine}"
        elif tap.link == "":
            yield "let in to the router"
        elif tap.mine and tap.link != wire.port and places.get(tap.link, wire.place) not in own:
            yield f"taken by {tap.link} for {places[tap.link]}'s"


def _refused(
    wire: Wire,
    numbered: Sequence[tuple[int, Lie]],
    seen: Mapping[int, Mapping[Tap, None]],
    places: Mapping[str, str],
    stations: Mapping[str, Station],
) -> Check:
    wrong = [f"{_said(lie)}: {how}" for serial, lie in numbered for how in takers(lie, seen[serial], places, stations)]
    came = sum(_came_in(wire, seen[serial]) for serial, _ in numbered)
    said = f"{came} of {len(numbered)} came in, nobody took them"
    return Check(
        subject=f"frames on {wire.port}, {_kinds([lie for _, lie in numbered])}",
        expected="nobody takes them",
        seen="; ".join(dict.fromkeys(wrong)) or said,
        holds=False if wrong else True if came else None,
    )


def _said(lie: Lie) -> str:
    if lie.inner is not None:
        return f"tags {lie.tag} and {lie.inner}"
    return "untagged" if lie.tag is None else f"tag {lie.tag}"


def _kinds(lies_told: Sequence[Lie]) -> str:
    if any(lie.inner is not None for lie in lies_told):
        return "with two tags"
    tags = sorted({lie.tag for lie in lies_told if lie.tag is not None})
    kinds = [f"tagged {', '.join(map(str, tags))}"] if tags else []
    kinds += ["untagged"] if any(lie.tag is None for lie in lies_told) else []
    return f"{' or '.join(kinds)}, which the port does not carry"


def _believed(
    wire: Wire,
    numbered: Sequence[tuple[int, Lie]],
    seen: Mapping[int, Mapping[Tap, None]],
    places: Mapping[str, str],
    _: Mapping[str, Station],
) -> Check:
    by: dict[int | None, list[str]] = {}
    for serial, lie in numbered:
        by[lie.tag] = [
            tap.link for tap in seen[serial] if tap.machine == ROUTER and tap.mine and places.get(tap.link) == lie.place
        ]
    return Check(
        subject=f"frames on {wire.port} with each tag that it carries",
        expected=", ".join(f"{lie.tag} taken for {lie.place}'s" for _, lie in numbered),
        seen=", ".join(f"{tag} taken by {links[0] if links else 'nobody'}" for tag, links in by.items()),
        holds=all(by.values()),
    )
