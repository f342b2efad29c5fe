"""End to end: which new packets pass a device, and where they leave it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bailiwick.dataplane.symbolic.addresses import ALL_UP, Scenario
from bailiwick.dataplane.symbolic.arrival import Arrivals
from bailiwick.dataplane.symbolic.effect import Effect, after, constant
from bailiwick.dataplane.symbolic.hooks import Station, Stop
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.pipeline import LOST, Pipeline, without
from bailiwick.dataplane.symbolic.routes import FORWARD, OWN
from bailiwick.dataplane.symbolic.split import LOCAL, NOWHERE, Split, ambiguous
from bailiwick.dataplane.symbolic.way import ACCEPT, Fate, Kind, Way, of_kind
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region

MARKS = (header.MARK, header.CT_MARK)


@dataclass(frozen=True, slots=True)
class Passed:
    """``certain`` is within ``possible``; what is in neither never passes.

    ``certain``: every packet that looks like this passes, whatever the unknown tests say. ``oif`` is a coordinate: the
    interface by which it leaves, NONE for the device itself.
    """

    certain: Region
    possible: Region


@dataclass(frozen=True, slots=True)
class Delivered:
    """``filter``: the packets as the filter sees them, after destination NAT; marks are left open. ``sent``: as they
    came, before any translation; conntrack's fields and marks are left open."""

    filter: Passed
    sent: Passed
    arrives: Region
    """What comes to the filter at all, in its coordinates, whatever it says then: routed, and translated before."""


@dataclass(frozen=True)
class _Arrived:
    """Packets before, and what happened to them until the filter sees them."""

    way: Way
    lost: Region
    chosen: Region
    """Where routing sends them, in the filter's coordinates, with the egress."""
    stopped: Region
    """What routing and the kernel's own checks do not let on."""
    doubted: Region
    """What may take more than one way."""
    passes: Way


class Deliveries:
    """Of one pipeline in one scenario."""

    def __init__(self, pipeline: Pipeline, scenario: Scenario = ALL_UP) -> None:
        self.pipeline = pipeline
        self.scenario = scenario
        self.space = pipeline.space

    @cached_property
    def foreign(self) -> Delivered:
        """Packets that come by an interface: to the device itself (``oif`` NONE) or through it."""
        pipeline, space = self.pipeline, self.space
        start = after(pipeline.fresh("prerouting"), self._constant(header.OIF, NONE))
        way: Way = {Fate(Kind.ACCEPT, start): space.among(header.IIF, pipeline.interfaces.every) & self._real()}
        for hook in ("ingress", "prerouting"):
            way = pipeline.along(way, pipeline.hook(hook).stops, hook, self.scenario)
        routes = pipeline.routes(self.scenario)
        split = routes.ways(FORWARD)
        refused = Arrivals(routes).refused()
        chosen = self._chosen(split) - refused.must
        stopped = split.get(NOWHERE, space.nothing) | (self._chosen(split) & refused.may).without(header.OIF)
        inside = pipeline.along({ACCEPT: space.everything}, pipeline.hook("input").stops, "input")
        local = space.among(header.OIF, IntervalSet.single(LOCAL))
        passes: Way = {fate: region & local for fate, region in inside.items()}
        for fate, region in self._out("forward").items():
            onwards = region - local
            passes[fate] = passes[fate] | onwards if fate in passes else onwards
        lost = of_kind(way, space.nothing, *LOST)
        return self._delivered(_Arrived(way, lost, chosen, stopped, ambiguous(split, space.nothing), passes))

    @cached_property
    def own(self) -> Delivered:
        """Packets that the device sends itself; to its own addresses by the loopback interface. ``sent`` has the
        egress that they were routed to first. A socket that binds itself to an interface is not looked at."""
        pipeline, space = self.pipeline, self.space
        start = pipeline.fresh("output")
        split = pipeline.routes(self.scenario).ways(OWN)
        nobody = space.among(header.IIF, IntervalSet.single(NONE))
        nobody = nobody & self._real()
        way: Way = {Fate(Kind.ACCEPT, start): self._chosen(split) & nobody}
        before, rest = self._parted()
        way = pipeline.along(way, before, "output", self.scenario)
        passes = pipeline.along({ACCEPT: space.everything}, rest, "output", self.scenario)
        passes = self._onwards(passes)
        lost = of_kind(way, space.nothing, *LOST) | (split.get(NOWHERE, space.nothing) & nobody)
        doubted = ambiguous(split, space.nothing)
        everywhere = space.everything
        return self._delivered(_Arrived(way, lost, everywhere, space.nothing, doubted, passes), own=True)

    def _parted(self) -> tuple[tuple[Stop, ...], tuple[Stop, ...]]:
        """The stops of the output hook up to the last that may change the way, and those after it."""
        stops = self.pipeline.hook("output").stops
        last = 0
        for at, stop in enumerate(stops, 1):
            if isinstance(stop, Station) or stop.type == "route":
                last = at
        return stops[:last], stops[last:]

    def _out(self, hook: str) -> Way:
        way = self.pipeline.along({ACCEPT: self.space.everything}, self.pipeline.hook(hook).stops, hook)
        return self._onwards(way)

    def _onwards(self, way: Way) -> Way:
        for hook in ("postrouting", "egress"):
            way = self.pipeline.along(way, self.pipeline.hook(hook).stops, hook)
        return way

    def _delivered(self, arrived: _Arrived, own: bool = False) -> Delivered:
        space, effects = self.space, self.pipeline.effects
        accepted = of_kind(arrived.passes, space.nothing, Kind.ACCEPT) & arrived.chosen
        dropped = (of_kind(arrived.passes, space.nothing, *LOST) & arrived.chosen).without(header.OIF)
        dropped = dropped | arrived.stopped
        lost = dropped | arrived.doubted
        seen = missing = sent = unsent = twice = space.nothing
        for fate, region in arrived.way.items():
            if fate.kind is not Kind.ACCEPT:
                continue
            image = effects.image(region, fate.effect)
            seen = seen | (image if own else image.without(header.OIF))
            missing = missing | effects.image(region & arrived.lost, fate.effect)
            back = fate.effect if own else without(fate.effect, header.OIF)
            here = region & effects.pull(accepted, back)
            twice = twice | (sent & here.without(header.OIF)).without(header.OIF)
            sent = sent | here
            unsent = unsent | (region & effects.pull(lost, back))
        possible = (seen & accepted).without(*MARKS)
        missing = (missing | (seen & lost)).without(header.OIF, *MARKS)
        unsent = (unsent | arrived.lost).without(header.OIF)
        if twice:
            unsent = unsent | self._several(sent & twice)
        arrives = (seen & arrived.chosen).without(*MARKS)
        return Delivered(Passed(possible - missing, possible), Passed(sent - unsent, sent), arrives)

    def _real(self) -> Region:
        """Headers that there can be: a changing address is none of those that the device is known to see."""
        addresses = self.pipeline.routes(self.scenario).addresses
        numbers = IntervalSet.of((number, number) for number in self.pipeline.interfaces.dynamic.values())
        changing = self.space.among(header.DYNAMIC, numbers)
        changing = changing & self.space.among(header.DESTINATION, addresses.changing)
        return changing | self.space.among(header.DYNAMIC, IntervalSet.single(0))

    def _several(self, sent: Region) -> Region:
        """Packets that may leave by more than one interface."""
        seen = twice = self.space.nothing
        for number in [NONE, *range(1, self.pipeline.interfaces.last + 1)]:
            by = sent.given(header.OIF, number)
            twice = twice | (seen & by)
            seen = seen | by
        return twice

    def _chosen(self, split: Split) -> Region:
        parts = []
        for exit_, region in split.items():
            if exit_ != NOWHERE:
                parts.append(region & self.space.among(header.OIF, IntervalSet.single(exit_)))
        return self.space.union(parts)

    def _constant(self, field: str, value: int) -> Effect:
        return constant(field, value, self.space.widths[field])
