"""The packets at the corners of a set: where a rule that is a little too wide or too narrow shows.

For each field the first and last member of each stretch and the values just beside them; one field varies at a time
around a packet in the middle, and the first corner of every combination of stretches is taken, because a filter
keeps such a combination as one element, which could be missing alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product

from bailiwick.packets.cube import Cube
from bailiwick.packets.interval import ADDRESS_MAX, PORT_MAX, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP

OTHER_PROTOCOL = 253  # "use for experimentation and testing" (RFC 3692); stands for each of the next
OTHER_PROTOCOLS: tuple[int, ...] = (47, 50, 41, 4, *range(160, 252))
"""GRE, ESP, IPv6 and IPv4 in IPv4, which carry tunnels past a filter, then unassigned ones (IANA protocol numbers):
without ports, and nothing that the kernel handles by itself."""
ECHO, TIMESTAMP, INFORMATION, MASK = 8, 13, 15, 17
"""ICMP types (RFC 792, RFC 950): all that conntrack lets begin anything (``valid_new`` in
net/netfilter/nf_conntrack_proto_icmp.c); hosts answer the first two."""
QUESTIONS = (ECHO, TIMESTAMP, INFORMATION, MASK)
COMBINATIONS = 600
"""The most combinations of stretches taken from one cube; an address list of hundreds still fits."""


@dataclass(frozen=True, slots=True)
class Point:
    """One packet without its places. ``icmp_type`` and ports are 0 where the protocol has none."""

    source: int
    destination: int
    protocol: int
    port: int = 0
    icmp_type: int = 0


def edges(values: IntervalSet, top: int) -> tuple[int, ...]:
    """First and last of each stretch, and the neighbours outside, ascending."""
    found: set[int] = set()
    for first, last in values.spans:
        found |= {first, last}
        if first > 0:
            found.add(first - 1)
        if last < top:
            found.add(last + 1)
    return tuple(sorted(found))


def _fits(protocol: int, cube: Cube) -> bool:
    if protocol not in cube.protocols:
        return False
    if protocol in (TCP, UDP):
        return bool(cube.destination_ports)
    return 0 in cube.destination_ports and (protocol != ICMP or bool(cube.icmp_types))


def _middle_port(ports: IntervalSet) -> int:
    first, last = ports.spans[0]
    return first if first == last else max(first, 1) + (last - first) // 2


def _kinds(cube: Cube) -> Iterator[tuple[int, int, int]]:
    """(protocol, port, ICMP type): one inside each stretch, for TCP, UDP, ICMP and a protocol without either."""
    for protocol in (TCP, UDP):
        if _fits(protocol, cube):
            for stretch in cube.destination_ports.spans:
                yield protocol, _middle_port(IntervalSet((stretch,))), 0
    if _fits(ICMP, cube):
        for kind in (ECHO, TIMESTAMP):
            if kind in cube.icmp_types:
                yield ICMP, 0, kind
    if _fits(OTHER_PROTOCOL, cube):
        yield OTHER_PROTOCOL, 0, 0


def corners(cube: Cube, sources: IntervalSet, destinations: IntervalSet) -> Iterator[Point]:
    """Corner packets of the cube; ``sources`` and ``destinations`` are those that its places can hold."""
    kinds = tuple(_kinds(cube))
    within_sources, within_destinations = cube.sources & sources, cube.destinations & destinations
    if not (kinds and within_sources and within_destinations):
        return
    firsts = ([span[0] for span in within_sources.spans], [span[0] for span in within_destinations.spans], kinds)
    for source, destination, (protocol, port, kind) in islice(product(*firsts), COMBINATIONS):
        yield Point(source, destination, protocol, port, kind)
    base = Point(within_sources.first(), within_destinations.first(), *kinds[0])
    for source in edges(within_sources, ADDRESS_MAX):
        yield replace(base, source=source)
    for destination in edges(within_destinations, ADDRESS_MAX):
        yield replace(base, destination=destination)
    for protocol in (TCP, UDP):
        if _fits(protocol, cube):
            for port in edges(cube.destination_ports, PORT_MAX):
                if port:
                    yield replace(base, protocol=protocol, port=port, icmp_type=0)
    if _fits(ICMP, cube):
        for kind in QUESTIONS:
            yield replace(base, protocol=ICMP, port=0, icmp_type=kind)
