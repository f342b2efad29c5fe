"""What is dropped whatever the permissions say: forged sources, and addresses that lead nowhere.

RFC 2827, RFC 3704 and RFC 6890, as for the Linux router.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.network.model import Match
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import UDP
from bailiwick.plan.model import Flow, Hook, Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.address_lists import AddressLists
from bailiwick.targets.routeros.interface_lists import INSIDE, InterfaceLists
from bailiwick.targets.routeros.rules import rule

NOBODY = 0
"""0.0.0.0, the source of a DHCP client that has no address yet (RFC 2131 §4.1)."""

_ASKS_A_LEASE = Match(UDP, (67, 67))
_SPOOFED = "hygiene:anti-spoof"


def sources(plan: Plan, lists: AddressLists, hook: Hook) -> Iterator[Line]:
    """Who may say to be whom, on the input and forward hooks. Raises ValueError for a zone without a subnet."""
    chain = hook.value
    if hook is Hook.INPUT:
        for flow in _lease_askers(plan):
            asks = {"in-interface": plan.interface_of(flow.ingress or "").name, "src-address": "0.0.0.0"}
            asks |= lists.matcher("dst", flow.destinations, f"dhcp-servers.{_label(flow.ingress)}", flow.id)
            yield rule("filter", chain, "accept", asks | {"protocol": "udp", "dst-port": "67"}, flow.id)
    for place in plan.hygiene.anti_spoof:
        interface = plan.interface_of(place)
        if interface.address is None:
            raise ValueError(f"{place} has no subnet that its sources could be held to")
        away = {"in-interface": interface.name, "src-address": f"!{interface.address.network}"}
        yield rule("filter", chain, "drop", away, f"{_SPOOFED}:{place}")
    if plan.hygiene.anti_spoof:
        pretended = {"in-interface-list": INSIDE, **lists.matcher("src", _nobodys(plan), "nobodys", _SPOOFED)}
        yield rule("filter", chain, "drop", pretended, _SPOOFED)
    for place, members in sorted(plan.hygiene.bogons.items()):
        if members:
            one = f"hygiene:bogons:{place}"
            asks = {"in-interface": plan.interface_of(place).name}
            yield rule(
                "filter", chain, "drop", asks | lists.matcher("src", members, f"bogons.{_label(place)}", one), one
            )


def exit_guard(plan: Plan, lists: AddressLists, interfaces: InterfaceLists, hook: Hook) -> Iterator[Line]:
    """Before even the established: what leaves by one uplink alone does not move to another when that one goes down."""
    for one in plan.exits:
        places = [i.place for i in plan.interfaces if i.place and i.place.startswith("uplink:")]
        others = [place for place in places if place != one.uplink]
        own = plan.interface_of(one.uplink).address
        members = one.sources if hook is Hook.FORWARD else IntervalSet.addresses([own.ip] if own else [])
        if members and others:
            asks = interfaces.matcher("out", others, f"not {_label(one.uplink)}")
            asks |= lists.matcher("src", members, f"by-{_label(one.uplink)}", one.id)
            yield rule("filter", hook.value, "drop", asks, one.id)


def destinations(plan: Plan, lists: AddressLists, hook: Hook) -> Iterator[Line]:
    """What leads nowhere beyond an uplink, on the forward and output hooks."""
    chain = hook.value
    for place, members in sorted(plan.hygiene.martians.items()):
        out = {"out-interface": plan.interface_of(place).name}
        if hook is Hook.OUTPUT and place in plan.hygiene.dhcp_clients:
            asks = out | {"protocol": "udp", "src-port": "68", "dst-port": "67"}
            yield rule("filter", chain, "accept", asks, f"hygiene:dhcp-client:{place}")
        if members:
            one = f"hygiene:martians:{place}"
            yield rule(
                "filter", chain, "drop", out | lists.matcher("dst", members, f"martians.{_label(place)}", one), one
            )


def _nobodys(plan: Plan) -> IntervalSet:
    """The zones' own addresses that are no host's: the router's, and the broadcast ones (RFC 3021 has none)."""
    own = [i.address for i in plan.interfaces if i.address and i.place in plan.hygiene.anti_spoof]
    wide = [one.network.broadcast_address for one in own if one.network.prefixlen < 31]
    return IntervalSet.addresses([*(one.ip for one in own), *wide])


def _lease_askers(plan: Plan) -> list[Flow]:
    return [
        flow
        for flow in sorted(plan.flows, key=lambda flow: flow.id)
        if flow.hook is Hook.INPUT and flow.ingress and NOBODY in flow.sources and _ASKS_A_LEASE in flow.matches
    ]


def _label(place: str | None) -> str:
    return (place or "router").split(":", 1)[-1]
