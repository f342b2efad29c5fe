"""Sentences to packets: who enters where, and who leaves where (``docs/semantics.md``, 2 to 6)."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.intent.border import Border
from bailiwick.network.model import Extent, Permission, Place
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.space import Cube, PacketSet


def accepted(border: Border, sentence: Permission, services: PacketSet) -> PacketSet:
    """The packets that a sentence accepts. From outside into a zone: only those that a destination NAT brought."""
    sides = [
        side
        for source in sentence.source.extents
        for target in sentence.target.extents
        if source.place != target.place
        for side in _accepted(border, source, target)
    ]
    return PacketSet(sides) & services


def denied(border: Border, sentence: Permission, services: PacketSet) -> PacketSet:
    """The packets of which a ``deny`` test says that none passes: from outside means by whatever is no zone."""
    sides = []
    for source in sentence.source.extents:
        for target in sentence.target.extents:
            if source.place != target.place:
                ingress, sources = _anywhere(border, source)
                egress, destinations = _anywhere(border, target)
                sides.append(Cube(ingress, egress, sources, destinations))
    return PacketSet(sides) & services


def _accepted(border: Border, source: Extent, target: Extent) -> Iterator[Cube]:
    ingress = border.exits if source.place in (Place.INTERNET, Place.OUTSIDE) else Names.of(source.place)
    sources = _addresses(border, source)
    destinations = _addresses(border, target)
    foreign = bool(ingress & border.uplinks)
    if target.place == Place.ROUTER:
        yield Cube(ingress, Names.of(Place.ROUTER), sources)
    elif target.place == Place.INTERNET and not foreign:
        for part, egress in border.ways_out(source.place, sources):
            yield Cube(ingress, egress, part, destinations)
    elif target.place not in (Place.INTERNET, Place.OUTSIDE):
        egress = Names.of(target.place)
        destinations &= border.zones.get(target.place, EVERY_ADDRESS)
        yield Cube(ingress, egress, sources, destinations, translated=True if foreign else None)


def _anywhere(border: Border, extent: Extent) -> tuple[Names, IntervalSet]:
    """Every place where packets of the extent could pass, tunnels and unknown interfaces too."""
    beyond = extent.place in (Place.INTERNET, Place.OUTSIDE)
    return border.strange if beyond else Names.of(extent.place), _addresses(border, extent)


def _addresses(border: Border, extent: Extent) -> IntervalSet:
    return extent.addresses & border.internet if extent.place == Place.INTERNET else extent.addresses
