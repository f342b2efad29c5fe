"""What may be opened: for each place where a packet comes from a chain, and in it one for each where it goes.

A packet of the forward chain jumps once to the chain of its source's place, and from there once to that of the pair,
so what it costs grows with the number of places and not with that of their pairs. Hygiene stands before, so only its
survivors come here: within a zone's subnet a permission to all of it asks for no address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.plan.model import Flow, Hook, Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.address_lists import AddressLists, address
from bailiwick.targets.routeros.names import name as plain
from bailiwick.targets.routeros.rules import rule, services

PREFIX_MAX = 100
"""Letters of a log prefix that are kept."""


def jumps(plan: Plan, hook: Hook) -> Iterator[Line]:
    """Of the built-in chain: by where a packet enters, or leaves where it comes from the router itself."""
    side = "out" if hook is Hook.OUTPUT else "in"
    for place in sorted(_grouped(plan, hook)):
        target = {f"{side}-interface": plan.interface_of(place).name}
        yield rule("filter", hook.value, "jump", target, f"pairs:{place}", jump_target=_chain(hook, place))


def chains(plan: Plan, lists: AddressLists, hook: Hook) -> Iterator[Line]:
    """The chains that those jumps lead to. Raises ValueError for a service that no rule can ask for."""
    for place, flows in sorted(_grouped(plan, hook).items()):
        if hook is not Hook.FORWARD:
            yield from _permissions(plan, lists, _chain(hook, place), flows)
            continue
        pairs: dict[str, list[Flow]] = {}
        for flow in flows:
            pairs.setdefault(flow.egress or "", []).append(flow)
        for egress in sorted(pairs):
            out = {"out-interface": plan.interface_of(egress).name}
            target = _chain(hook, place, egress)
            yield rule("filter", _chain(hook, place), "jump", out, f"pairs:{place}", jump_target=target)
        for egress in sorted(pairs):
            yield from _permissions(plan, lists, _chain(hook, place, egress), pairs[egress])


def _grouped(plan: Plan, hook: Hook) -> dict[str, list[Flow]]:
    grouped: dict[str, list[Flow]] = {}
    for flow in sorted(plan.flows, key=lambda flow: flow.id):
        place = flow.egress if hook is Hook.OUTPUT else flow.ingress
        if flow.hook is hook and place is not None:
            grouped.setdefault(place, []).append(flow)
    return grouped


def _chain(hook: Hook, *places: str) -> str:
    """``forward.lan``, ``forward.lan.wan``: no zone and no uplink have a dot in their names, nor the name of both."""
    return plain(".".join((hook.value, *(place.split(":", 1)[1] for place in places))))


def _permissions(plan: Plan, lists: AddressLists, chain: str, flows: Sequence[Flow]) -> Iterator[Line]:
    for flow in flows:
        sides = _sides(plan, lists, flow)
        if sides is None:
            continue
        if flow.translated:
            sides = {**sides, "connection-nat-state": "dstnat"}
        log = {"log": "yes", "log_prefix": f"accept {flow.id}"[:PREFIX_MAX]} if flow.log else {}
        for asked in services(flow.matches):
            yield rule("filter", chain, "accept", {**sides, **asked}, flow.id, **log)


def _sides(plan: Plan, lists: AddressLists, flow: Flow) -> dict[str, str] | None:
    """Matchers of both addresses; None where nobody can be meant."""
    label = flow.id.removeprefix("flow:")
    whole, reachable = _domain(plan, flow.ingress, source=True)
    sources = flow.sources & whole
    if not sources or not flow.destinations:
        return None
    found = _side(lists, "src", sources, EVERY_ADDRESS, reachable, f"from {label}", flow.id)
    whole, reachable = _domain(plan, flow.egress, source=False)
    return found | _side(lists, "dst", flow.destinations, whole, reachable, f"to {label}", flow.id)


def _side(
    lists: AddressLists, side: str, members: IntervalSet, whole: IntervalSet, reachable: IntervalSet, *named: str
) -> dict[str, str]:
    """The shortest exact way to say ``members`` of those that hygiene lets come here."""
    absent = reachable - members
    if members == EVERY_ADDRESS or (not absent and whole == EVERY_ADDRESS):
        return {}
    if not absent and whole.covers(members):
        return {f"{side}-address": address(whole.spans[0])}
    if len(absent.spans) == 1 and whole == EVERY_ADDRESS and len(members.spans) > 1:
        return {f"{side}-address": f"!{address(absent.spans[0])}"}
    return lists.matcher(side, members, *named)


def _domain(plan: Plan, place: str | None, *, source: bool) -> tuple[IntervalSet, IntervalSet]:
    """All that a permission can mean there, and what of it can come here at all."""
    if place is None:
        return EVERY_ADDRESS, EVERY_ADDRESS
    interface = plan.interface_of(place)
    if place.startswith("zone:") and interface.address is not None:
        subnet = interface.address.network
        wide = [subnet.broadcast_address] if subnet.prefixlen < 31 else []
        own = IntervalSet.addresses([interface.address.ip, *wide])
        members = IntervalSet.networks([subnet])
        return (members - own if source else members), members - own
    kept = plan.hygiene.bogons if source else plan.hygiene.martians
    return EVERY_ADDRESS, EVERY_ADDRESS - kept.get(place, IntervalSet())
