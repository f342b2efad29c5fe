"""One device, one family: what its tables and routes do to every packet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import Chain
from bailiwick.dataplane.symbolic.addresses import ALL_UP, Addresses, Scenario
from bailiwick.dataplane.symbolic.chains import Chains
from bailiwick.dataplane.symbolic.conditions import Conditions
from bailiwick.dataplane.symbolic.effect import (
    ANYTHING,
    Assignment,
    Effect,
    Effects,
    Value,
    after,
    constant,
    effect,
)
from bailiwick.dataplane.symbolic.hooks import FAMILIES, AtHook, Base, Station, Stop, at_hook
from bailiwick.dataplane.symbolic.interfaces import NONE, Interfaces
from bailiwick.dataplane.symbolic.pair import Pair
from bailiwick.dataplane.symbolic.reach import Reach
from bailiwick.dataplane.symbolic.routes import FORWARD, OWN, Routes
from bailiwick.dataplane.symbolic.split import Split
from bailiwick.dataplane.symbolic.steps import Steps
from bailiwick.dataplane.symbolic.translation import Translations
from bailiwick.dataplane.symbolic.way import ACCEPT, Fate, Kind, Landing, Way, of_kind, put, renamed, then, within
from bailiwick.dataplane.symbolic.whereabouts import DeviceWhereabouts
from bailiwick.packets import engine, header
from bailiwick.packets.header import State
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space

LOST = (Kind.DROP, Kind.REJECT)
_FROM_OUTSIDE = (frozenset({"ingress", "prerouting", "input", "forward"}), frozenset({"output"}))
_TO_OUTSIDE = (frozenset({"forward", "output", "postrouting", "egress"}), frozenset({"ingress", "prerouting", "input"}))
_ROUTED_BY = (header.MARK, header.SOURCE, header.DESTINATION, header.DYNAMIC)


@dataclass(frozen=True, slots=True)
class Translation:
    """``region``: the packets before NAT that come this far and may get it. ``effect``: what happens to them, marks
    set on the way included; nothing at all where it would change nothing."""

    region: Region
    landing: Landing
    effect: Effect


@dataclass(frozen=True, slots=True)
class NetworkAddressTranslation:
    """``untouched``: the packets that may pass without any."""

    made: tuple[Translation, ...]
    untouched: Region


class Pipeline:
    """Questions about a device, answered as regions of ``space``; each is worked out once.

    Two devices are compared in one space with one table of interfaces.
    """

    def __init__(
        self, device: Device, family: int, interfaces: Interfaces | None = None, space: Space | None = None
    ) -> None:
        self.device = device
        self.family = family
        self.interfaces = interfaces or Interfaces.of(device)
        self.space = space or engine.space(header.widths(family))
        self.effects = Effects(self.space)
        addresses = Addresses(device, family, self.interfaces)
        self._routes: dict[Scenario, Routes] = {ALL_UP: Routes(self.space, addresses)}
        whereabouts = DeviceWhereabouts(self.space, addresses, self._routes[ALL_UP])
        self.conditions = Conditions(self.space, family, self.interfaces, whereabouts)
        steps = Steps(self.conditions, self.effects, Translations(self.space, addresses).of)
        tables = (table for table in device.tables if table.family in FAMILIES[family])
        self.tables = tuple(Chains(table, steps, self.interfaces) for table in tables)
        self._hooks: dict[str, AtHook] = {}
        self._ways: dict[tuple[str, str], Way] = {}

    # ---- the filter

    def filtered(self, hook: str) -> Pair:
        """What every chain of type ``filter`` or ``route`` at the hook accepts, in the hook's own coordinates.

        At ``input``, ``forward`` and ``output`` these are the filter's: after destination NAT, before source NAT, with
        ``state``, ``status`` and marks as the packet comes there. State and connection are what conntrack will say,
        also at hooks that begin before it.
        """
        way = self.through(hook)
        lost = of_kind(way, self.space.nothing, *LOST)
        return Pair(~lost, of_kind(way, self.space.nothing, Kind.ACCEPT))

    def through(self, hook: str) -> Way:
        """The fates that ``filtered`` sums up, with what happens to marks. NAT is left out."""
        key = (hook, "")
        if key not in self._ways:
            stops = tuple(stop for stop in self.hook(hook).stops if stop is not Station.NAT)
            self._ways[key] = self._along({ACCEPT: self.space.everything}, stops, hook, None)
        return self._ways[key]

    def hook(self, name: str) -> AtHook:
        if name not in self._hooks:
            self._hooks[name] = at_hook(self.tables, name)
        return self._hooks[name]

    # ---- translations

    def translations(self, hook: str) -> NetworkAddressTranslation:
        """Of new packets at ``prerouting``, ``output``, ``input`` or ``postrouting``, in the coordinates in which a
        packet comes to that hook; what earlier chains of the hook drop is in none of them."""
        stops = self.hook(hook).stops
        if Station.NAT not in stops:
            accepted = of_kind(self.through(hook), self.space.nothing, Kind.ACCEPT)
            return NetworkAddressTranslation((), accepted)
        until = stops[: stops.index(Station.NAT) + 1]
        way = self.along({Fate(Kind.ACCEPT, self.fresh(hook)): self.space.everything}, until, hook)
        made, untouched = [], self.space.nothing
        for fate, region in way.items():
            if fate.kind is Kind.ACCEPT and fate.landing is not None:
                made.append(Translation(region, fate.landing, fate.effect))
            elif fate.kind is Kind.ACCEPT:
                untouched = untouched | region
        made.sort(key=lambda one: (one.landing.line.file, one.landing.line.number))
        return NetworkAddressTranslation(tuple(made), untouched)

    # ---- routes

    def routes(self, scenario: Scenario = ALL_UP) -> Routes:
        if scenario not in self._routes:
            addresses = Addresses(self.device, self.family, self.interfaces, scenario)
            self._routes[scenario] = Routes(self.space, addresses)
        return self._routes[scenario]

    def routed(self, scenario: Scenario = ALL_UP, own: bool = False) -> dict[int, Pair]:
        """By exit (an interface's number, split.LOCAL, split.NOWHERE) the packets that routing sends there, as they
        are when it is asked: after destination NAT, with their marks. ``own``: the device's own packets."""
        split = self.routes(scenario).ways(OWN if own else FORWARD)
        return {exit_: Pair(region - self._others(split, exit_), region) for exit_, region in split.items()}

    def _others(self, split: Split, exit_: int) -> Region:
        return self.space.union(region for other, region in split.items() if other != exit_)

    # ---- rules

    def reach(self, chains: Chains) -> Reach:
        """What reaches each rule of one of ``tables``; ``dead`` and ``redundant`` read it."""
        return Reach(chains, self.comes)

    def comes(self, chain: Chain) -> Region:
        """The packets that may come to a base chain, by what its hook says of interfaces and state alone."""
        assert chain.hook is not None
        nowhere = IntervalSet.single(NONE)
        region = self.space.everything
        for side, hooks in ((header.IIF, _FROM_OUTSIDE), (header.OIF, _TO_OUTSIDE)):
            none = self.space.among(side, nowhere)
            with_, without_ = hooks
            if chain.hook.name in with_:
                region = region - none
            elif chain.hook.name in without_:
                region = region & none
        if chain.hook.type == "nat":
            region = region & self.space.among(
                header.STATE, IntervalSet.of((state, state) for state in (State.NEW, State.RELATED))
            )
        return region

    # ---- a packet's way along the stops of a hook

    def along(self, way: Way, stops: Iterable[Stop], hook: str) -> Way:
        """What becomes of the accepted packets of ``way``, new ones, at these stops."""
        return self._along(way, tuple(stops), hook, State.NEW)

    def _along(self, way: Way, stops: tuple[Stop, ...], hook: str, state: State | None) -> Way:
        if Station.CONNTRACK in stops:
            unseen = constant(header.STATE, State.INVALID, self.space.widths[header.STATE])
            way = renamed(way, lambda fate: fate if self._untracked(fate) else _also(fate, unseen))
        for stop in stops:
            if stop is Station.CONNTRACK:
                way = renamed(way, lambda fate: self._tracked(fate, state))
            elif stop is Station.NAT:
                way = then(self.effects, way, self._nat(hook), Kind.ACCEPT)
            else:
                assert isinstance(stop, Base)
                way = then(self.effects, way, self._base(stop, hook), Kind.ACCEPT)
        return way

    def _tracked(self, fate: Fate, state: State | None) -> Fate:
        """Conntrack calls the packet ``state`` (None: what the header says), but for one that is untracked."""
        if fate.kind is not Kind.ACCEPT:
            return fate
        if self._untracked(fate):
            return fate
        bare = without(fate.effect, header.STATE)
        if state is None:
            return fate._replace(effect=bare)
        return fate._replace(effect=after(bare, constant(header.STATE, state, self.space.widths[header.STATE])))

    def _untracked(self, fate: Fate) -> bool:
        return fate.effect.constant(header.STATE, self.space.widths[header.STATE]) == State.UNTRACKED

    def _base(self, base: Base, hook: str) -> Way:
        way = base.chains.base(base.chain.name)
        return renamed(way, _again) if hook == "output" and base.type == "route" else way

    def _nat(self, hook: str) -> Way:
        """The hook's NAT chains for one packet: the first that translates is the last. Only new ones come here."""
        key = (hook, "nat")
        if key not in self._ways:
            way: Way = {ACCEPT: self.space.everything}
            for base in self.hook(hook).nat:
                way = then(self.effects, way, _settled(base.chains.base(base.chain.name)), Kind.ACCEPT)
            new = self.space.among(header.STATE, IntervalSet.single(State.NEW))
            way = within(way, new)
            put(way, ACCEPT, ~new)
            way = renamed(way, _accepted)
            self._ways[key] = renamed(way, _again) if hook == "output" else way
        return self._ways[key]

    def fresh(self, hook: str) -> Effect:
        """What is known of a new packet where it comes to a hook: nobody marked it from outside, and before NAT
        nothing is noted of its connection."""
        known = {
            "prerouting": (header.STATUS, header.DIRECTION, header.MARK, header.CT_MARK),
            "output": (header.STATUS, header.DIRECTION, header.CT_MARK),
        }.get(hook, (header.STATE, header.DIRECTION))
        zeros: dict[str, Assignment] = {field: Value((1 << self.space.widths[field]) - 1, 0, field) for field in known}
        return effect(zeros)


def _also(fate: Fate, further: Effect) -> Fate:
    return fate._replace(effect=after(fate.effect, further)) if fate.kind is Kind.ACCEPT else fate


def _again(fate: Fate) -> Fate:
    """The device's own packets are routed again when a chain changed what routing looks at (ip_route_me_harder,
    net/ipv4/netfilter.c); the chains of this hook still see the first egress."""
    changed = fate.kind is Kind.ACCEPT and any(field in _ROUTED_BY for field, _ in fate.effect.assigned)
    return fate._replace(again=True) if changed else fate


def _accepted(fate: Fate) -> Fate:
    return fate._replace(kind=Kind.ACCEPT) if fate.kind is Kind.TRANSLATE else fate


def _settled(way: Way) -> Way:
    """With those that a target which nobody here knows may have translated: no further chain is asked then."""
    result = dict(way)
    for fate, region in way.items():
        if fate.kind is Kind.ACCEPT and any(
            field in {header.SOURCE, header.DESTINATION} and isinstance(one, Value) and one.base == ANYTHING
            for field, one in fate.effect.assigned
        ):
            put(result, fate._replace(kind=Kind.TRANSLATE), region)
    return result


def without(done: Effect, *fields: str) -> Effect:
    """The effect on all other fields."""
    return Effect(tuple(pair for pair in done.assigned if pair[0] not in fields))
