"""One device and one IP version, as the audit looks at it: which new packets pass from where to where."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.symbolic.addresses import ALL_UP, Scenario
from bailiwick.dataplane.symbolic.delivery import Delivered, Deliveries
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, NONE, Interfaces
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.header import State, Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import TCP
from bailiwick.packets.possible import possible
from bailiwick.packets.region import Region
from bailiwick.proof.audit.zones import Zone, Zones

UNICAST = {
    4: IntervalSet.of([(1 << 24, (127 << 24) - 1), (128 << 24, (224 << 24) - 1)]),
    6: IntervalSet.of([(2, (0xFF << 120) - 1)]),
}
"""Addresses that one machine can have (RFC 1122, section 3.2.1.3; RFC 4291, section 2.4)."""
LINK = IntervalSet.span(0xFE80 << 112, (0xFEC0 << 112) - 1)
"""fe80::/10, the addresses that every IPv6 interface gives itself (RFC 4291, section 2.5.6)."""
_SYN = 0x02
ROUTER = Zone(Place.ROUTER, ())
"""The device itself, as a target."""


class View:
    """Regions are in the coordinates of the filter: after destination NAT, before source NAT, ``iif`` and ``oif``
    being where a packet enters and leaves (no ``oif``: the device itself takes it).

    ``guessed``: routes were not read. Then *certainly* means: if it is sent that way, it passes.
    """

    def __init__(self, device: Device, family: int, zones: Zones, syntax: str, guessed: bool = False) -> None:
        self.device = device
        self.family = family
        self.zones = zones
        self.syntax = syntax
        self.guessed = guessed or not device.routing.known
        patterns = (name for zone in zones.all for name in zone.interfaces if name != "*")
        self.pipeline = Pipeline(device, family, Interfaces.of(device, also=patterns))
        self.space = self.pipeline.space
        self._members: dict[str, IntervalSet] = {}
        self._sides: dict[tuple[str, str], Region] = {}
        self.interfaces = self.pipeline.interfaces

    # ---- places

    @cached_property
    def numbers(self) -> Mapping[str, IntervalSet]:
        """The interfaces of each zone by its id; what no zone has belongs to the last one."""
        ports = [name for name, one in self.device.interfaces.items() if one.master is not None]  # the bridge is seen
        never = [self.interfaces.number(name) for name in (LOOPBACK, *ports)]
        left = self.interfaces.every - IntervalSet.of((number, number) for number in never)
        found: dict[str, IntervalSet] = {}
        for zone in self.zones.all:
            own = IntervalSet.union(self._named(name) for name in zone.interfaces if name != "*")
            left -= own
            found[zone.id] = own
        rest = next(zone for zone in self.zones.all if "*" in zone.interfaces)
        found[rest.id] |= left
        found[Place.ROUTER] = IntervalSet.single(NONE)
        return found

    def _named(self, name: str) -> IntervalSet:
        if name.endswith("*"):
            return IntervalSet.single(self.interfaces.tails[name[:-1]])
        return IntervalSet.single(self.interfaces.number(name))

    def members(self, zone: Zone) -> IntervalSet:
        """The addresses that may honestly be in a zone."""
        if zone.id not in self._members:
            self._members[zone.id] = self._living(zone)
        return self._members[zone.id]

    def _living(self, zone: Zone) -> IntervalSet:
        home = zone.homes.get(self.family)
        everyone = UNICAST[self.family]
        if home is not None:
            return home & everyone
        shared = (
            other for other in self.zones.all if other is not zone and set(other.interfaces) & set(zone.interfaces)
        )
        others = self.zones.inside if zone.outside else shared
        return everyone - IntervalSet.union(other.homes.get(self.family, IntervalSet()) for other in others)

    def entering(self, zone: Zone, honest: bool = True) -> Region:
        """New packets that enter by a zone, with sources of its own."""
        key = (zone.id, "honest" if honest else "in")
        if key not in self._sides:
            sides = {header.IIF: self.numbers[zone.id]}
            if honest:
                sides[header.SOURCE] = self.members(zone)
            self._sides[key] = self.space.box(sides)
        return self._sides[key]

    @cached_property
    def honest(self) -> Region:
        """Packets whose source is of the zone that they enter by."""
        return self.space.union(self.entering(zone) for zone in self.zones.all)

    def leaving(self, zone: Zone) -> Region:
        """Packets that leave by a zone, to what may be there; or are for the device itself."""
        key = (zone.id, "out")
        if key not in self._sides:
            loose = zone is ROUTER or zone.outside
            targets = UNICAST[self.family] if loose else self.members(zone)
            self._sides[key] = self.space.box({header.OIF: self.numbers[zone.id], header.DESTINATION: targets})
        return self._sides[key]

    # ---- what passes

    @cached_property
    def headers(self) -> Region:
        """Headers that can be, on interfaces but the loopback; TCP as it opens a connection."""
        looped = IntervalSet.single(self.interfaces.number(LOOPBACK))
        strange = self.space.among(header.IIF, looped) | self.space.among(header.OIF, looped)
        opening = self.space.among(header.TCP_FLAGS, IntervalSet.single(_SYN))
        opening = opening | ~self.space.among(header.PROTOCOL, IntervalSet.single(TCP))
        return (possible(self.space) & opening) - strange

    @cached_property
    def new(self) -> Region:
        return self.headers & self.space.box(
            {header.STATE: IntervalSet.single(State.NEW), header.DIRECTION: IntervalSet.single(0)}
        )

    def delivered(self, scenario: Scenario = ALL_UP) -> Delivered:
        if scenario not in self._delivered:
            self._delivered[scenario] = Deliveries(self.pipeline, scenario).foreign
        return self._delivered[scenario]

    @cached_property
    def _delivered(self) -> dict[Scenario, Delivered]:
        return {}

    @cached_property
    def passes(self) -> Region:
        """New packets that may pass."""
        return self.delivered().filter.possible & self.new

    @cached_property
    def arrives(self) -> Region:
        """New packets that come to the filter at all."""
        return self.delivered().arrives & self.new

    @cached_property
    def certain(self) -> Region:
        """New packets that pass whatever the unknown lines say."""
        found = self.delivered().filter.certain & self.new
        if self.guessed:
            return found | (self.passes & self._undoubted)
        if self.family == 4:
            return found
        # Which link-local addresses are its own nobody writes down: of those, what is sent to them passes.
        near = self.space.box({header.DESTINATION: LINK, header.OIF: IntervalSet.single(NONE)})
        return found | (self.passes & near & self._undoubted)

    @cached_property
    def _undoubted(self) -> Region:
        """What no chain may stop, whichever way routing sends it."""
        must = {
            hook: self._whatever_marks(self.pipeline.filtered(hook).must)
            for hook in ("input", "forward", "postrouting")
        }
        before = self._whatever_marks(self.pipeline.filtered("prerouting").must)
        brought = ~(~before).without(header.DESTINATION, header.DESTINATION_PORT, header.DYNAMIC, header.STATUS)
        taken = self.space.bits(header.STATUS, Status.DNAT, Status.DNAT)
        arriving = (before - taken) | (brought & taken)
        here = self.space.among(header.OIF, IntervalSet.single(NONE))
        return arriving & ((must["input"] & here) | ((must["forward"] & must["postrouting"]) - here))

    def _whatever_marks(self, region: Region) -> Region:
        return ~(~region).without(header.MARK, header.CT_MARK)

    def pair(self, row: Zone, column: Zone) -> Region:
        """All packets from one place to another, of honest sources, that pass or not."""
        return self.entering(row) & self.leaving(column)
