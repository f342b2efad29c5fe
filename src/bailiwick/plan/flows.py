"""The policy's flows: one for each sentence, each place where it enters and each where it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bailiwick.network.model import Extent, Network, Permission, Place
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.plan.ids import way
from bailiwick.plan.model import Flow, Hook
from bailiwick.plan.protocols import disjoint
from bailiwick.plan.ways import Ways


def policy_flows(network: Network, ways: Ways) -> Iterator[Flow]:
    """Every sentence of the policy, presets' included, spread over the places that it speaks of.

    Traffic inside one zone is not routed, and nothing from outside reaches a zone or another uplink without a
    destination NAT, so those pairs give no flow.
    """
    for permission in network.policy:
        matches = disjoint(permission.matches, permission.but)
        if not matches:
            continue
        for source in permission.source.extents:
            for ingress, sources in _entrances(source, ways):
                for target in permission.target.extents:
                    for hook, egress, some, destinations in _departures(ingress, sources, target, ways):
                        yield Flow(
                            id=f"flow:{permission.id}/{way(ingress, egress)}",
                            spans=(permission.span,),
                            hook=hook,
                            ingress=ingress,
                            egress=egress,
                            sources=some,
                            destinations=destinations,
                            matches=matches,
                            reason=_reason(permission),
                            log=permission.log,
                            expires=permission.expires.isoformat() if permission.expires else None,
                        )


def united(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    """Flows by id, those of one id made one.

    Two lines may say the same (a preset and the policy, a zone and a host of it): the same opening then keeps all
    their places in the file, and lasts as long as the longest.
    """
    found: dict[str, Flow] = {}
    for flow in flows:
        other = found.get(flow.id)
        found[flow.id] = flow if other is None else _both(other, flow)
    return tuple(found[key] for key in sorted(found))


def _both(one: Flow, other: Flow) -> Flow:
    return replace(
        one,
        spans=tuple(sorted({*one.spans, *other.spans})),
        sources=one.sources | other.sources,
        destinations=one.destinations | other.destinations,
        log=one.log or other.log,
        expires=None if one.expires is None or other.expires is None else max(one.expires, other.expires),
    )


def _entrances(source: Extent, ways: Ways) -> Iterator[tuple[str | None, IntervalSet]]:
    """Where packets of one source extent enter; None for the router's own."""
    if source.place == Place.ROUTER:
        yield None, EVERY_ADDRESS
    elif source.place == Place.INTERNET:
        for uplink in ways.defaults:
            yield uplink, source.addresses & ways.internet
    elif source.place == Place.OUTSIDE:
        for uplink in ways.defaults:
            yield uplink, source.addresses
    else:
        yield source.place, source.addresses


def _departures(
    ingress: str | None, sources: IntervalSet, target: Extent, ways: Ways
) -> Iterator[tuple[Hook, str | None, IntervalSet, IntervalSet]]:
    """Where packets that entered at ``ingress`` leave for one target extent: hook, egress, sources, destinations."""
    inside = ingress is None or ingress not in ways.uplinks
    hook = Hook.OUTPUT if ingress is None else Hook.FORWARD
    if target.place == Place.ROUTER:
        if ingress is not None:
            yield Hook.INPUT, None, sources, target.addresses
    elif not inside:
        return
    elif target.place == Place.INTERNET:
        destinations = target.addresses & ways.internet
        if not destinations:
            return
        if ingress is None:
            for uplink in ways.defaults:
                yield hook, uplink, sources, destinations
        else:
            for uplink, some in ways.out(ingress, sources):
                yield hook, uplink, some, destinations
    elif target.place in ways.uplinks:
        some = sources if ingress is None else ways.by(target.place, ingress, sources)
        if some:
            yield hook, target.place, some, target.addresses
    elif target.place != ingress:
        yield hook, target.place, sources, target.addresses


def _reason(permission: Permission) -> str:
    """The sentence as its id has it, spaced as a person writes it."""
    source, _, rest = permission.text.partition("->")
    target, _, services = rest.partition(":")
    return f"{permission.origin}: {source} -> {target}: {services}".replace(",", ", ")
