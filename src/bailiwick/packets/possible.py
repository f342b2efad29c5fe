"""The headers that can be, and how a cube, which speaks of nothing else, becomes a region.

A region has bits for fields that a packet may not have: a port of an ESP packet, the ICMP type of a TCP segment.
The convention is that such a field is 0. Whoever compares regions, or shows one, first meets them with ``possible``;
then equal regions hold the same packets and no others.

- Ports are 0 unless the protocol is TCP, UDP, UDP-Lite, SCTP or DCCP: those of which a filter reads ports.
- Type and code are 0 unless the protocol is ICMP or ICMPv6, TCP's flags unless it is TCP.
- ``State`` ends at untracked.
"""

from __future__ import annotations

from bailiwick.packets.cube import WITH_PORTS, Cube
from bailiwick.packets.header import (
    DESTINATION,
    DESTINATION_PORT,
    ICMP_CODE,
    ICMP_TYPE,
    PROTOCOL,
    SOURCE,
    SOURCE_PORT,
    STATE,
    STATUS,
    TCP_FLAGS,
    State,
    Status,
)
from bailiwick.packets.interval import EVERY_PORT, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet
from bailiwick.packets.region import Region, Space

DCCP, ICMPV6, SCTP, UDPLITE = 33, 58, 132, 136  # IANA, Protocol Numbers
PORTED = IntervalSet.of((n, n) for n in (TCP, UDP, DCCP, SCTP, UDPLITE))
TYPED = IntervalSet.of((n, n) for n in (ICMP, ICMPV6))
"""In both families: a filter that reads a type looks at the protocol's number alone."""

_ZERO = IntervalSet.single(0)
_FIELDS_OF = (
    (PORTED, (SOURCE_PORT, DESTINATION_PORT)),
    (TYPED, (ICMP_TYPE, ICMP_CODE)),
    (IntervalSet.single(TCP), (TCP_FLAGS,)),
)
"""Protocols, and the fields that only they have."""


def possible(space: Space) -> Region:
    """The headers that can be, of a space over ``header.widths``."""
    found = space.among(STATE, IntervalSet.span(0, max(State)))
    for protocols, fields in _FIELDS_OF:
        found &= space.among(PROTOCOL, protocols) | space.box(dict.fromkeys(fields, _ZERO))
    return found


def loosened(space: Space, region: Region) -> Region:
    """The headers that are in the region once the fields that they cannot have are 0.

    It holds the same possible headers, and is the simpler to say: "udp" instead of "udp without TCP flags".
    """
    states = space.among(STATE, IntervalSet.span(0, max(State)))
    found = (region & states) | (region.given(STATE, State.NEW) - states)
    for protocols, fields in _FIELDS_OF:
        having, absent = space.among(PROTOCOL, protocols), found
        for field in fields:
            absent = absent.given(field, 0)
        found = (found & having) | (absent - having)
    return found


def region_of(space: Space, cube: Cube) -> Region:
    """The possible headers that are the cube's packets, wherever they enter and leave: that is the caller's to add.

    A cube sees ports of TCP and UDP alone, so it holds all or none of, say, SCTP. ``translated`` is conntrack's
    status. Raises ValueError for a space that is not of IPv4.
    """
    if space.widths[SOURCE] != 32:
        raise ValueError("a cube is of IPv4 packets")
    portless = 0 in cube.source_ports and 0 in cube.destination_ports
    typeless = 0 in cube.icmp_types
    kinds = []
    if typeless:
        kinds.append(
            space.box(
                {
                    PROTOCOL: cube.protocols & WITH_PORTS,
                    SOURCE_PORT: cube.source_ports & EVERY_PORT,
                    DESTINATION_PORT: cube.destination_ports & EVERY_PORT,
                }
            )
        )
    if portless:
        kinds.append(space.box({PROTOCOL: cube.protocols & IntervalSet.single(ICMP), ICMP_TYPE: cube.icmp_types}))
    if portless and typeless:
        kinds.append(space.among(PROTOCOL, cube.protocols - WITH_PORTS - IntervalSet.single(ICMP)))
    found = space.box({SOURCE: cube.sources, DESTINATION: cube.destinations}) & space.union(kinds) & possible(space)
    if cube.translated is not None:
        found &= space.bits(STATUS, Status.DNAT, Status.DNAT if cube.translated else 0)
    return found


def header_of(packet: Packet) -> dict[str, int]:
    """The fields of a packet that is the first of its connection; the interfaces are the caller's to add."""
    return {
        STATE: State.NEW,
        STATUS: Status.DNAT if packet.translated else 0,
        SOURCE: int(packet.source),
        DESTINATION: int(packet.destination),
        PROTOCOL: packet.protocol,
        SOURCE_PORT: packet.source_port,
        DESTINATION_PORT: packet.destination_port,
        ICMP_TYPE: packet.icmp_type,
    }
