"""A packet as the filter sees it, and the packet on the wire that comes to be it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from bailiwick.dataplane.interpreter import Header
from bailiwick.dataplane.model import Device
from bailiwick.intent import Intent
from bailiwick.intent.doors import Door
from bailiwick.network.model import Place
from bailiwick.packets.packet import TCP, Packet
from bailiwick.proof.places import Places

SYN = 0x02
SYMBOL = IPv4Address("198.51.100.1")
"""Stands for an uplink's changing address (RFC 5737): only the interface's name counts."""


@dataclass(frozen=True, slots=True)
class Aims:
    """Makes headers for one device."""

    intent: Intent
    device: Device
    places: Places

    def header(self, packet: Packet) -> Header:
        """The packet as it comes to the device; one that a door brought is sent to where that door stands."""
        header = Header(
            source=packet.source,
            destination=packet.destination,
            iif=self._interface(packet.ingress),
            protocol=packet.protocol,
            source_port=packet.source_port,
            destination_port=packet.destination_port,
            icmp_type=packet.icmp_type,
            tcp_flags=SYN if packet.protocol == TCP else 0,
        )
        if packet.translated:
            return self._knocking(packet, header)
        if packet.egress == Place.ROUTER and header.iif and not self._is_own(packet.destination):
            return self._at_the_outside(header)
        return header

    def _interface(self, place: str) -> str | None:
        if place == Place.ROUTER:
            return None
        names = self.places.interfaces(place)
        if names:
            return names[0]
        strangers = (name for name in self.device.interfaces if self.places.of(name) == Place.UNKNOWN)
        return min(strangers, default="unknown0")

    def _is_own(self, address: IPv4Address) -> bool:
        if address.is_multicast or int(address) == (1 << 32) - 1:
            return True
        return any(
            address in (own.ip, own.network.broadcast_address)
            for interface in self.device.interfaces.values()
            for own in interface.addresses
        )

    def _knocking(self, packet: Packet, header: Header) -> Header:
        for door in self._doors(packet):
            if door.outside:
                return self._at_the_outside(
                    replace(header, destination_port=packet.destination_port - door.shift), packet.ingress
                )
            asked = door.packets.sample().destination
            return replace(header, destination=asked)
        return header

    def _doors(self, packet: Packet) -> Iterator[Door]:
        for door in self.intent.doors:
            leads = (
                packet.egress == Place.ROUTER if door.destination is None else packet.destination == door.destination
            )
            before = replace(packet, translated=False, destination_port=packet.destination_port - door.shift)
            if leads and any(
                replace(before, destination=IPv4Address(cube.destinations.first())) in cube
                for cube in door.packets.cubes()
            ):
                yield door

    def _at_the_outside(self, header: Header, ingress: str = "") -> Header:
        """To the router's address on the uplink that it comes by, or on the first."""
        uplinks = sorted(self.intent.network.uplinks.values(), key=lambda uplink: uplink.id != ingress)
        for uplink in uplinks:
            if uplink.address is not None:
                return replace(header, destination=uplink.address.ip)
            for name in self.places.interfaces(uplink.id):
                return replace(header, destination=SYMBOL, dynamic=name)
        return header
