"""Interfaces that nothing mentions, and by which packets pass all the same."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import shown
from bailiwick.proof.audit.view import ROUTER, View
from bailiwick.proof.audit.zones import Zone


def interfaces(context: Context) -> Iterator[Finding]:
    """Listed ones without an address and a rule; a bare dump, which lists none, has none."""
    view = context.main
    idle = [name for name in context.zones.idle if name in view.interfaces.numbers]
    if not idle:
        return
    targets = view.space.union(view.leaving(zone) for zone in (*view.zones.inside, ROUTER))
    numbers = [view.interfaces.number(name) for name in idle]
    entering = view.space.among(header.IIF, IntervalSet.of((number, number) for number in numbers))
    passing = view.passes & entering & targets & view.entering(_unknown(view))
    if not passing:
        return
    try:
        seen = context.replay(view).passing(passing)
    except Unreplayed as error:
        context.defect(error)
        return
    named = [
        n
        for n, number in zip(idle, numbers, strict=True)
        if passing & view.space.among(header.IIF, IntervalSet.single(number))
    ]
    reached = [
        "the router itself" if zone is ROUTER else zone.name
        for zone in (*view.zones.inside, ROUTER)
        if passing & view.leaving(zone)
    ]
    found = (context.device.interfaces[name].line for name in named)
    yield Finding(
        "interface-unmentioned",
        Severity.LOW,
        f"Nothing mentions {shown(named)}: what comes by {_it(named)} reaches {shown(reached)}.",
        "It has no address, but whoever can send a frame to it can have the router pass a packet on.",
        str(seen),
        tuple(line for line in found if line is not None),
        "drop what comes by no interface of the home; switch the port off where nothing is plugged in",
    )


def _it(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"


def _unknown(view: View) -> Zone:
    return next(zone for zone in view.zones.all if zone.id in (Place.UNKNOWN, Place.OUTSIDE))
