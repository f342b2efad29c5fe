"""A packet of a region as the interpreter takes it, and back: every answer is walked before it is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address

from bailiwick.dataplane.interpreter.packet import ICMP, ICMP6, PORTS, TCP, Header
from bailiwick.dataplane.symbolic.effect import Spread, Value
from bailiwick.dataplane.symbolic.interfaces import NONE, Interfaces
from bailiwick.dataplane.symbolic.pipeline import Pipeline, Translation
from bailiwick.packets import header
from bailiwick.packets.header import Direction, State, Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region


def as_header(picked: Mapping[str, int], interfaces: Interfaces, family: int) -> Header:
    """The packet that a region's ``pick`` describes, before it comes to the device. A field that its protocol does
    not have is 0."""
    address = IPv4Address if family == 4 else IPv6Address
    protocol = picked[header.PROTOCOL]
    ports, icmp, tcp = protocol in PORTS, protocol in (ICMP, ICMP6), protocol == TCP
    dynamic = {number: name for name, number in interfaces.dynamic.items()}
    return Header(
        source=address(picked[header.SOURCE]),
        destination=address(picked[header.DESTINATION]),
        iif=None if picked[header.IIF] == NONE else interfaces.label(picked[header.IIF]),
        protocol=protocol,
        source_port=picked[header.SOURCE_PORT] * ports,
        destination_port=picked[header.DESTINATION_PORT] * ports,
        icmp_type=picked[header.ICMP_TYPE] * icmp,
        icmp_code=picked[header.ICMP_CODE] * icmp,
        tcp_flags=picked[header.TCP_FLAGS] * tcp,
        state=State(picked[header.STATE]),
        status=Status(picked[header.STATUS]),
        direction=Direction(picked[header.DIRECTION]),
        mark=picked[header.MARK],
        ct_mark=picked[header.CT_MARK],
        dynamic=dynamic.get(picked[header.DYNAMIC]),
    )


def as_fields(packet: Header, interfaces: Interfaces, egress: str | None = None) -> dict[str, int]:
    """Every field of a region for a packet; ``egress`` None: it does not leave, or not yet.

    Raises KeyError for an interface that the table was made without.
    """
    return {
        header.STATE: packet.state,
        header.DIRECTION: packet.direction,
        header.STATUS: packet.status,
        header.PROTOCOL: packet.protocol,
        header.TCP_FLAGS: packet.tcp_flags,
        header.IIF: NONE if packet.iif is None else interfaces.number(packet.iif),
        header.OIF: NONE if egress is None else interfaces.number(egress),
        header.MARK: packet.mark,
        header.CT_MARK: packet.ct_mark,
        header.DYNAMIC: 0 if packet.dynamic is None else interfaces.dynamic[packet.dynamic],
        header.SOURCE: int(packet.source),
        header.DESTINATION: int(packet.destination),
        header.DESTINATION_PORT: packet.destination_port,
        header.ICMP_TYPE: packet.icmp_type,
        header.ICMP_CODE: packet.icmp_code,
        header.SOURCE_PORT: packet.source_port,
    }


def before_doors(pipeline: Pipeline, fields: Mapping[str, int]) -> Iterator[Region]:
    """The packets, as they come, that each destination NAT in turn makes into this one of the filter's."""
    space = pipeline.space
    same = (header.IIF, header.SOURCE, header.SOURCE_PORT, header.PROTOCOL)
    here = space.box({field: IntervalSet.single(fields[field]) for field in same})
    here &= space.among(header.STATUS, IntervalSet.single(0))
    for made in pipeline.translations("prerouting").made:
        if not _leads(made, fields):
            continue
        before = made.region & here
        if made.effect.of(header.DESTINATION_PORT) is None:
            before &= space.among(header.DESTINATION_PORT, IntervalSet.single(fields[header.DESTINATION_PORT]))
        if before:
            yield before


def _leads(made: Translation, fields: Mapping[str, int]) -> bool:
    """Whether it may make a packet into this one. One that changes nothing leaves no trace in conntrack's status."""
    status = made.effect.of(header.STATUS)
    if not isinstance(status, Value) or not status.value & Status.DNAT:
        return False
    for field in (header.DESTINATION, header.DESTINATION_PORT):
        assigned = made.effect.of(field)
        if isinstance(assigned, Value) and assigned.value != fields[field] & assigned.mask:
            return False
        if isinstance(assigned, Spread) and fields[field] not in assigned.values:
            return False
    return True
