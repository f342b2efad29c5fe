"""From a packet as it is aimed on the wire to the packet that the router's filter sees.

Destination NAT and routing as ``docs/semantics.md`` says them, read from the network and from nothing planned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.network.model import Network, Place
from bailiwick.packets.packet import TCP, UDP, Packet
from bailiwick.twin.aim.subnets import broadcasts
from bailiwick.twin.layout import Line

LIMITED_BROADCAST = IPv4Address("255.255.255.255")
DNS_PORT = 53


@dataclass(frozen=True, slots=True)
class Aim:
    """A packet as its sender aims it."""

    ingress: str
    source: IPv4Address
    destination: IPv4Address
    protocol: int
    source_port: int = 0
    port: int = 0
    icmp_type: int = 0


class Ways:
    """Where packets go in one home, with the uplinks' addresses as the stage has decided them."""

    def __init__(self, network: Network, lines: tuple[Line, ...]) -> None:
        self.network = network
        self.lines = lines
        self.router_addresses = {zone.gateway for zone in network.zones.values()}
        self.uplink_addresses = {line.address.ip: line.uplink for line in lines}
        subnets = [zone.subnet for zone in network.zones.values()] + [line.address.network for line in lines]
        self.broadcasts = broadcasts(subnets) | {LIMITED_BROADCAST}
        self.default = network.exits()[0].id if network.exits() else None
        self.named = {address: place for place, address in self._beyond() if place != self.default}

    def own(self, address: IPv4Address) -> bool:
        """Whether the router itself holds the address."""
        return address in self.router_addresses or address in self.uplink_addresses

    def exit_of(self, place: str, source: IPv4Address) -> str | None:
        """The uplink that ``route-out`` names for this source, if any does."""
        for route in self.network.routes_out:
            if any(extent.place == place and int(source) in extent.addresses for extent in route.sources):
                return route.uplink
        return None

    def egress(self, ingress: str, source: IPv4Address, destination: IPv4Address) -> str | None:
        """The place where the packet leaves; None when there is no way at all."""
        if self.own(destination) or destination in self.broadcasts:
            return Place.ROUTER
        for other in self.network.zones.values():
            if destination in other.subnet:
                return other.id
        if exit_ := self.exit_of(ingress, source):
            return exit_
        for line in self.lines:
            if destination in line.address.network:
                return line.uplink
        if ingress == Place.ROUTER and (own := self.uplink_addresses.get(source)):
            return own  # as a resolver speaks that is bound to its exit's interface
        return self.named.get(destination, self.default)

    def _beyond(self) -> Iterator[tuple[str, IPv4Address]]:
        """Who is named beyond an uplink that is no tunnel, with its place."""
        exits = {uplink.id for uplink in self.network.exits()}
        for uplink in self.network.exits():
            if uplink.modem:
                yield uplink.id, uplink.modem
        for host in self.network.hosts.values():
            yield from ((leg.place, leg.address) for leg in host.legs if leg.place in exits)
        for device in self.network.devices.values():
            if device.address and device.place in exits:
                yield device.place, device.address

    def resolver(self, aim: Aim) -> tuple[IPv4Address, int] | None:
        """Where a DNS question from this sender is taken to, when it is not let go where it was aimed."""
        zone = next((z for z in self.network.zones.values() if z.id == aim.ingress), None)
        if zone is None or aim.port != DNS_PORT or aim.protocol not in (TCP, UDP):
            return None
        if self.exit_of(aim.ingress, aim.source):
            return zone.gateway, DNS_PORT  # intent's port; the filter sees where the exit's resolver listens
        if not zone.force_dns:
            return None
        address = self.network.resolver.address or zone.gateway
        return None if aim.destination == address else (address, DNS_PORT)

    def candidates(self, aim: Aim) -> list[Packet]:
        """What the filter may see of it: first with each destination NAT that fits, last as it was aimed."""
        found: list[Packet] = []
        if self.uplink_addresses.get(aim.destination):
            for forward in self.network.forwards:
                for match in forward.matches:
                    if match.protocol == aim.protocol and match.ports and match.ports[0] <= aim.port <= match.ports[1]:
                        port = aim.port if forward.to_port is None else forward.to_port + aim.port - match.ports[0]
                        found.append(self.packet(aim, forward.address, port, True))
        if target := self.resolver(aim):
            found.append(self.packet(aim, target[0], target[1], True))
        found.append(self.packet(aim, aim.destination, aim.port, False))
        return found

    def packet(self, aim: Aim, destination: IPv4Address, port: int, translated: bool) -> Packet:
        way = self.egress(aim.ingress, aim.source, destination) or "nowhere"
        return Packet(
            aim.ingress, way, aim.source, destination, aim.protocol, aim.source_port, port, aim.icmp_type, translated
        )
