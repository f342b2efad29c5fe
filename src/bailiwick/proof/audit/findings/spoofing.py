"""Rules that trust a source address: whoever writes it on his packets gets what it may."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import shown
from bailiwick.proof.audit.remedies import drop_forged
from bailiwick.proof.audit.view import ROUTER, View
from bailiwick.proof.audit.zones import Zone

_WHY = (
    "Nothing holds a source against the interface that it comes by. Answers go to the owner of the address: it serves "
    "for one-way traffic, or for a host that can take that address."
)
_KEPT = (header.OIF, header.DESTINATION, header.PROTOCOL, header.DESTINATION_PORT, header.ICMP_TYPE)


def spoofing(context: Context) -> Iterator[Finding]:
    """One finding for all places from which a lie about the source reaches what honest packets do not."""
    view = context.main
    lying = [(zone, region) for zone in view.zones.all if (region := _forged(view, zone))]
    if not lying:
        return
    outside = [(zone, region) for zone, region in lying if zone.outside]
    worst = outside or lying
    try:
        seen = context.replay(view).passing(view.space.union(region for _, region in worst))
    except Unreplayed as error:
        context.defect(error)
        return
    unsaid = context.device.platform == "linux" and not any("rp_filter" in name for name in context.device.settings)
    severity = Severity.HIGH if outside else Severity.MEDIUM
    if unsaid:
        severity = Severity(min(severity + 1, Severity.LOW))
    reached = [
        "the router itself" if zone is ROUTER else zone.name
        for zone in (*view.zones.inside, ROUTER)
        if any(region & view.leaving(zone) for _, region in lying)
    ]
    text = _WHY
    if unsaid:
        text += " No file tells whether rp_filter is on: with net.ipv4.conf.*.rp_filter=1 the kernel drops it."
    lines = tuple(line for line in (seen.decided,) if line is not None)
    yield Finding(
        "source-forged",
        severity,
        f"With somebody else's source address, hosts of {shown(zone.name for zone, _ in lying)} reach "
        f"{shown(reached)} where their own do not.",
        text,
        str(seen),
        lines,
        drop_forged(view.syntax),
    )


def _forged(view: View, zone: Zone) -> Region:
    """What passes from a place with a source of another zone, and with none of its own."""
    home = view.members(zone)
    if view.numbers[zone.id] and "*" in zone.interfaces:
        return view.space.nothing
    others = [other for other in view.zones.inside if set(other.interfaces).isdisjoint(zone.interfaces)]
    theirs = IntervalSet.union(other.homes.get(view.family, IntervalSet()) for other in others) - home
    entering = view.entering(zone, honest=False)
    targets = view.space.union(view.leaving(other) for other in (*view.zones.inside, ROUTER) if other.id != zone.id)
    lies = view.passes & entering & targets & view.space.among(header.SOURCE, theirs)
    if not lies:
        return lies
    honest = view.passes & view.entering(zone)
    others_fields = [field for field in view.space.widths if field not in _KEPT]
    return lies - honest.without(*others_fields)
