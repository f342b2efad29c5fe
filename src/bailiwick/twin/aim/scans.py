"""What a scanner in each zone would send to every other segment, and how far each of its packets may come.

A bounded sweep, as BSI TR-03148 has its guest isolation tested: some hosts of each place, the router on each of its
addresses, the common ports. The zone's own addresses are for ARP to sweep.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from bailiwick.intent import Intent
from bailiwick.network.model import Network, Zone
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.aim.points import ECHO
from bailiwick.twin.aim.subnets import members
from bailiwick.twin.aim.ways import Aim, Ways
from bailiwick.twin.layout import Layout
from bailiwick.twin.result import Fate
from bailiwick.twin.script import Probe

TCP_PORTS = (21, 22, 23, 25, 80, 139, 443, 445, 3389, 5900, 8080, 8443)
UDP_PORTS = (69, 123, 137, 161, 500, 1900, 5353)
SERVICES = (*((TCP, port) for port in TCP_PORTS), *((UDP, port) for port in UDP_PORTS), (ICMP, 0))
BEYOND = IPv4Address("185.199.108.153")
HOSTS = 3
"""Of each place."""
SOURCE_PORT = 14_000


def scanner_of(zone: Zone, network: Network, layout: Layout) -> IPv4Address:
    """An address of the zone that nobody has, the highest; or else its last one."""
    named = [leg.address for host in network.hosts.values() for leg in host.legs if leg.place == zone.id]
    held = [one.ip for station in layout.at(zone.id) for one in station.addresses]
    spare = members(zone) - IntervalSet.addresses([*named, *held]) or members(zone)
    return IPv4Address(spare.spans[-1][1])


def _targets(zone: Zone, ways: Ways, layout: Layout) -> Iterator[IPv4Address]:
    for place in dict.fromkeys(station.place for station in layout.stations):
        if place != zone.id:
            held = [one.ip for station in layout.at(place) for one in station.addresses]
            yield from held[:HOSTS]
    yield from sorted(ways.router_addresses | set(ways.uplink_addresses))
    yield BEYOND


def scans_of(network: Network, intent: Intent, ways: Ways, layout: Layout) -> tuple[Probe, ...]:
    """From one station of each zone. ``expected`` is whether it may arrive at ``packet.egress``, not that it does:
    nobody need hold the address."""
    found: list[Probe] = []
    for zone in network.zones.values():
        stations = layout.at(zone.id)
        source = scanner_of(zone, network, layout)
        for target in dict.fromkeys(_targets(zone, ways, layout)):
            for protocol, port in SERVICES:
                number = len(found)
                aim = Aim(zone.id, source, target, protocol, SOURCE_PORT if port else 0, port, 0 if port else ECHO)
                candidates = ways.candidates(aim)
                packet = next((one for one in candidates if intent.accepts(one)), candidates[-1])
                fate = Fate.ARRIVED if intent.accepts(packet) else Fate.DROPPED
                found.append(Probe(number, stations[0].name, packet, target, port, fate, zone.id, packet.egress))
    return tuple(found)
