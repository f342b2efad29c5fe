"""Forwards: the destination NAT at the uplinks, the hairpin from the zones, and the flows behind both."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bailiwick.network.model import Forward, Match, Network
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.plan.ids import match_words, short, way
from bailiwick.plan.model import Flow, Hook, Translation
from bailiwick.plan.openings import dns_matches, subnet
from bailiwick.plan.protocols import disjoint, overlap, shifted
from bailiwick.plan.ways import Ways


@dataclass(frozen=True, slots=True)
class Hairpin:
    """Who in one zone may come to a forward's host by the uplink's address."""

    zone: str  # its id
    sources: IntervalSet
    within: bool  # the host's own zone


Hairpins = Mapping[str, tuple[Hairpin, ...]]
"""By forward's id, each tuple by zone."""


def find_hairpins(network: Network, ways: Ways) -> Hairpins:
    """From each zone that some sentence lets reach the host on that service, and from the host's own zone.

    An isolated zone keeps its clients from each other, so its own hosts get none. Whom ``route-out`` names is
    answered DNS by the exit's resolver alone, so no door leads those around it.
    """
    doors = _doors(network)
    reach: dict[str, dict[str, IntervalSet]] = {f.id: {} for f in network.forwards}
    for permission in network.policy:
        for target in permission.target.extents:
            for forward in _behind(doors.get(target.place, ()), target.addresses):
                if not overlap(disjoint(permission.matches, permission.but), _inner(forward)):
                    continue
                for source in permission.source.extents:
                    if source.place.startswith("zone:") and source.place != forward.place:
                        mine = reach[forward.id].get(source.place)
                        reach[forward.id][source.place] = source.addresses if mine is None else mine | source.addresses
    zones = {zone.id: zone for zone in network.zones.values()}
    found: dict[str, tuple[Hairpin, ...]] = {}
    for forward in network.forwards:
        hairpins = [Hairpin(place, sources, within=False) for place, sources in reach[forward.id].items()]
        own = zones[forward.place]
        if not own.isolate:
            hairpins.append(Hairpin(own.id, subnet(own), within=True))
        if overlap(_inner(forward), dns_matches()):
            hairpins = [replace(h, sources=h.sources - ways.routed_in(h.zone)) for h in hairpins]
        found[forward.id] = tuple(sorted((h for h in hairpins if h.sources), key=lambda h: h.zone))
    return found


def door_flows(network: Network, hairpins: Hairpins) -> Iterator[Flow]:
    """What the forwards let through. From another zone it is the sentence's own flow that lets a hairpin through."""
    for forward in network.forwards:
        for uplink in forward.uplinks:
            yield _flow(forward, uplink, forward.sources, f"forward {forward.name}: {short(uplink)} to {forward.host}")
        for hairpin in hairpins[forward.id]:
            if hairpin.within:
                yield _flow(
                    forward, hairpin.zone, hairpin.sources, f"forward {forward.name}, from {forward.host}'s own zone"
                )


def door_translations(network: Network, hairpins: Hairpins) -> Iterator[Translation]:
    """The forwards' destination NAT, and after each its hairpins."""
    for forward in sorted(network.forwards, key=lambda f: f.id):
        for match in forward.matches:
            words = forward.name if len(forward.matches) == 1 else f"{forward.name}:{match_words(match)}"
            door = Translation(
                id=f"dnat:{words}",
                spans=(forward.span,),
                ingresses=tuple(sorted(forward.uplinks)),
                sources=forward.sources,
                destinations=None,
                match=match,
                to_address=forward.address,
                to_port=forward.to_port,
                reason=f"forward {forward.name}",
            )
            yield door
            for hairpin in hairpins[forward.id]:
                yield replace(
                    door,
                    id=f"hairpin:{words}/{short(hairpin.zone)}",
                    ingresses=(hairpin.zone,),
                    sources=hairpin.sources,
                    reason=f"forward {forward.name}, by the uplink's address from inside",
                )


def _flow(forward: Forward, ingress: str, sources: IntervalSet, reason: str) -> Flow:
    return Flow(
        id=f"flow:{forward.id}/{way(ingress, forward.place)}",
        spans=(forward.span,),
        hook=Hook.FORWARD,
        ingress=ingress,
        egress=forward.place,
        sources=sources,
        destinations=IntervalSet.addresses((forward.address,)),
        matches=disjoint(_inner(forward)),
        reason=reason,
        log=forward.log,
        translated=True,
    )


def _inner(forward: Forward) -> tuple[Match, ...]:
    """The service as the host sees it."""
    return tuple(shifted(match, forward.to_port) for match in forward.matches)


def _doors(network: Network) -> Mapping[str, tuple[tuple[int, Forward], ...]]:
    """By place, the forwards there in the order of their hosts' addresses."""
    places: dict[str, list[tuple[int, Forward]]] = {}
    for forward in network.forwards:
        places.setdefault(forward.place, []).append((int(forward.address), forward))
    return {place: tuple(sorted(found, key=lambda pair: (pair[0], pair[1].id))) for place, found in places.items()}


def _behind(doors: tuple[tuple[int, Forward], ...], addresses: IntervalSet) -> Iterator[Forward]:
    """The forwards whose host is among ``addresses``."""
    if not doors:
        return
    if addresses == EVERY_ADDRESS:
        yield from (forward for _, forward in doors)
        return
    for first, last in addresses.spans:
        at = bisect_left(doors, first, key=lambda pair: pair[0])
        while at < len(doors) and doors[at][0] <= last:
            yield doors[at][1]
            at += 1
