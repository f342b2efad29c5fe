"""A scanner in each zone, and a capture in every other segment: its packets are seen where the home file lets them
come, and nowhere else. Absence the hard way, as BSI TR-03148 asks for guest isolation."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from ipaddress import IPv4Address, IPv6Address

from bailiwick.claims.wording import place_words
from bailiwick.network.model import Network
from bailiwick.twin.acts.casts import Cast, Model
from bailiwick.twin.acts.fragments import body_of
from bailiwick.twin.layout import Layout, Station
from bailiwick.twin.result import Fate
from bailiwick.twin.script import Probe
from bailiwick.twin.wire.crafting import (
    ALL_NODES,
    ETH_ARP,
    ETH_IP,
    ETH_IPV6,
    EVERYBODY,
    NEIGHBOUR_SOLICITATION,
    REQUEST,
    ROUTER_ADVERTISEMENT,
    arp,
    ethernet,
    icmpv6,
    ipv4,
)
from bailiwick.twin.wire.frames import SYN
from bailiwick.twin.wire.marks import marks

SWEEP = 256
"""The most addresses of a subnet that ARP asks for."""
LINK_LOCAL = IPv6Address("fe80::5ca")
NOBODY = "00:00:00:00:00:00"


def _subject(place: str) -> str:
    return f"a scan from {place_words(place)}, captured in every other segment"


def scanner_card(station: Station) -> str:
    """A card of its own: the station's, with another first byte."""
    return f"06{station.mac[2:]}"


def _packet(model: Model, serial: int, port: int) -> list[bytes]:
    source, destination, _ = model.ends
    packet = ipv4(source, destination, model.probe.packet.protocol, body_of(model, serial, port, 1, SYN))
    return [ethernet(model.mac, scanner_card(model.station), ETH_IP, packet)]


def _sweep(station: Station, source: IPv4Address, targets: tuple[IPv4Address, ...], serial: int, _: int) -> list[bytes]:
    mac = scanner_card(station)
    return [
        ethernet(EVERYBODY, mac, ETH_ARP, arp(REQUEST, (mac, source), (NOBODY, target), marks(serial, 2)))
        for target in targets
    ]


def _ipv6(station: Station, router: str, serial: int, _: int) -> list[bytes]:
    """A router advertisement and a solicitation (RFC 4861), to all and at the router's card."""
    announced = icmpv6(
        LINK_LOCAL, ALL_NODES, ROUTER_ADVERTISEMENT, struct.pack("!BBHII", 64, 0, 0, 0, 0) + marks(serial)
    )
    asked = icmpv6(LINK_LOCAL, ALL_NODES, NEIGHBOUR_SOLICITATION, bytes(4) + ALL_NODES.packed + marks(serial))
    return [
        ethernet(target, scanner_card(station), ETH_IPV6, packet)
        for packet in (announced, asked)
        for target in ("33:33:00:00:00:01", router)
    ]


def captures(network: Network, scans: Iterable[Probe], layout: Layout, macs: Mapping[str, str]) -> Iterator[Cast]:
    """The scan of each zone, packet by packet; broadcasts are ``broadcasts``' own affair."""
    stations = {station.name: station for station in layout.stations}
    sources: dict[str, IPv4Address] = {}
    for probe in scans:
        station = stations[probe.station]
        model = Model(probe, station, macs[station.interface], probe.expected is Fate.ARRIVED)
        sources[station.name] = probe.packet.source
        what = f"{probe.packet.source} to {probe.destination}{f':{probe.port}' if probe.port else ''}"
        yield Cast(_subject(station.place), what, station, partial(_packet, model), model.may)
    subnets = {zone.id: zone.subnet for zone in network.zones.values()}
    gateways = tuple(zone.gateway for zone in network.zones.values())
    for name, source in sources.items():
        station = stations[name]
        router, subject = macs[station.interface], _subject(station.place)
        near = tuple(address for address, _ in zip(subnets[station.place].hosts(), range(SWEEP), strict=False))
        yield Cast(subject, "ARP for every address", station, partial(_sweep, station, source, near))
        yield Cast(subject, "ARP for other zones' gateways", station, partial(_sweep, station, source, gateways))
        yield Cast(subject, "IPv6 neighbour discovery", station, partial(_ipv6, station, router))
