"""Who is told that a packet was refused: those whose zone says so, and nobody else (``docs/semantics.md``)."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.symbolic.way import Kind as Fated
from bailiwick.dataplane.symbolic.way import of_kind
from bailiwick.packets import header
from bailiwick.packets.header import State
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.filters import Filters
from bailiwick.proof.witness import Witnesses


def refusals(filters: Filters) -> Iterator[Difference]:
    """An answer that nobody meant, and silence where an answer was. What hygiene forbids may be met with either."""
    universe, space, pipeline = filters.universe, filters.space, filters.universe.pipeline
    zones = [zone for zone in filters.intent.network.zones.values() if zone.reject]
    told = IntervalSet.union(universe.numbers.get(zone.id, IntervalSet()) for zone in zones)
    answered = space.among(header.IIF, told)
    refused = space.among(header.STATE, IntervalSet.single(State.NEW)) - filters.wanted - filters.barred
    refused -= space.among(header.SOURCE, IntervalSet.single(0))  # nobody can be told there
    meant = tuple(Meaning(zone.span, f"{zone.name} is told what is refused") for zone in zones)
    for hook, side in filters.sides.items():
        way, here = pipeline.through(hook), universe.possible & side
        if stray := (of_kind(way, space.nothing, Fated.REJECT) & here) - answered:
            yield _difference(filters, stray, "it is refused with an answer, and nothing in the home file asks for one")
        if mute := of_kind(way, space.nothing, Fated.DROP) & here & refused & answered & filters.arrives():
            yield _difference(filters, mute, "it is dropped in silence, and its zone is told what is refused", meant)


def _difference(filters: Filters, region: Region, sentence: str, meant: tuple[Meaning, ...] = ()) -> Difference:
    example = Witnesses(filters.universe).example(region)
    return Difference(Kind.SETTING, sentence, example.packet, example.walk.decided, meant)
