"""The product of one set for each field of a packet: what one line of a firewall can say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from bailiwick.packets.interval import EVERY_ADDRESS, EVERY_PORT, IntervalSet
from bailiwick.packets.names import EVERYWHERE, Names
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet

EVERY_PROTOCOL = EVERY_ICMP_TYPE = IntervalSet(((0, 255),))
WITH_PORTS = IntervalSet.of([(TCP, TCP), (UDP, UDP)])
WITHOUT_FIELDS = EVERY_PROTOCOL - WITH_PORTS - IntervalSet.single(ICMP)

_LIKELY_PROTOCOLS = (TCP, UDP, ICMP)
_LIKELY_PORTS = (443, 53, 22, 123)
_ECHO_REQUEST = 8
_EPHEMERAL_PORT = 49152  # RFC 6335, section 6: the first dynamic port
# The order in which a difference is cut: the protocol early, because it says what the fields after it mean.
_FIELDS = (
    "ingress",
    "egress",
    "protocols",
    "sources",
    "destinations",
    "source_ports",
    "destination_ports",
    "icmp_types",
)


@dataclass(frozen=True, slots=True)
class Cube:
    """The packets whose every field lies in the field's set; ``translated`` None is both.

    Only packets that can be counts: ports are 0 where the protocol is neither TCP nor UDP, and the ICMP type is 0
    where it is not ICMP. So ``protocols={ICMP}`` with every port, and with port 0, are the same packets.
    """

    ingress: Names = EVERYWHERE
    egress: Names = EVERYWHERE
    sources: IntervalSet = EVERY_ADDRESS
    destinations: IntervalSet = EVERY_ADDRESS
    protocols: IntervalSet = EVERY_PROTOCOL
    source_ports: IntervalSet = EVERY_PORT
    destination_ports: IntervalSet = EVERY_PORT
    icmp_types: IntervalSet = EVERY_ICMP_TYPE
    translated: bool | None = None

    def __bool__(self) -> bool:
        """Whether any packet is in it."""
        if not (self.ingress and self.egress and self.sources and self.destinations and self.protocols):
            return False
        if 0 in self.source_ports and 0 in self.destination_ports and 0 in self.icmp_types:
            return True
        return bool(self.possible())

    def possible(self) -> IntervalSet:
        """The protocols of the packets in it, as far as ports and types allow."""
        portless = 0 in self.source_ports and 0 in self.destination_ports
        typeless = 0 in self.icmp_types
        found = IntervalSet()
        if typeless and self.source_ports and self.destination_ports:
            found |= self.protocols & WITH_PORTS
        if portless and self.icmp_types and ICMP in self.protocols:
            found |= IntervalSet.single(ICMP)
        if portless and typeless:
            found |= self.protocols & WITHOUT_FIELDS
        return found

    def __contains__(self, packet: Packet) -> bool:
        """Raises nothing for a packet that cannot be (a port on ICMP): it is in no cube."""
        if packet.protocol not in WITH_PORTS and (packet.source_port or packet.destination_port):
            return False
        if packet.protocol != ICMP and packet.icmp_type:
            return False
        return (
            packet.ingress in self.ingress
            and packet.egress in self.egress
            and packet.protocol in self.protocols
            and packet.destination_port in self.destination_ports
            and int(packet.destination) in self.destinations
            and int(packet.source) in self.sources
            and packet.source_port in self.source_ports
            and packet.icmp_type in self.icmp_types
            and self.translated in (None, packet.translated)
        )

    def __and__(self, other: Cube) -> Cube | None:
        """The packets in both, or None when there are none."""
        ingress, egress = self.ingress & other.ingress, self.egress & other.egress
        if not ingress or not egress:
            return None
        if self.translated is not None and other.translated is not None and self.translated != other.translated:
            return None
        both = Cube(
            ingress,
            egress,
            self.sources & other.sources,
            self.destinations & other.destinations,
            self.protocols & other.protocols,
            self.source_ports & other.source_ports,
            self.destination_ports & other.destination_ports,
            self.icmp_types & other.icmp_types,
            other.translated if self.translated is None else self.translated,
        )
        return both if both else None

    def __sub__(self, other: Cube) -> tuple[Cube, ...]:
        """The packets of this one alone, as disjoint cubes, at most one for each field."""
        both = self & other
        if both is None:
            return (self,)
        pieces = []
        left = self
        for name in _FIELDS:
            rest = getattr(left, name) - getattr(other, name)
            if rest:
                pieces.append(replace(left, **{name: rest}))
                left = replace(left, **{name: getattr(both, name)})
        if self.translated is None and other.translated is not None:
            pieces.append(replace(left, translated=not other.translated))
        return tuple(piece for piece in pieces if piece)

    def sample(self, prefer: IntervalSet) -> Packet:
        """A likely packet of it, the same on every run; addresses in ``prefer`` are taken first.

        Raises ValueError when no packet is in it.
        """
        protocols = self.possible()
        protocol = next((p for p in _LIKELY_PROTOCOLS if p in protocols), None)
        protocol = protocols.first() if protocol is None else protocol
        ported = protocol in WITH_PORTS
        source_ports = self.source_ports
        ephemeral = source_ports & IntervalSet.span(_EPHEMERAL_PORT, EVERY_PORT.spans[0][1])
        return Packet(
            ingress=self.ingress.first(),
            egress=self.egress.first(),
            source=_address(self.sources, prefer),
            destination=_address(self.destinations, prefer),
            protocol=protocol,
            source_port=(ephemeral or source_ports).first() if ported else 0,
            destination_port=_port(self.destination_ports) if ported else 0,
            icmp_type=_icmp_type(self.icmp_types) if protocol == ICMP else 0,
            translated=bool(self.translated),
        )


def _address(addresses: IntervalSet, prefer: IntervalSet) -> IPv4Address:
    """A preferred address if there is one; else the second of the first stretch: a subnet's first is no host's."""
    likely = addresses & prefer
    if likely:
        return IPv4Address(likely.first())
    first, last = next((span for span in addresses.spans if span[0] < span[1]), addresses.spans[0])
    return IPv4Address(min(first + 1, last))


def _port(ports: IntervalSet) -> int:
    for port in _LIKELY_PORTS:
        if port in ports:
            return port
    first, last = ports.spans[0]
    return min(max(first, 1), last)


def _icmp_type(types: IntervalSet) -> int:
    return _ECHO_REQUEST if _ECHO_REQUEST in types else types.first()
