"""Which connections to open: for each sentence and each pair of places that it joins, one; and what each must show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address

from bailiwick.network.model import Place
from bailiwick.packets.packet import TCP, UDP
from bailiwick.twin.aim.subnets import broadcasts
from bailiwick.twin.layout import ROUTER, Layout, Station
from bailiwick.twin.result import Check, Fate
from bailiwick.twin.script import Probe, Sighting
from bailiwick.twin.verdicts import source_expected
from bailiwick.twin.wire.conversations import Call, Exchange

RESERVED_PORTS = frozenset({53, 67, 68})
"""Where the router's own daemons answer; their answers are asked for apart."""


def chosen_of(probes: tuple[Probe, ...], sightings: Mapping[int, Sighting], layout: Layout) -> list[Probe]:
    """The first packet that arrived of each sentence, pair of places and protocol, if its sender can be a real one."""
    stations = {station.name: station for station in layout.stations}
    held_there = [address for station in layout.stations for address in station.addresses]
    everybodys = broadcasts(address.network for address in (*held_there, *(line.address for line in layout.lines)))
    tunnels = {line.address.ip: line.uplink for line in layout.lines if line.uplink in layout.tunnels}
    wires = {line.uplink: line.address.network for line in layout.lines}
    taken: dict[tuple[object, ...], Probe] = {}
    for probe in probes:
        packet = probe.packet
        if probe.expected is not Fate.ARRIVED or packet.protocol not in (TCP, UDP) or probe.port in RESERVED_PORTS:
            continue
        if not sightings[probe.serial].places or packet.destination_port == 0 or probe.destination in everybodys:
            continue
        # The answer would leave by that tunnel or not at all.
        if packet.ingress.startswith("uplink:") and tunnels.get(probe.destination, packet.ingress) != packet.ingress:
            continue
        caller = probe.station if probe.station == ROUTER else _holder(stations[probe.station], packet.source, layout)
        if not caller:
            continue
        # A neighbour on the uplink's wire is answered there, whatever the routes say; a stranger is not.
        near = packet.ingress in wires and packet.source in wires[packet.ingress]
        key = (probe.claims, packet.ingress, packet.egress, packet.protocol, packet.translated, near)
        taken.setdefault(key, replace(probe, station=caller))
    return list(taken.values())


def _holder(station: Station, source: IPv4Address, layout: Layout) -> str:
    """The station, or another at the same place, that has this address; "" where nobody has it."""
    for one in (station, *layout.at(station.place)):
        if one.everything or any(address.ip == source for address in one.addresses):
            return one.name
    return ""


def connect(
    exchange: Exchange,
    probes: tuple[Probe, ...],
    sightings: Mapping[int, Sighting],
    layout: Layout,
    patience: float,
) -> tuple[Check, ...]:
    """Open them all and compare who answered, and whom they saw."""
    chosen = chosen_of(probes, sightings, layout)
    places = {station.name: station.place for station in layout.stations} | {ROUTER: Place.ROUTER}
    interfaces = {line.uplink: line.interface for line in layout.lines}
    calls: list[Call] = []
    for probe in chosen:
        packet = probe.packet
        for station, place in places.items():
            if place == packet.egress:
                exchange.listen(station, packet.protocol, packet.destination_port)
        interface = interfaces.get(packet.egress, "") if probe.station == ROUTER else ""
        call = Call(probe.station, packet.source, probe.destination, packet.protocol, probe.port, interface=interface)
        calls.append(call)
    checks: list[Check] = []
    for probe, said in zip(chosen, exchange.insist(calls, patience), strict=True):
        packet = probe.packet
        sees = source_expected(probe, packet.egress, layout)
        answer = said.decode(errors="replace") if said else "nothing"
        station, _, peer = answer.partition(" ")
        name = "tcp" if packet.protocol == TCP else "udp"
        target = "" if probe.destination == packet.destination else f", led to {packet.destination}"
        checks.append(
            Check(
                subject=f"{name} from {packet.source} to {probe.destination}:{probe.port}{target}",
                expected=f"answered by {packet.egress}, which sees {sees}",
                seen=f"answered by {places[station]}, which sees {peer}" if station in places else answer,
                holds=places.get(station) == packet.egress and peer == str(sees),
            )
        )
    return tuple(checks)
