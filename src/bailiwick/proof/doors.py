"""Translations held against the doors and masks that were meant, in the packets' own coordinates.

A door is *needed* for some packets and *allowed* for a few more: what is knocked at may be any address of the
router's that is no zone's, and a question for the resolver may be turned to the resolver. What a door takes is still
the filter's to accept; here it is asked that it leads to the right host, and that nothing else is turned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bailiwick.dataplane.model import Listener
from bailiwick.dataplane.symbolic.effect import Effect, Spread, Value
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.pipeline import Translation
from bailiwick.intent.doors import Door
from bailiwick.packets import header
from bailiwick.packets.header import State
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.packet import UDP
from bailiwick.packets.region import Region
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.filters import Filters
from bailiwick.proof.witness import Example, Witnesses

DNS = 53


@dataclass(frozen=True, slots=True)
class _Meant:
    door: Door
    needed: Region
    allowed: Region


class Doors:
    """Destination and source NAT of one device."""

    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.universe = filters.universe
        self.space = filters.space
        self.pipeline = filters.universe.pipeline
        self.witnesses = Witnesses(filters.universe)

    def differences(self) -> Iterator[Difference]:
        nat = self.pipeline.translations("prerouting")
        arriving = self._arriving
        for meant in self._meant:
            missing = meant.needed & nat.untouched
            if missing:
                yield self._difference(Kind.DOOR, missing, f"it is not taken where {meant.door.text}", meant.door)
            for made in nat.made:
                taken = made.region & meant.needed
                wrong = taken - self._rightly(made, meant.door)
                if wrong:
                    yield self._difference(
                        Kind.DOOR, wrong, f"it is taken elsewhere, and {meant.door.text}", meant.door
                    )
        for made in nat.made:
            rightly = self.space.union(meant.allowed & self._rightly(made, meant.door) for meant in self._meant)
            stray = (made.region & arriving) - rightly - self._barred_anyway
            if stray:
                yield self._difference(
                    Kind.DOOR, stray, "it is taken elsewhere, and nothing in the home file asks for it"
                )
        yield from self._masks()

    @cached_property
    def _arriving(self) -> Region:
        """New packets that come by an interface other than the loopback, as prerouting sees them."""
        whole = self.universe.possible.given(header.OIF, NONE)
        fresh = self.space.box(
            {
                header.STATE: IntervalSet.single(State.NEW),
                header.STATUS: IntervalSet.single(0),
                header.DIRECTION: IntervalSet.single(0),
                header.IIF: self.pipeline.interfaces.every,
            }
        )
        return whole & fresh

    @cached_property
    def _barred_anyway(self) -> Region:
        """Packets that hygiene stops wherever they are taken (a forged source): that it does, the filter is asked."""
        ends = (header.OIF, header.DESTINATION, header.DESTINATION_PORT, header.STATUS, header.DYNAMIC)
        going = self.space.among(header.OIF, IntervalSet.union(self.universe.numbers.values()))
        return ~((self.universe.possible & going) - self.filters.barred).without(*ends)

    @cached_property
    def _changing(self) -> IntervalSet:
        return IntervalSet.of((number, number) for number in self.pipeline.interfaces.dynamic.values())

    @cached_property
    def _meant(self) -> tuple[_Meant, ...]:
        found: list[_Meant] = []
        taken = self.space.nothing
        for door in self.filters.intent.doors:
            packets = self.universe.entering(door.packets) & self._arriving
            needed, allowed = packets, packets
            if door.outside:
                needed, allowed = packets & self._knocked(door), packets & self._knockable
            else:
                allowed = packets.without(header.DESTINATION) & self._arriving
            found.append(_Meant(door, needed - taken, allowed))
            taken |= needed
        return tuple(found)

    def _knocked(self, door: Door) -> Region:
        """The addresses of the uplinks that the door is in."""
        return self._own(door.uplinks)

    @cached_property
    def _knockable(self) -> Region:
        """Every address of the router's that is no zone's."""
        zones = self.filters.intent.network.zones.values()
        inside = IntervalSet.addresses(zone.gateway for zone in zones)
        local = self.pipeline.routes().addresses.local - inside
        return self.space.among(header.DESTINATION, local) | self.space.among(header.DYNAMIC, self._changing)

    def _own(self, places: Iterable[str]) -> Region:
        region = self.space.nothing
        for place in places:
            for name in self.universe.places.interfaces(place):
                interface = self.pipeline.device.interfaces[name]
                if name in self.pipeline.interfaces.dynamic:
                    number = self.pipeline.interfaces.dynamic[name]
                    region |= self.space.among(header.DYNAMIC, IntervalSet.single(number))
                own = IntervalSet.of((int(one.ip), int(one.ip)) for one in interface.addresses if one.version == 4)
                region |= self.space.among(header.DESTINATION, own)
        return region

    def _rightly(self, made: Translation, door: Door) -> Region:
        """The packets that this translation takes where the door leads."""
        if not self._leads(made.effect, door):
            return self.space.nothing
        port = made.effect.of(header.DESTINATION_PORT)
        if door.resolver is not None and door.destination is None:
            return self.space.everything if self._answers(door, port) else self.space.nothing
        if port is None:
            return self.space.everything if door.shift == 0 else self.space.nothing
        if isinstance(port, Spread):
            return self.space.nothing
        return self.space.among(header.DESTINATION_PORT, IntervalSet.single(port.value - door.shift))

    def _leads(self, effect: Effect, door: Door) -> bool:
        where = effect.of(header.DESTINATION)
        if door.destination is not None:
            return isinstance(where, Value) and where.value == int(door.destination)
        return where is None or (isinstance(where, Value) and where.value in self.pipeline.routes().addresses.local)

    def _answers(self, door: Door, port: Value | Spread | None) -> bool:
        """Whether the right resolver of the router's listens on the port."""
        number = DNS if port is None else port.value if isinstance(port, Value) else -1
        listening = [one for one in self.pipeline.device.listeners if one.port == number and one.protocol == UDP]
        return any(self._serves(one, door) for one in listening)

    def _serves(self, listener: Listener, door: Door) -> bool:
        """A resolver of an uplink asks by that uplink alone; the home's own by none in particular."""
        by = {self.universe.places.of(name) if name else "" for _, name in listener.upstreams}
        return by == {door.resolver} if door.resolver else not by or by == {""}

    def _difference(self, kind: Kind, region: Region, sentence: str, door: Door | None = None) -> Difference:
        example: Example = self.witnesses.knock(region)
        meant = (Meaning(door.span, door.text),) if door else ()
        line = next(
            (step.line for step in reversed(example.walk.steps) if step.matched and step.hook == "prerouting"), None
        )
        return Difference(kind, sentence, example.packet, line or example.walk.decided, meant)

    # ---- masks

    def _masks(self) -> Iterator[Difference]:
        nat = self.pipeline.translations("postrouting")
        passing = self.filters.passes().certain & self.space.among(header.IIF, self.pipeline.interfaces.every)
        passing -= self.space.box({header.OIF: IntervalSet.single(NONE)})
        needed = self.space.nothing
        for mask in self.filters.intent.masks:
            region = self.universe.region(mask.packets)
            needed |= region
            bare = region & passing & nat.untouched
            bare |= self.space.union(
                made.region & region & passing for made in nat.made if not self._masks_rightly(made)
            )
            for part in self.universe.pairs(bare):
                example = self.witnesses.example(part)
                meaning = (Meaning(mask.span, mask.text),)
                yield Difference(Kind.MASK, f"it keeps its source, and {mask.text}", example.packet, None, meaning)
        for made in nat.made:
            for part in self.universe.pairs((made.region & passing) - needed):
                example = self.witnesses.example(part)
                sentence = "its source is changed, and nothing in the home file asks for it"
                yield Difference(Kind.MASK, sentence, example.packet, made.landing.line)

    def _masks_rightly(self, made: Translation) -> bool:
        """By the address of the interface it leaves by, or by one of the router's own."""
        if made.landing.kind in {"masquerade", "snat"}:
            where = made.effect.of(header.SOURCE)
            if isinstance(where, Value) and where.mask == EVERY_ADDRESS.spans[0][1] and where.base != "":
                return made.landing.kind == "masquerade" or where.value in self.pipeline.routes().addresses.local
            return made.landing.kind == "masquerade"
        return False
