"""Packets of no connection, let in."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.packets import header
from bailiwick.packets.header import State
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.possible import possible
from bailiwick.packets.region import Region
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import shown
from bailiwick.proof.audit.remedies import drop_invalid
from bailiwick.proof.audit.view import ROUTER, View

_ROUTED = (header.IIF, header.OIF, header.SOURCE, header.DESTINATION, header.DYNAMIC)


def states(context: Context) -> Iterator[Finding]:
    """What conntrack calls invalid and what is new are compared: it matters where the new is not let in."""
    view = context.main
    for hook in ("forward", "input"):
        region = _accepted(view, hook)
        outside = region & view.space.union(view.entering(zone) for zone in view.zones.outside)
        inside = region & view.space.union(view.entering(zone) for zone in view.zones.inside)
        found = outside or inside
        if not found:
            continue
        try:
            seen = context.replay(view).passing(found)
        except Unreplayed as error:
            context.defect(error)
            continue
        rows = [zone.name for zone in view.zones.all if found & view.entering(zone)]
        columns = (ROUTER,) if hook == "input" else view.zones.inside
        reached = [
            "the router itself" if zone is ROUTER else zone.name for zone in columns if found & view.leaving(zone)
        ]
        if not reached:
            continue
        line = seen.decided
        yield Finding(
            "invalid-accepted",
            Severity.LOW,
            f"Packets of no connection (invalid) pass from {shown(rows)} to {shown(reached)}, where new ones do not.",
            "They serve to probe what stands behind, and leave the home without their source being hidden.",
            str(seen),
            (line,) if line is not None else (),
            drop_invalid(view.syntax, hook, view.family),
        )


def _accepted(view: View, hook: str) -> Region:
    here = view.space.among(header.OIF, IntervalSet.single(NONE))
    side = here if hook == "input" else ~here
    invalid = view.space.box(
        {
            header.STATE: IntervalSet.single(State.INVALID),
            header.DIRECTION: IntervalSet.single(0),
            header.STATUS: IntervalSet.single(0),
            header.MARK: IntervalSet.single(0),
            header.CT_MARK: IntervalSet.single(0),
        }
    )
    others = [field for field in view.space.widths if field not in _ROUTED]
    plain = view.space.among(header.STATUS, IntervalSet.single(0))
    routed = (view.arrives & plain).without(*others)
    let_in = view.passes.without(*others)
    passing = view.pipeline.filtered("prerouting").must & view.pipeline.filtered(hook).must
    if hook == "forward":
        passing &= view.pipeline.filtered("postrouting").must
    return passing & invalid & side & routed & possible(view.space) - let_in
