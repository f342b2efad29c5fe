"""Rules that accept whatever protocol and port, from one place to another."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.rules import Accept, Rule
from bailiwick.dataplane.symbolic.reach import Reach
from bailiwick.dataplane.tally import Line
from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.header import Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import TCP
from bailiwick.packets.region import Region
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import fields, shown, verdict
from bailiwick.proof.audit.view import ROUTER, View
from bailiwick.proof.audit.zones import Zone

_MANY = 1 << 16
"""Sources: more are the outside as such, fewer are somebody in particular."""
_SHOWN = 8
_PORTS = 60_000
"""As good as every one: some may have been decided before."""


def broad(context: Context) -> Iterator[Finding]:
    """From outside, one for each chain; between zones, one for all: a home may well mean it."""
    for view in context.views.values():
        inner: dict[Line, dict[str, None]] = {}
        outer: dict[tuple[str, bool], list[tuple[Rule, Region]]] = {}
        region = view.space.nothing
        for reach in context.reaches[view.family]:
            for chain, rule, matched in _rules(view, reach):
                outside = matched & view.space.union(view.entering(zone) for zone in view.zones.outside)
                outside -= view.space.bits(
                    header.STATUS, Status.DNAT, Status.DNAT
                )  # what a NAT opens is told of the NAT
                outside &= view.space.union(view.leaving(zone) for zone in (*view.zones.inside, ROUTER))
                if outside:
                    outer.setdefault((chain, _few(view, outside)), []).append((rule, outside))
                for row, column in _pairs(view, matched):
                    name = "the router itself" if column is ROUTER else column.name
                    inner.setdefault(rule.line, {})[f"{row.name} to {name}"] = None
                    region |= matched & view.pair(row, column)
        for (chain, few), rules in outer.items():
            yield from _outer(context, view, chain, rules, few)
        if inner and view is context.main:
            yield from _inner(context, view, inner, region)


def _pairs(view: View, matched: Region) -> Iterator[tuple[Zone, Zone]]:
    """Two places inside between which some of these packets pass."""
    for row in view.zones.inside:
        coming = matched & view.entering(row)
        for column in (*view.zones.inside, ROUTER) if coming else ():
            if column.id != row.id and coming & view.leaving(column):
                yield row, column


def _rules(view: View, reach: Reach) -> Iterator[tuple[str, Rule, Region]]:
    """Accepting rules of the filter by which TCP to nearly every port passes, and the new packets that pass by each."""
    others = [field for field in view.space.widths if field != header.DESTINATION_PORT]
    tcp, every = view.space.among(header.PROTOCOL, IntervalSet.single(TCP)), IntervalSet.span(0, 65535)

    def _most_ports(region: Region) -> bool:
        ports = (region & tcp).without(*others)
        values = (box.get(header.DESTINATION_PORT, every) for box in ports.boxes((header.DESTINATION_PORT,)))
        return IntervalSet.union(values).size() > _PORTS

    for name, chain in reach.chains.table.chains.items():
        if reach.chains.table.name in ("raw", "mangle", "nat"):
            continue
        for index, rule in enumerate(chain.rules):
            if not isinstance(verdict(rule), Accept) or header.DESTINATION_PORT in fields(rule):
                continue
            matched = reach.meets(reach.rules(name)[index], reach.chains.steps.matches(rule)) & view.passes
            if matched and _most_ports(matched):
                yield name, rule, matched


def _few(view: View, region: Region) -> bool:
    boxes = _only(view, region).boxes((header.SOURCE,))
    return IntervalSet.union(box.get(header.SOURCE, IntervalSet.span(0, _MANY)) for box in boxes).size() < _MANY


def _outer(context: Context, view: View, chain: str, rules: list[tuple[Rule, Region]], few: bool) -> Iterator[Finding]:
    region = view.space.union(part for _, part in rules)
    try:
        seen = context.replay(view).passing(region)
    except Unreplayed as error:
        context.defect(error)
        return
    zones = [zone.name for zone in view.zones.inside if region & view.leaving(zone)]
    zones += ["the router itself"] * bool(region & view.leaving(ROUTER))
    rows = [zone.name for zone in view.zones.outside if region & view.entering(zone)]
    if all(zone.id == Place.UNKNOWN for zone in view.zones.outside if region & view.entering(zone)):
        return  # by interfaces that nothing names: that is a finding of its own
    who = "some addresses outside" if few else "the outside"
    yield Finding(
        "accept-anything",
        Severity.LOW if few else Severity.HIGH,
        f"{_which(rules, chain)} {who} ({shown(rows)}) reach {shown(zones)}, whatever the protocol and port.",
        "",
        str(seen),
        tuple(rule.line for rule, _ in rules),
        "name the protocol and the port, and the interface that it may come by",
    )


def _which(rules: list[tuple[Rule, Region]], chain: str) -> str:
    return f"A rule of {chain} lets" if len(rules) == 1 else f"{len(rules)} rules of {chain} let"


def _only(view: View, region: Region) -> Region:
    return region.without(*(field for field in view.space.widths if field != header.SOURCE))


def _inner(context: Context, view: View, inner: dict[Line, dict[str, None]], region: Region) -> Iterator[Finding]:
    try:
        seen = context.replay(view).passing(region)
    except Unreplayed as error:
        context.defect(error)
        return
    pairs = list(dict.fromkeys(pair for found in inner.values() for pair in found))
    more = f", and {len(pairs) - _SHOWN} more" if len(pairs) > _SHOWN else ""
    which = "A rule opens" if len(inner) == 1 else f"{len(inner)} rules open"
    yield Finding(
        "accept-anything",
        Severity.LOW,
        f"{which} the way between zones for every protocol and port.",
        f"{'; '.join(pairs[:_SHOWN])}{more}.",
        str(seen),
        tuple(inner),
        "name the services that are used: a host that is lost then opens less",
    )
