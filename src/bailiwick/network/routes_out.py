"""Routes out: whose way to the internet is one uplink and no other."""

from __future__ import annotations

from bailiwick.language.sentence import Name
from bailiwick.network.findings import Findings
from bailiwick.network.groups import Areas
from bailiwick.network.model import Extent, RouteOut
from bailiwick.packets.interval import IntervalSet


def resolve_routes_out(areas: Areas) -> tuple[RouteOut, ...]:
    """In the file's order. No address may be routed by two lines."""
    draft, findings = areas.draft, areas.draft.findings
    routes: list[RouteOut] = []
    exits = [u for u in draft.uplinks.values() if not u.tunnel]
    for name, uplink_name in draft.home.route_out.items():
        key = findings.spans.key("route-out", name)
        value = ("route-out", name)
        uplink = draft.uplinks.get(uplink_name)
        if not draft.names.is_kind(uplink_name, "uplink"):
            findings.error(
                "unknown-name", f"`{uplink_name}` is no uplink.", value, draft.names.suggest(uplink_name, ["uplink"])
            )
        if exits == [uplink]:
            findings.error(
                "route-out-default",
                f"`{uplink_name}` is the only way out that is no tunnel: everybody leaves by it.",
                value,
                "remove the line, or declare the other uplink",
            )
        if not draft.names.is_kind(name, "host", "zone", "group"):
            findings.error(
                "unknown-name",
                f"`{name}` is no host, zone or group.",
                key,
                draft.names.suggest(name, ["host", "zone", "group"]),
            )
            continue
        area = areas.of(Name(name, key))
        if area is None or uplink is None:
            continue
        inner = {place: found for place, found in area.places.items() if place.startswith("zone:")}
        if area.loose or inner.keys() != area.places.keys():
            findings.error(
                "route-out-outside",
                f"`{name}` is not inside the home, or not all of it: only what is in a zone is routed.",
                key,
                "name hosts and zones",
            )
            continue
        sources = tuple(Extent(place, inner[place]) for place in sorted(inner))
        routes.append(RouteOut(f"route-out:{name}", key, name, uplink.id, sources))
    _refuse_overlaps(routes, findings)
    return tuple(routes)


def _refuse_overlaps(routes: list[RouteOut], findings: Findings) -> None:
    seen: list[tuple[RouteOut, IntervalSet]] = []
    for route in routes:
        sources = IntervalSet.of(pair for extent in route.sources for pair in extent.addresses.spans)
        for other, taken in seen:
            if sources.overlaps(taken):
                findings.error(
                    "route-out-twice",
                    f"`{route.name}` and `{other.name}` route some of the same addresses.",
                    route.span,
                    "each address has one way out",
                    [(other.span, "the other line")],
                )
                break
        seen.append((route, sources))
