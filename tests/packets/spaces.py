"""A header space small enough to look at every packet of, and random sets in it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import product

from hypothesis import strategies as st

from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.names import EVERYWHERE, Names
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet
from bailiwick.packets.space import Cube, PacketSet

PLACES = ("zone:lan", "router")
SMALL = (0, 1, 2)
GRE = 47


def every_packet() -> Iterator[Packet]:
    """The packets that can be: a port only on TCP and UDP, a type only on ICMP."""
    for ingress, egress, source, destination, translated in product(PLACES, PLACES, SMALL, SMALL, (False, True)):
        where = (ingress, egress, IPv4Address(source), IPv4Address(destination))
        for protocol, source_port, port in product((TCP, UDP), (0, 1), SMALL):
            yield Packet(*where, protocol, source_port, port, translated=translated)
        for icmp_type in SMALL:
            yield Packet(*where, ICMP, icmp_type=icmp_type, translated=translated)
        yield Packet(*where, GRE, translated=translated)


WORLD = tuple(every_packet())


def members(packets: PacketSet) -> set[Packet]:
    return {packet for packet in WORLD if packet in packets}


numbers = st.sets(st.sampled_from(SMALL), min_size=1).map(lambda found: IntervalSet.of((n, n) for n in found))
protocols = st.sets(st.sampled_from((ICMP, TCP, UDP, GRE)), min_size=1).map(
    lambda found: IntervalSet.of((n, n) for n in found)
)
places = st.one_of(
    st.just(EVERYWHERE), st.builds(Names, st.frozensets(st.sampled_from(PLACES), min_size=1), st.booleans())
)
cubes = st.builds(
    Cube,
    ingress=places,
    egress=places,
    sources=numbers,
    destinations=numbers,
    protocols=protocols,
    source_ports=st.sampled_from((IntervalSet.span(0, 1), IntervalSet.single(1))),
    destination_ports=numbers,
    icmp_types=numbers,
    translated=st.sampled_from((None, True, False)),
)
packet_sets = st.lists(cubes, max_size=3).map(PacketSet)
