"""Between the two languages: places and cubes on the side of what was meant, interfaces and regions on the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network

from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, NONE
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.header import Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.likely import likely
from bailiwick.packets.names import Names
from bailiwick.packets.packet import Packet
from bailiwick.packets.possible import possible, region_of
from bailiwick.packets.region import Region
from bailiwick.packets.space import Cube, PacketSet
from bailiwick.proof.places import Places

UNICAST = IntervalSet.of([(1 << 24, (127 << 24) - 1), (128 << 24, (224 << 24) - 1)])
"""IPv4 addresses that an interface can have (RFC 1122, section 3.2.1.3)."""


class Universe:
    """One device's packets. ``hosts`` are the addresses to show in examples."""

    def __init__(self, pipeline: Pipeline, places: Places, hosts: IntervalSet) -> None:
        self.pipeline = pipeline
        self.space = pipeline.space
        self.places = places
        self.hosts = hosts

    @cached_property
    def possible(self) -> Region:
        """Headers that can be, on interfaces but the loopback; a changing address is a host's, and not inside."""
        looped = IntervalSet.single(self.pipeline.interfaces.number(LOOPBACK))
        strange = self.space.among(header.IIF, looped) | self.space.among(header.OIF, looped)
        lasting = self.space.among(header.DYNAMIC, IntervalSet.single(0))
        inside = self.pipeline.routes().addresses.subnets
        return (possible(self.space) & (lasting | self.space.among(header.DESTINATION, UNICAST - inside))) - strange

    @cached_property
    def numbers(self) -> Mapping[str, IntervalSet]:
        """The interfaces of each place; whatever stands for nothing is ``unknown``."""
        interfaces = self.pipeline.interfaces
        found: dict[str, list[tuple[int, int]]] = {Place.ROUTER: [(NONE, NONE)]}
        unknown = interfaces.every - IntervalSet.single(interfaces.number(LOOPBACK))
        for name, place in self.places.by_interface.items():
            number = interfaces.number(name)
            found.setdefault(place, []).append((number, number))
            unknown -= IntervalSet.single(number)
        return {place: IntervalSet.of(spans) for place, spans in found.items()} | {Place.UNKNOWN: unknown}

    def interfaces(self, names: Names) -> IntervalSet:
        members = IntervalSet.union(self.numbers.get(place, IntervalSet()) for place in names.members)
        return IntervalSet.union(self.numbers.values()) - members if names.inverted else members

    def region(self, packets: PacketSet) -> Region:
        """The same packets; those between places that no interface stands for are left out."""
        return self.space.union(self._region(cube) for cube in packets.cubes())

    def union(self, sets: Iterable[PacketSet]) -> Region:
        return self.space.union(self._region(cube) for packets in sets for cube in packets.cubes())

    def _region(self, cube: Cube) -> Region:
        sides = {header.IIF: self.interfaces(cube.ingress), header.OIF: self.interfaces(cube.egress)}
        return region_of(self.space, cube) & self.space.box(sides)

    def entering(self, packets: PacketSet) -> Region:
        """By where they enter and what they are alone: where they leave is not asked."""
        return self.space.union(
            region_of(self.space, cube) & self.space.among(header.IIF, self.interfaces(cube.ingress))
            for cube in packets.cubes()
        )

    def example(self, region: Region) -> dict[str, int]:
        """A likely header of a region that is not empty: of hosts that have a name, else of ordinary ones."""
        prefer = [self.hosts, self._ordinary]
        own = region & self.space.among(header.IIF, IntervalSet.single(NONE))
        sources = [self.pipeline.routes().addresses.local & UNICAST] if own == region else prefer
        return likely(self.space, region, {header.SOURCE: sources, header.DESTINATION: prefer})

    @cached_property
    def _ordinary(self) -> IntervalSet:
        """Addresses in the device's subnets that look like a host's: neither at their beginning nor at their end."""
        networks = (a.network for one in self.pipeline.device.interfaces.values() for a in one.addresses)
        roomy = [n for n in networks if isinstance(n, IPv4Network) and n.num_addresses > 4]
        return IntervalSet.of((int(n[2]), int(n[-2])) for n in roomy)

    def packet(self, fields: Mapping[str, int]) -> Packet:
        """A header in the words of places."""
        return Packet(
            ingress=self._place(fields[header.IIF]),
            egress=self._place(fields[header.OIF]),
            source=IPv4Address(fields[header.SOURCE]),
            destination=IPv4Address(fields[header.DESTINATION]),
            protocol=fields[header.PROTOCOL],
            source_port=fields[header.SOURCE_PORT],
            destination_port=fields[header.DESTINATION_PORT],
            icmp_type=fields[header.ICMP_TYPE],
            translated=bool(fields[header.STATUS] & Status.DNAT),
        )

    def _place(self, number: int) -> str:
        return next((place for place, numbers in self.numbers.items() if number in numbers), Place.UNKNOWN)

    def pairs(self, region: Region) -> list[Region]:
        """The region in parts, one for each pair of places that it touches, in order."""
        parts = []
        for box in region.boxes((header.IIF, header.OIF)):
            sides = {side: box[side] for side in (header.IIF, header.OIF) if side in box}
            parts.append(region & self.space.box(sides))
        by_places: dict[tuple[str, str], Region] = {}
        for part in parts:
            for ingress, entering in self.numbers.items():
                for egress, leaving in self.numbers.items():
                    piece = part & self.space.box({header.IIF: entering, header.OIF: leaving})
                    if piece:
                        held = by_places.get((ingress, egress))
                        by_places[ingress, egress] = piece if held is None else held | piece
        return list(by_places.values())
