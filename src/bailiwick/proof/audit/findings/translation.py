"""Destination NAT that takes more than its rule suggests, or that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.rules import AddressType, Rule
from bailiwick.dataplane.symbolic.effect import Spread
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.pipeline import Translation
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.header import Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region
from bailiwick.packets.region_wording import addresses
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import shown
from bailiwick.proof.audit.services import words
from bailiwick.proof.audit.view import View

_MANY = 1000
_HELPFUL = frozenset({53, 123, 853})
"""Ports that are turned on purpose, whoever was asked: names and time."""


def translation(context: Context) -> Iterator[Finding]:
    """A rule at a time."""
    for view in context.views.values():
        by_line: dict[Line, list[Translation]] = {}
        for made in view.pipeline.translations("prerouting").made:
            if made.landing.kind == "dnat" and not _vague(made):
                by_line.setdefault(made.landing.line, []).append(made)
        for line, several in by_line.items():
            yield from _every_port(context, view, line, several)
            yield from _from_inside(context, view, line, several)
            yield from _nowhere(context, view, line, several)


def _vague(made: Translation) -> bool:
    """To anywhere at all: that is how what hosts open for themselves (UPnP) is read."""
    target = made.effect.of(header.DESTINATION)
    return isinstance(target, Spread) and target.values.size() > 1 << 24


def _behind(view: View, several: list[Translation], before: Region) -> Region:
    """The packets behind the NAT, as the filter sees them; of those that came as ``before``."""
    images = (view.pipeline.effects.image(made.region & before & view.headers, made.effect) for made in several)
    found = view.space.union(images).without(header.OIF, header.STATE, header.MARK, header.CT_MARK)
    return found & view.space.bits(header.STATUS, Status.DNAT, Status.DNAT)


def _every_port(context: Context, view: View, line: Line, several: list[Translation]) -> Iterator[Finding]:
    """A forward without a port: the whole host stands in the street."""
    outside = view.space.union(view.entering(zone) for zone in view.zones.outside)
    passing = _behind(view, several, outside) & view.passes
    if not passing:
        return
    ports = passing.without(*(field for field in view.space.widths if field != header.DESTINATION_PORT))
    if (
        IntervalSet.union(box.get(header.DESTINATION_PORT, IntervalSet.span(0, 65535)) for box in ports.boxes()).size()
        < _MANY
    ):
        return
    try:
        seen = context.replay(view).passing(passing, {header.DESTINATION_PORT: IntervalSet.single(22)})
    except Unreplayed as error:
        context.defect(error)
        return
    yield Finding(
        "nat-exposes",
        Severity.HIGH,
        f"This destination NAT opens {_targets(view, passing)} to the outside by {_services(view, passing)}.",
        "It names no port, or very many, and the filter lets them all in.",
        str(seen),
        (line,),
        "name the protocol and the port that are meant, in the NAT rule and in the filter",
    )


def _from_inside(context: Context, view: View, line: Line, several: list[Translation]) -> Iterator[Finding]:
    """A forward without an interface or an address takes what the home sends to others, too."""
    asks = any(rule.line == line and _asks_whose(rule) for _, _, rule in context.rules(view))
    if asks and view.guessed:
        return  # it asks for the router's own addresses, which no file tells
    inside = view.space.union(view.entering(zone) for zone in view.zones.inside)
    local = view.pipeline.routes().addresses.local
    named = view.space.among(header.DESTINATION, local) | ~view.space.among(header.DYNAMIC, IntervalSet.single(0))
    homes = IntervalSet.union(zone.homes.get(view.family, IntervalSet()) for zone in view.zones.inside)
    foreign = (
        view.space.among(header.DESTINATION, view.members(view.zones.outside[0]) - homes)
        if view.zones.outside
        else None
    )
    if foreign is None:
        return
    taken = view.space.union(made.region for made in several) & view.new & inside & foreign - named
    taken = taken - view.space.among(header.DESTINATION_PORT, IntervalSet.of((n, n) for n in _HELPFUL))
    if not taken:
        return
    others = taken.without(*(field for field in view.space.widths if field != header.DESTINATION))
    if (
        IntervalSet.union(box.get(header.DESTINATION, homes) for box in others.boxes((header.DESTINATION,))).size()
        < 1 << 16
    ):
        return
    replay = context.replay(view)
    fields = replay.example(taken & view.space.among(header.STATUS, IntervalSet.single(0)))
    try:
        seen = replay.walked(
            {**fields, header.OIF: NONE}, lambda walk: any(step.line == line and step.matched for step in walk.steps)
        )
    except Unreplayed as error:
        context.defect(error)
        return
    rows = [zone.name for zone in view.zones.inside if taken & view.entering(zone)]
    yield Finding(
        "nat-takes-others",
        Severity.MEDIUM,
        f"This destination NAT also turns round what {shown(rows)} send{'s' if len(rows) == 1 else ''} to anybody else "
        f"by {_services(view, taken)}.",
        "It asks for no interface and no address of the router's own.",
        str(seen),
        (line,),
        "name the interface that it may come by, or the address that it was sent to",
    )


def _asks_whose(rule: Rule) -> bool:
    return any(isinstance(step, AddressType) for step in rule.steps)


def _nowhere(context: Context, view: View, line: Line, several: list[Translation]) -> Iterator[Finding]:
    """A forward that the filter does not let through: nobody can use it."""
    behind = _behind(view, several, view.space.everything)
    coming = behind & view.arrives
    if not coming or behind & view.passes:
        return
    try:
        seen = context.replay(view).stopped(coming)
    except Unreplayed as error:
        context.defect(error)
        return
    lines = (line, *((seen.decided,) if seen.decided is not None and seen.decided != line else ()))
    yield Finding(
        "forward-unusable",
        Severity.LOW,
        f"Nobody can use this forward to {_targets(view, coming)}: the filter lets none of its packets in.",
        "",
        str(seen),
        lines,
        "accept it in the filter, at the address and port behind the NAT; or take it out",
    )


def _services(view: View, region: Region) -> str:
    return ", ".join(words(view.space, region))


def _targets(view: View, region: Region) -> str:
    width = view.space.widths[header.DESTINATION]
    every = IntervalSet.span(0, (1 << width) - 1)
    only = region.without(*(field for field in view.space.widths if field != header.DESTINATION))
    return addresses(
        IntervalSet.union(box.get(header.DESTINATION, every) for box in only.boxes((header.DESTINATION,))), width
    )
