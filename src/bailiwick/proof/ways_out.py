"""The usual ways out: every uplink that is no tunnel has a default route, and the home file's first is taken first.

With two of them packets leave by either, and a route that is missing hides behind the other one: until that one fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import pairwise

from bailiwick.dataplane.model import Device, Route
from bailiwick.network.model import Network, Uplink
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.places import Places

MAIN = "main"
EVERYWHERE = IPv4Network("0.0.0.0/0")


def ways_out(network: Network, device: Device, places: Places) -> Iterator[Difference]:
    """By each uplink's own route in the main table, and by the metrics of two that follow one another."""
    found: list[tuple[Uplink, Route]] = []
    for uplink in network.exits():
        routes = [one for one in device.routing.routes if _leads(one, uplink, places)]
        if routes:
            found.append((uplink, min(routes, key=lambda one: one.metric)))
        else:
            sentence = f"no default route leads out by {uplink.name}"
            yield Difference(Kind.WAY, sentence, meant=(Meaning(uplink.span, f"the uplink {uplink.name}"),))
    for (first, before), (second, after) in pairwise(found):
        if before.metric >= after.metric:
            about = (Meaning(first.span, f"the uplink {first.name}"), Meaning(second.span, f"the next, {second.name}"))
            sentence = f"{second.name} is taken while {first.name} is up"
            yield Difference(Kind.WAY, sentence, line=after.line, meant=about)


def _leads(route: Route, uplink: Uplink, places: Places) -> bool:
    usual = route.table == MAIN and route.kind == "unicast" and route.prefix == EVERYWHERE
    return usual and route.interface is not None and places.of(route.interface) == uplink.id
