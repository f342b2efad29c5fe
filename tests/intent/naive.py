"""``docs/semantics.md`` read once more, for one packet at a time: no sets, no index, everything looked at.

The slow twin of ``bailiwick.intent``, which it imports nothing of.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from bailiwick.network.model import Addressing, Extent, Forward, Match, Network, Permission, Uplink, Zone
from bailiwick.network.special import SPECIAL_NETWORKS
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet

ANY_BROADCAST = IPv4Address("255.255.255.255")


class Reader:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.zones = {zone.id: zone for zone in network.zones.values()}
        self.uplinks = {uplink.id: uplink for uplink in network.uplinks.values()}

    def accepts(self, packet: Packet) -> bool:
        if self.unclean(packet):
            return False
        return (
            any(self.says(sentence, packet) for sentence in self.network.policy)
            or self.opens_by_itself(packet)
            or any(self.leads(forward, packet) for forward in self.network.forwards)
            or (packet.ingress == "router" and self.may_send(packet))
        )

    # What is accepted

    def may_send(self, packet: Packet) -> bool:
        reports = packet.protocol == ICMP and packet.icmp_type in (3, 11, 12)
        known = packet.egress in self.zones or packet.egress in self.uplinks
        return known or (reports and packet.egress != "router")

    def says(self, sentence: Permission, packet: Packet) -> bool:
        return (
            self.speaks(sentence.matches, sentence.but, packet)
            and packet.ingress != packet.egress
            and any(self.comes_from(extent, packet) for extent in sentence.source.extents)
            and any(self.goes_to(extent, packet) for extent in sentence.target.extents)
        )

    def speaks(self, matches: tuple[Match, ...], but: tuple[Match, ...], packet: Packet) -> bool:
        return any(fits(match, packet) for match in matches) and not any(fits(match, packet) for match in but)

    def comes_from(self, extent: Extent, packet: Packet) -> bool:
        if int(packet.source) not in extent.addresses:
            return False
        if extent.place in ("internet", "outside"):
            uplink = self.uplinks.get(packet.ingress)
            public = extent.place == "outside" or self.is_public(packet.source)
            return uplink is not None and not uplink.tunnel and public
        return packet.ingress == extent.place

    def goes_to(self, extent: Extent, packet: Packet) -> bool:
        from_outside = packet.ingress in self.uplinks
        if int(packet.destination) not in extent.addresses:
            return False
        if extent.place == "internet":
            by_its_way = packet.egress in self.ways_out(packet)
            return by_its_way and self.is_public(packet.destination) and not from_outside
        if packet.egress != extent.place:
            return False
        zone = self.zones.get(packet.egress)
        if zone and packet.destination in own_addresses(zone):
            return False
        return packet.egress == "router" or not from_outside or packet.translated

    def ways_out(self, packet: Packet) -> list[str]:
        routed = self.routed(packet)
        return [routed] if routed else [uplink.id for uplink in self.uplinks.values() if not uplink.tunnel]

    def opens_by_itself(self, packet: Packet) -> bool:
        zone = self.zones.get(packet.ingress)
        if zone is None:
            return False
        within = packet.source in zone.subnet
        asks_dhcp = packet.protocol == UDP and packet.destination_port == 67 and packet.egress == "router"
        if zone.dhcp and asks_dhcp and packet.destination in (zone.gateway, ANY_BROADCAST):
            return within or packet.source == IPv4Address(0)
        if not within:
            return False
        if asks_dns(packet) and self.answers(zone, packet):
            return True
        asks_time = packet.protocol == UDP and packet.destination_port == 123 and packet.egress != packet.ingress
        return asks_time and (packet.egress, packet.destination) in self.network.ntp

    def answers(self, zone: Zone, packet: Packet) -> bool:
        resolver = self.network.resolver
        at_gateway = packet.egress == "router" and packet.destination == zone.gateway
        if self.routed(packet):
            return at_gateway and packet.translated
        if resolver.address is None:
            return at_gateway
        if (packet.egress, packet.destination) != (resolver.place, resolver.address):
            return False
        if packet.egress != packet.ingress:
            return True
        return zone.force_dns and packet.translated and packet.source != resolver.address

    def leads(self, forward: Forward, packet: Packet) -> bool:
        at_the_door = (packet.egress, packet.destination) == (forward.place, forward.address) and packet.translated
        if not at_the_door or not any(fits(behind(match, forward.to_port), packet) for match in forward.matches):
            return False
        if packet.ingress in forward.uplinks:
            return int(packet.source) in forward.sources
        own = self.zones[forward.place]
        return packet.ingress == own.id and not own.isolate and packet.source in own.subnet

    # Hygiene

    def unclean(self, packet: Packet) -> bool:
        zone, uplink, exit_ = (
            self.zones.get(packet.ingress),
            self.uplinks.get(packet.ingress),
            self.uplinks.get(packet.egress),
        )
        return (
            (zone is not None and self.forged(zone, packet))
            or (uplink is not None and self.odd(packet.source) and not self.near(uplink, packet.source))
            or (exit_ is not None and self.leaks(exit_, packet))
            or (zone is not None and self.strays(zone, packet))
        )

    def forged(self, zone: Zone, packet: Packet) -> bool:
        asks_dhcp = packet.protocol == UDP and packet.destination_port == 67 and packet.egress == "router"
        if zone.dhcp and asks_dhcp and packet.source == IPv4Address(0):
            return False
        return packet.source not in zone.subnet or packet.source in own_addresses(zone)

    def leaks(self, uplink: Uplink, packet: Packet) -> bool:
        routed = self.routed(packet)
        if routed and routed != uplink.id:
            return True
        if packet.ingress == "router" and self.for_another(uplink, packet):
            return True
        known = self.near(uplink, packet.destination) or packet.destination in self.network.resolver.upstreams
        ports = (packet.protocol, packet.source_port, packet.destination_port)
        renews = packet.ingress == "router" and uplink.addressing is Addressing.DHCP and ports == (UDP, 68, 67)
        return self.odd(packet.destination) and not known and not renews

    def for_another(self, uplink: Uplink, packet: Packet) -> bool:
        """The router's own packets that belong to an uplink which ``route-out`` names."""
        for place in {route.uplink for route in self.network.routes_out} - {uplink.id}:
            meant = self.uplinks[place]
            if meant.address is not None and packet.source == meant.address.ip:
                return True
            quiet = self.network.resolver.address is not None and not any(z.dhcp for z in self.zones.values())
            asked = packet.destination in self.network.resolver.upstreams and asks_dns(packet)
            asking = [exit_ for exit_ in {one.uplink for one in self.network.routes_out} if self.asks(exit_, packet)]
            if quiet and asked and asking == [place]:
                return True
        return False

    def asks(self, exit_: str, packet: Packet) -> bool:
        """Whether the resolver for an exit may ask this server: it is no neighbour of another uplink."""
        return not any(self.near(one, packet.destination) for one in self.uplinks.values() if one.id != exit_)

    def strays(self, zone: Zone, packet: Packet) -> bool:
        """DNS queries that a redirect should have taken."""
        if not asks_dns(packet) or packet.egress == "router":
            return False
        if self.routed(packet):
            return True
        resolver = self.network.resolver.address
        return zone.force_dns and not packet.translated and resolver not in (packet.source, packet.destination)

    def near(self, uplink: Uplink, address: IPv4Address) -> bool:
        hosts = [leg.address for host in self.network.hosts.values() for leg in host.legs if leg.place == uplink.id]
        boxes = [device.address for device in self.network.devices.values() if device.place == uplink.id]
        own = uplink.address is not None and address in uplink.address.network
        return own or address == uplink.modem or address in hosts or address in boxes

    def odd(self, address: IPv4Address) -> bool:
        return any(address in network for network in SPECIAL_NETWORKS) or self.inside(address)

    def inside(self, address: IPv4Address) -> bool:
        return any(address in zone.subnet for zone in self.zones.values())

    def is_public(self, address: IPv4Address) -> bool:
        return not self.odd(address)

    def routed(self, packet: Packet) -> str | None:
        for route in self.network.routes_out:
            for extent in route.sources:
                if extent.place == packet.ingress and int(packet.source) in extent.addresses:
                    return route.uplink
        return None


def own_addresses(zone: Zone) -> tuple[IPv4Address, IPv4Address]:
    subnet: IPv4Network = zone.subnet
    return zone.gateway, subnet.broadcast_address


def asks_dns(packet: Packet) -> bool:
    return packet.protocol in (TCP, UDP) and packet.destination_port == 53


def behind(match: Match, to_port: int | None) -> Match:
    assert match.ports is not None
    shift = 0 if to_port is None else to_port - match.ports[0]
    return Match(match.protocol, (match.ports[0] + shift, match.ports[1] + shift))


def fits(match: Match, packet: Packet) -> bool:
    if match.protocol not in (None, packet.protocol):
        return False
    if match.ports and not match.ports[0] <= packet.destination_port <= match.ports[1]:
        return False
    return match.icmp_type is None or (packet.protocol == ICMP and packet.icmp_type == match.icmp_type)
