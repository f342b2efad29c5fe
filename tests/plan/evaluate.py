"""What a plan does with one packet, by the plainest reading there is: the slow twin that intent is held against."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from ipaddress import IPv4Address

from bailiwick.network.model import Match
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet
from bailiwick.plan.model import Exit, Flow, Plan, Translation

ROUTER = "router"


class Evaluator:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.flows: dict[tuple[str, str], list[Flow]] = defaultdict(list)
        for flow in plan.flows:
            self.flows[flow.ingress or ROUTER, flow.egress or ROUTER].append(flow)
        self.subnets = {i.place: i.address for i in plan.interfaces if i.place and i.address}
        self.gateways = {i.ip for place, i in self.subnets.items() if place.startswith("zone:")}

    def accepts(self, packet: Packet) -> tuple[str, ...]:
        """The ids of the flows that let it pass; empty when it is dropped."""
        if self.unclean(packet):
            return ()
        if reports(packet) and packet.egress != ROUTER:
            return ("router:icmp-errors",)
        return tuple(f.id for f in self.flows[packet.ingress, packet.egress] if self.fits(f, packet))

    def fits(self, flow: Flow, packet: Packet) -> bool:
        return (
            int(packet.source) in flow.sources
            and int(packet.destination) in flow.destinations
            and any(matches(match, packet) for match in flow.matches)
            and (packet.translated or not flow.translated)
        )

    def unclean(self, packet: Packet) -> bool:
        """Dropped before any flow is asked."""
        hygiene = self.plan.hygiene
        if packet.ingress in hygiene.anti_spoof and self.forged(packet):
            return True
        if int(packet.source) in hygiene.bogons.get(packet.ingress, ()):
            return True
        if any(int(packet.source) in e.sources and packet.egress != e.uplink for e in self.plan.exits) and (
            packet.ingress.startswith("zone:") and packet.egress.startswith("uplink:")
        ):
            return True
        if packet.ingress == ROUTER and self.belongs_elsewhere(packet):
            return True
        asks = packet.ingress == ROUTER and packet.egress in hygiene.dhcp_clients and is_dhcp(packet, 68)
        return int(packet.destination) in hygiene.martians.get(packet.egress, ()) and not asks

    def belongs_elsewhere(self, packet: Packet) -> bool:
        """The router's own packets for an exit, its resolver's queries above all, by another uplink."""
        for one in self.plan.exits:
            shared = {upstream for r in self.plan.resolvers if r.exit != one.id for upstream in r.upstreams}
            if not packet.egress.startswith("uplink:") or packet.egress == one.uplink:
                continue
            own = self.subnets.get(one.uplink)
            if own is not None and packet.source == own.ip:
                return True
            asked = {up for r in self.plan.resolvers if r.exit == one.id for up in r.upstreams} - shared
            if packet.destination in asked and packet.protocol in (TCP, UDP) and packet.destination_port == 53:
                return True
        return False

    def forged(self, packet: Packet) -> bool:
        if packet.source == IPv4Address(0) and packet.egress == ROUTER and is_dhcp(packet):
            return False
        own = self.subnets[packet.ingress]
        return packet.source not in own.network or packet.source in (own.ip, own.network.broadcast_address)

    def landed(self, packet: Packet) -> Packet:
        """A redirected query as the filter sees it, on the port that the plan has chosen."""
        exit_ = self.exit_of(packet)
        return (
            replace(packet, destination_port=exit_.resolver_port) if exit_ and packet.destination_port == 53 else packet
        )

    def asked(self, packet: Packet) -> Packet:
        """A redirected query as intent keeps it: on port 53, as it was asked."""
        exit_ = self.exit_of(packet)
        if exit_ and packet.destination_port == exit_.resolver_port:
            return replace(packet, destination_port=53)
        return packet

    def exit_of(self, packet: Packet) -> Exit | None:
        if not packet.translated or packet.egress != ROUTER or not packet.ingress.startswith("zone:"):
            return None
        return next((e for e in self.plan.exits if int(packet.source) in e.sources), None)

    def possible(self, packet: Packet) -> bool:
        """Whether the filter can see it at all.

        What a translation takes never arrives as it was, and the kernel delivers to the router itself whatever is
        for its own addresses or a zone's broadcast one (RFC 2644; ``bc_forwarding`` is off).
        """
        own = self.subnets.get(packet.egress)
        if own and packet.destination in (own.ip, own.network.broadcast_address) and packet.ingress != ROUTER:
            return False
        if packet.translated:
            return any(self.makes(translation, packet) for translation in self.plan.translations)
        for translation in self.plan.translations:
            if (
                packet.ingress in translation.ingresses
                and int(packet.source) in translation.sources
                and matches(translation.match, packet)
                and int(packet.destination) not in translation.except_destinations
                and self.aimed(packet, translation.destinations is None)
            ):
                return False
        return True

    def makes(self, translation: Translation, packet: Packet) -> bool:
        """Whether the packet is what the translation leaves behind."""
        gateway = self.subnets[packet.ingress].ip if packet.ingress in self.subnets else None
        match, to_port = translation.match, translation.to_port
        if to_port is not None and match.ports is not None:
            match = replace(match, ports=(to_port, to_port + match.ports[1] - match.ports[0]))
        return (
            packet.ingress in translation.ingresses
            and int(packet.source) in translation.sources
            and packet.destination == (translation.to_address or gateway)
            and (packet.egress == ROUTER) == (translation.to_address is None)
            and matches(match, packet)
        )

    def aimed(self, packet: Packet, at_the_router: bool) -> bool:
        """An address of the router that is no gateway is any that is delivered to it, as an uplink's own changes."""
        return not at_the_router or (packet.egress == ROUTER and packet.destination not in self.gateways)


def is_dhcp(packet: Packet, source_port: int | None = None) -> bool:
    return (
        packet.protocol == UDP
        and packet.destination_port == 67
        and (source_port is None or packet.source_port == source_port)
    )


def matches(match: Match, packet: Packet) -> bool:
    if match.protocol is None:
        return True
    if match.protocol != packet.protocol:
        return False
    if packet.protocol in (TCP, UDP) and match.ports is not None:
        return match.ports[0] <= packet.destination_port <= match.ports[1]
    return packet.protocol != ICMP or match.icmp_type is None or match.icmp_type == packet.icmp_type


def reports(packet: Packet) -> bool:
    """What the router says of a packet that it did not let on (RFC 1812, section 4.3)."""
    return packet.ingress == ROUTER and packet.protocol == ICMP and packet.icmp_type in (3, 11, 12)
