"""Random packets near a home's edges: what its lines name, one field changed, or anything at all."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from random import Random

from bailiwick.network.model import Extent, Match, Network
from bailiwick.packets.interval import ADDRESS_MAX, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet

ELSEWHERE = ("0.0.0.0", "255.255.255.255", "10.9.9.9", "127.0.0.1", "224.0.0.5", "8.8.8.8", "9.9.9.9", "93.184.216.34")
ASKED = (Match(UDP, (53, 53)), Match(TCP, (53, 53)), Match(UDP, (67, 67)), Match(UDP, (123, 123)))


class Draws:
    def __init__(self, network: Network, seed: int) -> None:
        self.network = network
        self.random = Random(seed)
        zones = list(network.zones.values())
        self.uplinks = [uplink.id for uplink in network.uplinks.values()]
        self.places = [zone.id for zone in zones] + [*self.uplinks, "router", "unknown"]
        self.local: dict[str, list[IPv4Address]] = {}
        for zone in zones:
            some = (zone.gateway, zone.subnet[0], zone.subnet[-1], zone.subnet[5], zone.subnet[17])
            self.local[zone.id] = list(some)
        for host in network.hosts.values():
            for leg in host.legs:
                self.local.setdefault(leg.place, []).append(leg.address)
        self.beyond = [*map(IPv4Address, ELSEWHERE), *network.resolver.upstreams]
        self.beyond += [address for uplink in network.uplinks.values() for address in (uplink.modem,) if address]
        self.beyond += [address for here in self.local.values() for address in here]

    def packet(self) -> Packet:
        """A line's own packet most of the time, and half of those with a field or two changed."""
        packet = self.random.choice((self._of_sentence, self._of_forward, self._of_opening, self._of_anything))()
        while self.random.random() < 0.35:
            packet = self._changed(packet)
        return tidy(packet)

    def _of_sentence(self) -> Packet:
        if not self.network.policy:
            return self._of_anything()
        sentence = self.random.choice(self.network.policy)
        ingress, source = self._within(self.random.choice(sentence.source.extents))
        egress, destination = self._within(self.random.choice(sentence.target.extents))
        match = self.random.choice((*sentence.matches, *sentence.but))
        return self._speaking(Packet(ingress, egress, source, destination, TCP), match)

    def _of_forward(self) -> Packet:
        if not self.network.forwards:
            return self._of_opening()
        forward = self.random.choice(self.network.forwards)
        match = self.random.choice(forward.matches)
        assert match.ports is not None
        if forward.to_port:
            match = Match(match.protocol, (forward.to_port, forward.to_port + match.ports[1] - match.ports[0]))
        ingress = self.random.choice((*forward.uplinks, forward.place, *self.places))
        source = self._local(ingress) if ingress in self.local else IPv4Address(self._edge(forward.sources))
        door = Packet(ingress, forward.place, source, forward.address, TCP, translated=True)
        return self._speaking(door, match)

    def _of_opening(self) -> Packet:
        """A question to the router, to the resolver or to a time server, from some zone."""
        zone = self.random.choice(list(self.network.zones.values()))
        resolver = self.network.resolver
        asked = [("router", zone.gateway), ("router", IPv4Address("255.255.255.255")), *self.network.ntp]
        if resolver.address:
            asked.append((resolver.place, resolver.address))
        egress, destination = self.random.choice(asked)
        translated = self.random.random() < 0.3
        question = Packet(zone.id, egress, self._local(zone.id), destination, UDP, translated=translated)
        return self._speaking(question, self.random.choice(ASKED))

    def _of_anything(self) -> Packet:
        ingress, egress = self.random.choice(self.places), self.random.choice(self.places)
        packet = Packet(ingress, egress, self._local(ingress), self._local(egress), TCP)
        return self._speaking(packet, Match(self.random.choice((None, TCP, UDP, ICMP))))

    def _changed(self, packet: Packet) -> Packet:
        match self.random.randrange(7):
            case 0:
                return replace(packet, ingress=self.random.choice(self.places))
            case 1:
                return replace(packet, egress=self.random.choice(self.places))
            case 2:
                return replace(packet, source=self.random.choice(self.beyond))
            case 3:
                return replace(packet, destination=self.random.choice(self.beyond))
            case 4:
                step = self.random.choice((-1, 1))
                return replace(packet, destination_port=min(max(packet.destination_port + step, 0), 65535))
            case 5:
                return replace(packet, protocol=self.random.choice((TCP, UDP, ICMP, 0, 47, 255)))
            case _:
                return replace(packet, translated=not packet.translated)

    def _within(self, extent: Extent) -> tuple[str, IPv4Address]:
        place = self.random.choice(self.uplinks) if extent.place in ("internet", "outside") else extent.place
        here = [address for address in self.local.get(place, ()) if int(address) in extent.addresses]
        if here and self.random.random() < 0.7:
            return place, self.random.choice(here)
        return place, IPv4Address(self._edge(extent.addresses))

    def _edge(self, numbers: IntervalSet) -> int:
        """An end of some stretch, now and then the number beside it."""
        first, last = self.random.choice(numbers.spans)
        step = self.random.choice((0, 0, 0, 1))
        return self.random.choice((max(first - step, 0), min(last + step, ADDRESS_MAX)))

    def _local(self, place: str) -> IPv4Address:
        return self.random.choice(self.local.get(place) or self.beyond)

    def _speaking(self, packet: Packet, match: Match) -> Packet:
        protocol = self.random.choice((TCP, UDP, ICMP, 47)) if match.protocol is None else match.protocol
        first, last = match.ports or (1, 65535)
        return replace(
            packet,
            protocol=protocol,
            source_port=self.random.choice((68, 50000)),
            destination_port=self.random.choice((first, last)),
            icmp_type=self.random.choice((0, 3, 8)) if match.icmp_type is None else match.icmp_type,
        )


def tidy(packet: Packet) -> Packet:
    """Ports only mean something for TCP and UDP, types for ICMP."""
    if packet.protocol not in (TCP, UDP):
        packet = replace(packet, source_port=0, destination_port=0)
    return packet if packet.protocol == ICMP else replace(packet, icmp_type=0)
