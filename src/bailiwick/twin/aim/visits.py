"""Who asks for the page of an uplink's modem, and who is meant to get it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.intent import Intent
from bailiwick.network.model import Network, Zone
from bailiwick.packets.packet import TCP
from bailiwick.twin.aim.ways import Aim, Ways
from bailiwick.twin.layout import Layout, Station

HTTP = 80
SOURCE_PORT = 40000


@dataclass(frozen=True, slots=True)
class Visit:
    """One page asked for. ``seen_as`` is the address that the modem should see, None when nothing should come."""

    uplink: str  # its name
    modem: IPv4Address
    zone: str  # its name
    station: str
    source: IPv4Address
    seen_as: IPv4Address | None


def _askers(zone: Zone, ways: Ways, layout: Layout) -> Iterator[tuple[Station, IPv4Address]]:
    """Each station by its first address, and one of whoever has an exit of their own."""
    exits: set[str | None] = set()
    for station in layout.at(zone.id):
        held = [one for one in station.addresses if one.ip not in (zone.subnet[0], zone.subnet[-1])]
        for number, address in enumerate(held):
            exit_ = ways.exit_of(zone.id, address.ip)
            if number == 0 or (exit_ and exit_ not in exits):
                yield station, address.ip
            exits.add(exit_)


def visits_of(network: Network, intent: Intent, ways: Ways, layout: Layout) -> tuple[Visit, ...]:
    """From every zone to every modem that the home file names."""
    found: list[Visit] = []
    for uplink in network.uplinks.values():
        if uplink.modem is None:
            continue
        for zone in network.zones.values():
            for station, source in _askers(zone, ways, layout):
                packets = ways.candidates(Aim(zone.id, source, uplink.modem, TCP, SOURCE_PORT, HTTP))
                open_ = any(packet.egress == uplink.id and intent.accepts(packet) for packet in packets)
                seen_as = layout.line(uplink.id).address.ip if open_ else None
                found.append(Visit(uplink.name, uplink.modem, zone.name, station.name, source, seen_as))
    return tuple(found)
