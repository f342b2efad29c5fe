"""The whole of what a home file means, and the questions one can put to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from bailiwick.claims.claim import Claim, Verdict
from bailiwick.claims.matrix import Matrix
from bailiwick.intent.border import members
from bailiwick.intent.doors import Door, Mask
from bailiwick.intent.hygiene import ROUTE_OUT
from bailiwick.intent.index import Index
from bailiwick.intent.meant import Meant
from bailiwick.intent.table import table
from bailiwick.network.model import Network, Permission, Place
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.packet import Packet
from bailiwick.packets.space import Cube, PacketSet


@dataclass(frozen=True)
class Intent:
    """``meant`` is accepted, unless ``hygiene`` denies it; everything else is dropped.

    Packets are those of the router's filter (see ``Packet``), with two symbols. The router's addresses on uplinks
    may change, so a packet that leaves by ``router`` may have any destination. A redirected DNS query keeps port 53,
    and the filter sees the port where its resolver listens.

    ``denials`` and ``assurances`` are the lines of ``tests`` with the packets they are about. ``doors`` and ``masks``
    are what address translation is to do; what neither names is left as it is.
    """

    network: Network
    meant: tuple[Meant, ...]
    hygiene: tuple[Meant, ...]
    denials: tuple[tuple[Permission, PacketSet], ...]
    assurances: tuple[tuple[Permission, PacketSet], ...]
    doors: tuple[Door, ...]
    masks: tuple[Mask, ...]

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Every place where a packet can enter or leave."""
        zones = (zone.id for zone in self.network.zones.values())
        uplinks = (uplink.id for uplink in self.network.uplinks.values())
        return (*zones, *uplinks, Place.ROUTER, Place.UNKNOWN)

    @cached_property
    def hosts(self) -> IntervalSet:
        """The addresses of the hosts that have a name: the ones to show in an example."""
        return IntervalSet.addresses(leg.address for host in self.network.hosts.values() for leg in host.legs)

    def accepts(self, packet: Packet) -> tuple[Meant, ...]:
        """What lets the packet pass, in the order of ``meant``; nothing when it is dropped."""
        return () if self.forbids(packet) else self._meant.holding(packet)

    def forbids(self, packet: Packet) -> tuple[Meant, ...]:
        """The hygiene that drops the packet, whatever sentences say."""
        return self._hygiene.holding(packet)

    def claims(self) -> tuple[Claim, ...]:
        """Everything that a witness can be asked: what passes, what never does, the tests, and all that is left."""
        return tuple(self._claims())

    def contradictions(self) -> Iterator[tuple[Claim, Meant | None, Packet]]:
        """Tests that the home file itself refutes, each with a packet that shows it and what speaks against it.

        Of an ``accept`` test that nothing in the file accepts, there is no such line: None.
        """
        for claim in self._denials():
            for one in self._meant.near(claim.packets):
                if passing := self._hygiene.without(one.packets & claim.packets):
                    yield claim, one, self._witness(passing)
        for claim in self._assurances():
            if missing := self._meant.without(claim.packets):
                yield claim, None, self._witness(missing)
            for one in self._ways_barred.near(claim.packets):
                if barred := one.packets & claim.packets:
                    yield claim, one, self._witness(barred)

    def matrix(self) -> Matrix:
        """Who reaches what, with which services."""
        return table(self.network, self.meant)

    def _claims(self) -> Iterator[Claim]:
        for one in self.meant:
            if packets := self._hygiene.without(one.packets):
                yield Claim(one.id, one.span, one.text, packets, Verdict.ACCEPT, one.way)
        for one in self.hygiene:
            yield Claim(one.id, one.span, one.text, one.packets, Verdict.DENY)
        yield from self._denials()
        yield from self._assurances()
        yield from self._rest()

    def _witness(self, packets: PacketSet) -> Packet:
        """A likely packet; one for the router goes to an address that it has, the sender's own gateway first."""
        packet = packets.sample(self.hosts)
        if packet.egress == Place.ROUTER:
            zones = sorted(self.network.zones.values(), key=lambda zone: zone.id != packet.ingress)
            likely = (replace(packet, destination=zone.gateway) for zone in zones)
            return next((one for one in likely if one in packets), packet)
        return packet

    def _denials(self) -> Iterator[Claim]:
        for test, packets in self.denials:
            yield Claim(test.id, test.span, test.text, packets, Verdict.DENY)

    def _assurances(self) -> Iterator[Claim]:
        """Every packet that can be: a forged source is no promise broken, but a barred way out is."""
        for test, packets in self.assurances:
            yield Claim(test.id, test.span, test.text, self._forgeries.without(packets), Verdict.ACCEPT)

    def _rest(self) -> Iterator[Claim]:
        for ingress in self.places:
            for egress in self.places:
                if ingress == egress == Place.ROUTER:
                    continue
                pair = PacketSet([Cube(Names.of(ingress), Names.of(egress), destinations=self._reachable(egress))])
                if packets := self._meant.without(pair):
                    text = f"nothing else from {ingress} to {egress}"
                    yield Claim(f"rest:{ingress}->{egress}", self.network.span, text, packets, Verdict.DENY)

    def _reachable(self, place: str) -> IntervalSet:
        """The destinations that routing takes there: a claim about others could be put to no witness."""
        for zone in self.network.zones.values():
            if zone.id == place:
                return members(zone)
        return EVERY_ADDRESS if place in (Place.ROUTER, Place.UNKNOWN) else EVERY_ADDRESS - self.network.inside()

    @cached_property
    def _meant(self) -> Index:
        return Index(self.meant, self.places)

    @cached_property
    def _hygiene(self) -> Index:
        return Index(self.hygiene, self.places)

    @cached_property
    def _ways_barred(self) -> Index:
        return Index((one for one in self.hygiene if one.id.startswith(ROUTE_OUT)), self.places)

    @cached_property
    def _forgeries(self) -> Index:
        return Index((one for one in self.hygiene if not one.id.startswith(ROUTE_OUT)), self.places)
