"""Random packets near a home's edges: its places, its addresses and those beside them, the ports that it names."""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random

from bailiwick.network.model import Network
from bailiwick.packets.interval import ADDRESS_MAX
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet

ELSEWHERE = ("0.0.0.0", "255.255.255.255", "10.9.9.9", "127.0.0.1", "224.0.0.5", "8.8.8.8", "9.9.9.9", "93.184.216.34")


class Draws:
    def __init__(self, network: Network, seed: int) -> None:
        self.random = Random(seed)
        zones = list(network.zones.values())
        uplinks = list(network.uplinks.values())
        self.places = [zone.id for zone in zones] + [uplink.id for uplink in uplinks] + ["router", "unknown"]
        self.local = {zone.id: [zone.gateway, zone.subnet.network_address, zone.subnet[-1]] for zone in zones}
        for zone in zones:
            self.local[zone.id] += [zone.subnet[5], zone.subnet[17]]
        for host in network.hosts.values():
            for leg in host.legs:
                self.local.setdefault(leg.place, []).append(leg.address)
        beyond = [IPv4Address(text) for text in ELSEWHERE] + list(network.resolver.upstreams)
        for forward in network.forwards:
            beyond += [IPv4Address(first) for first, _ in forward.sources.spans[:3]]
        for sentence in network.policy:
            for extent in (*sentence.source.extents, *sentence.target.extents):
                for first, last in extent.addresses.spans[:4]:
                    edges = (first - 1, first, last, last + 1)
                    beyond += [IPv4Address(edge) for edge in edges if 0 <= edge <= ADDRESS_MAX]
        beyond += [address for uplink in uplinks for address in (uplink.modem, uplink.gateway) if address]
        self.beyond = beyond + [address for here in self.local.values() for address in here]
        matches = [m for sentence in network.policy for m in (*sentence.matches, *sentence.but)]
        matches += [m for forward in network.forwards for m in forward.matches]
        ports = {port + step for m in matches for port in m.ports or () for step in (-1, 0, 1)}
        ports |= {forward.to_port for forward in network.forwards if forward.to_port}
        self.ports = sorted({0, 53, 67, 123, *ports} & set(range(65536)))
        self.protocols = [TCP, TCP, UDP, UDP, ICMP, *sorted({m.protocol for m in matches if m.protocol} | {0, 47})]
        self.icmp_types = [0, 3, 8]

    def packet(self) -> Packet:
        ingress, egress = self.random.choice(self.places), self.random.choice(self.places)
        protocol = self.random.choice(self.protocols)
        ported = protocol in (TCP, UDP)
        return Packet(
            ingress,
            egress,
            self._address(ingress),
            self._address(egress),
            protocol,
            self.random.choice((68, 50000)) if ported else 0,
            self.random.choice(self.ports) if ported else 0,
            self.random.choice(self.icmp_types) if protocol == ICMP else 0,
            self.random.random() < 0.3,
        )

    def _address(self, place: str) -> IPv4Address:
        """Mostly one that belongs there."""
        here = self.local.get(place)
        return self.random.choice(here if here and self.random.random() < 0.8 else self.beyond)
