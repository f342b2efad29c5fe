"""Chains whose end accepts: who gets through because nothing says no, and what hangs on it."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.rules import Drop, Note, OnInterface, Reject, Step
from bailiwick.dataplane.tally import Line
from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import named, shown, stops
from bailiwick.proof.audit.remedies import drop_strangers, drop_the_rest
from bailiwick.proof.audit.services import words
from bailiwick.proof.audit.view import ROUTER, View
from bailiwick.proof.audit.zones import Zone

_SHOWN = 10
_SSH = {header.DESTINATION_PORT: IntervalSet.single(22)}
"""For witnesses: something that people know."""


def defaults(context: Context) -> Iterator[Finding]:
    """IPv6 is held against IPv4 elsewhere."""
    view = context.main
    for hook in ("forward", "input"):
        yield from _outside(context, view, hook)
        yield from _inside(context, view, hook)


def _targets(view: View, hook: str) -> tuple[Zone, ...]:
    return view.zones.inside if hook == "forward" else (ROUTER,)


def _fallen(context: Context, view: View, hook: str, row: Zone) -> Region:
    region = context.falls[view.family].at(hook) & view.entering(row)
    return region & view.space.union(view.leaving(zone) for zone in _targets(view, hook) if zone.id != row.id)


def _outside(context: Context, view: View, hook: str) -> Iterator[Finding]:
    """What comes from outside falls through; where one outside is shut by its name, the others are forgotten."""
    known = [zone for zone in view.zones.outside if zone.id != Place.UNKNOWN]
    open_ = [(zone, region) for zone in known if (region := _fallen(context, view, hook, zone))]
    if not open_:
        return
    guards = _guards(context, view, hook)
    region = view.space.union(region for _, region in open_)
    try:
        seen = context.replay(view).passing(region, _SSH)
    except Unreplayed as error:
        context.defect(error)
        return
    names = shown(zone.name for zone, _ in open_)
    reached = _reached(view, hook, region)
    if guards:
        shut = shown(dict.fromkeys(name for line in guards for name in guards[line]))
        whys = "; ".join(f"{zone.name}: {zone.why}" for zone, _ in open_)
        yield Finding(
            "outside-one-name",
            Severity.HIGH,
            f"The outside is shut as {shut} alone: what comes by {names} reaches {reached}.",
            f"They lead outside too ({whys}), and no rule stops what comes by them.",
            str(seen),
            tuple(guards),
            drop_strangers(view.syntax, hook, view.family),
        )
        return
    yield Finding(
        "default-accept",
        Severity.HIGH,
        f"What comes from outside by {names} reaches {reached}, because nothing says no.",
        f"No rule decides about it, and the end of {_chains(context, view, hook)} accepts.",
        str(seen),
        _lines(context, view, hook),
        drop_the_rest(view.syntax, _name(context, view, hook), view.family),
    )


def _inside(context: Context, view: View, hook: str) -> Iterator[Finding]:
    """What zones get because nothing says no: it would break if the default became drop."""
    pairs: dict[tuple[str, str], Region] = {}
    fallen = context.falls[view.family].at(hook)
    for row in view.zones.inside:
        columns = (*_targets(view, hook), *(view.zones.outside if hook == "forward" else ()))
        for column in columns:
            region = fallen & view.pair(row, column) if row.id != column.id else view.space.nothing
            if region:
                pairs[row.name, "the router itself" if column is ROUTER else column.name] = region
    if not pairs:
        return
    across = {
        pair: region for pair, region in pairs.items() if pair[1] not in {zone.name for zone in view.zones.outside}
    }
    try:
        seen = context.replay(view).passing(view.space.union(across.values() or pairs.values()), _SSH)
    except Unreplayed as error:
        context.defect(error)
        return
    broken = [f"{row} to {column}: {', '.join(words(view.space, region))}" for (row, column), region in pairs.items()]
    more = f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
    depends = f"Would stop if the default became drop: {'; '.join(broken[:_SHOWN])}{more}."
    rows = shown(dict.fromkeys(row for row, _ in across or pairs))
    if hook == "input":
        yield _services(context, view.space.union(pairs.values()), rows, depends, str(seen))
        return
    ways = "one way" if len(across) == 1 else f"{len(across)} ways"
    title = f"Zones reach each other because nothing says no: {ways}, from {rows}."
    if not across:
        title = f"What goes out from {rows} passes because nothing says no."
    yield Finding(
        "default-accept",
        Severity.MEDIUM if across else Severity.LOW,
        title,
        depends,
        str(seen),
        _lines(context, view, hook),
        drop_the_rest(view.syntax, _name(context, view, hook), view.family),
    )


def _services(context: Context, region: Region, rows: str, depends: str, witness: str) -> Finding:
    """The device's own services, for zones that no rule gives them to."""
    view = context.main
    found = []
    for one in context.device.listeners:
        at = {header.PROTOCOL: IntervalSet.single(one.protocol), header.DESTINATION_PORT: IntervalSet.single(one.port)}
        if region & view.space.box(at):
            found.append(one.name)
    services = f" It listens for {shown(dict.fromkeys(found), 12)}." if found else ""
    return Finding(
        "router-services",
        Severity.MEDIUM,
        f"Nothing keeps {rows} from the services of the router itself, on any of its addresses.",
        f"No rule gives them to these zones: the end of the chain accepts.{services} {depends}",
        witness,
        _lines(context, view, "input"),
        drop_the_rest(view.syntax, _name(context, view, "input"), view.family),
    )


def _guards(context: Context, view: View, hook: str) -> dict[Line, tuple[str, ...]]:
    """Rules that shut an outside by its name and ask for nothing else, with the interfaces that they name."""
    outside = {name for zone in view.zones.outside for name in zone.interfaces}
    found: dict[Line, tuple[str, ...]] = {}
    for _, chain in context.falls[view.family].bases(hook):
        for rule in chain.rules:
            names = named(rule, header.IIF)
            if stops(rule) and names and set(names) <= outside and len(rule.steps) <= 3 and _plain(rule.steps):
                found[rule.line] = names
    return found


def _plain(steps: tuple[Step, ...]) -> bool:
    return all(isinstance(step, OnInterface | Note | Drop | Reject) for step in steps)


def _reached(view: View, hook: str, region: Region) -> str:
    if hook == "input":
        return f"the router itself by {', '.join(words(view.space, region))}"
    return shown(zone.name for zone in view.zones.inside if region & view.leaving(zone))


def _lines(context: Context, view: View, hook: str) -> tuple[Line, ...]:
    """Where the policy is written; in an export, which has none, the last rule."""
    bases = [chain for _, chain in context.falls[view.family].bases(hook)]
    if view.syntax == "routeros":
        return tuple(chain.rules[-1].line for chain in bases if chain.rules)
    return tuple(chain.line for chain in bases if chain.line is not None)


def _chains(context: Context, view: View, hook: str) -> str:
    names = [chain.name for _, chain in context.falls[view.family].bases(hook)]
    return f"the chain {shown(names)}" if names else f"{hook}, where no chain stands,"


def _name(context: Context, view: View, hook: str) -> str:
    return next((chain.name for _, chain in context.falls[view.family].bases(hook)), hook)
