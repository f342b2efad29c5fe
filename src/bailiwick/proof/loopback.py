"""What the router says to itself passes: it asks its own resolver and its own services so.

The packets of the loopback interface are in no other question: they come from nowhere and go nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, NONE
from bailiwick.dataplane.symbolic.pipeline import LOST, Pipeline
from bailiwick.dataplane.symbolic.way import ACCEPT, of_kind
from bailiwick.packets import header
from bailiwick.packets.header import State
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.possible import possible
from bailiwick.packets.region import Region
from bailiwick.proof.difference import Difference, Kind
from bailiwick.proof.universe import Universe
from bailiwick.proof.witness import Witnesses

LOCALHOST = IntervalSet.span(127 << 24, (128 << 24) - 1)


def to_itself(universe: Universe) -> Iterator[Difference]:
    """New connections between the router's own addresses, where they leave and where they come back."""
    pipeline, space = universe.pipeline, universe.space
    looped, nobody = IntervalSet.single(pipeline.interfaces.number(LOOPBACK)), IntervalSet.single(NONE)
    own = pipeline.routes().addresses.local | LOCALHOST
    zero = IntervalSet.single(0)
    fresh = dict.fromkeys((header.STATUS, header.DIRECTION, header.DYNAMIC, header.MARK, header.CT_MARK), zero)
    ends = {header.SOURCE: own, header.DESTINATION: own, header.STATE: IntervalSet.single(State.NEW)}
    said = possible(space) & space.box({**fresh, **ends})
    for hook, sides in (
        ("output", {header.IIF: nobody, header.OIF: looped}),
        ("postrouting", {header.IIF: nobody, header.OIF: looped}),
        ("input", {header.IIF: looped, header.OIF: nobody}),
    ):
        if lost := (said & space.box(sides)) & _stopped(pipeline, hook):
            witnesses = Witnesses(universe)
            walk = witnesses.interpreter.walk(witnesses.wire(universe.example(lost)))
            yield Difference(Kind.SETTING, f"what the router says to itself does not pass at {hook}", line=walk.decided)


def _stopped(pipeline: Pipeline, hook: str) -> Region:
    """What a chain may drop there, one of type ``nat`` too."""
    way = pipeline.along({ACCEPT: pipeline.space.everything}, pipeline.hook(hook).stops, hook)
    return of_kind(way, pipeline.space.nothing, *LOST)
