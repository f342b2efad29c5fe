"""End to end: which new packets pass a device, and where they leave it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bailiwick.dataplane.symbolic.addresses import ALL_UP, Scenario
from bailiwick.dataplane.symbolic.arrival import Arrivals
from bailiwick.dataplane.symbolic.effect import Effect, after, constant
from bailiwick.dataplane.symbolic.hooks import Station
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.pipeline import LOST, Pipeline, without
from bailiwick.dataplane.symbolic.routes import FORWARD, OWN
from bailiwick.dataplane.symbolic.split import LOCAL, NOWHERE, Split, ambiguous
from bailiwick.dataplane.symbolic.way import ACCEPT, Fate, Kind, Way, of_kind, put
from bailiwick.packets import header
from bailiwick.packets.header import State
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
    """What comes to the filter at all, in its coordinates, whatever it says then: routed, and translated before. Of
    the device's own packets: what it would send without chains of type ``filter``."""


@dataclass(frozen=True, slots=True)
class _Onwards:
    """What happens behind a hook to the packets that it let on, in the coordinates that it leaves them in."""

    accepted: Region
    lost: Region
    """Dropped, or refused by routing, or in doubt between two ways."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    """``way``: what happened to packets until routing was asked, the last time; ``lost``: which did not come so far.
    ``routed`` holds for those that are routed now, ``going`` for the device's own that keep their egress."""

    way: Way
    lost: Region
    routed: _Onwards
    arrives: Region
    going: _Onwards | None = None


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
        start = after(start, self._constant(header.STATE, State.INVALID))
        way: Way = {Fate(Kind.ACCEPT, start): space.among(header.IIF, pipeline.interfaces.every) & self._real()}
        for hook in ("ingress", "prerouting"):
            way = pipeline.along(way, pipeline.hook(hook).stops, hook)
        routes = pipeline.routes(self.scenario)
        split = routes.ways(FORWARD)
        refused = Arrivals(routes).refused()
        chosen = self._chosen(split)
        stopped = split.get(NOWHERE, space.nothing) | (chosen & refused.may).without(header.OIF)
        inside = pipeline.along({ACCEPT: space.everything}, pipeline.hook("input").stops, "input")
        local = space.among(header.OIF, IntervalSet.single(LOCAL))
        passes: Way = {fate: region & local for fate, region in inside.items()}
        for fate, region in self._out("forward", "postrouting", "egress").items():
            put(passes, fate, region - local)
        lost = of_kind(way, space.nothing, *LOST)
        routed = self._routed(passes, chosen - refused.must, stopped, ambiguous(split, space.nothing))
        seen = self._seen(way, chosen - refused.must, own=False)
        return self._delivered(_Arrived(way, lost, routed, seen))

    @cached_property
    def own(self) -> Delivered:
        """Packets that the device sends itself; to its own addresses by the loopback interface. ``filter`` is what
        leaves the output hook, with the egress that it gets in the end. A socket that binds itself to an interface is
        not looked at."""
        pipeline, space = self.pipeline, self.space
        split = pipeline.routes(self.scenario).ways(OWN)
        coming = space.among(header.IIF, IntervalSet.single(NONE)) & self._real()
        chosen, nowhere = self._chosen(split), split.get(NOWHERE, space.nothing)
        way: Way = {Fate(Kind.ACCEPT, pipeline.fresh("output")): chosen & coming}
        stops = pipeline.hook("output").stops
        unfiltered = (stop for stop in stops if isinstance(stop, Station) or stop.type == "route")
        seen = self._seen(pipeline.along(way, unfiltered, "output"), chosen, own=True)
        way = pipeline.along(way, stops, "output")
        passes = self._out("postrouting", "egress")
        doubted = ambiguous(split, space.nothing)
        lost = of_kind(way, space.nothing, *LOST) | (nowhere & coming)
        routed = self._routed(passes, chosen, nowhere, doubted)
        going = self._going(passes, doubted)
        return self._delivered(_Arrived(way, lost, routed, seen, going))

    def _seen(self, way: Way, chosen: Region, own: bool) -> Region:
        """What the packets of ``way`` have become, with the egress that routing then gives them."""
        seen = self.space.nothing
        for fate, region in way.items():
            if fate.kind is Kind.ACCEPT:
                image = self.pipeline.effects.image(region, fate.effect)
                keeps = own and not fate.again
                seen = seen | (image if keeps else image.without(header.OIF) & chosen)
        return seen.without(*MARKS)

    def _out(self, *hooks: str) -> Way:
        way: Way = {ACCEPT: self.space.everything}
        for hook in hooks:
            way = self.pipeline.along(way, self.pipeline.hook(hook).stops, hook)
        return way

    def _routed(self, passes: Way, chosen: Region, stopped: Region, doubted: Region) -> _Onwards:
        nothing = self.space.nothing
        dropped = (of_kind(passes, nothing, *LOST) & chosen).without(header.OIF)
        return _Onwards(of_kind(passes, nothing, Kind.ACCEPT) & chosen, dropped | stopped | doubted)

    def _going(self, passes: Way, doubted: Region) -> _Onwards:
        nothing = self.space.nothing
        return _Onwards(of_kind(passes, nothing, Kind.ACCEPT), of_kind(passes, nothing, *LOST) | doubted)

    def _delivered(self, arrived: _Arrived) -> Delivered:
        effects, nothing = self.pipeline.effects, self.space.nothing
        possible = missing = sent = unsent = twice = nothing
        for fate, whole in arrived.way.items():
            if fate.kind is not Kind.ACCEPT:
                continue
            further, done, region = arrived.going, fate.effect, whole
            image = effects.image(whole, done)
            astray = effects.image(whole & arrived.lost, done).without(header.OIF)
            if further is None or fate.again:  # routing says anew by what it leaves
                further, done = arrived.routed, without(fate.effect, header.OIF)
                image, region = image.without(header.OIF), whole.without(header.OIF)
            possible = possible | (image & further.accepted)
            missing = missing | astray | (image & further.lost)
            here = region & effects.pull(further.accepted, done)
            twice = twice | (sent.without(header.OIF) & here.without(header.OIF))
            sent = sent | here
            unsent = unsent | (region & effects.pull(further.lost, done))
        possible = possible.without(*MARKS)
        missing = missing.without(*MARKS)
        unsent = (unsent | arrived.lost).without(header.OIF)
        if twice:
            unsent = unsent | self._several(sent & twice)
        return Delivered(Passed(possible - missing, possible), Passed(sent - unsent, sent), arrived.arrives)

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
