"""Address translation: doors in by dst-nat, the way out by masquerade, the hairpin's both; and TCP's segment size.

``dst-address-type=local`` stands for an uplink's changing address (manual, "NAT": hairpin).
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.plan.model import Plan, Translation
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.address_lists import AddressLists, address
from bailiwick.targets.routeros.interface_lists import InterfaceLists
from bailiwick.targets.routeros.rules import protocol, rule, stretch

HEADERS = 40
"""Bytes of an IPv4 and a TCP header without options (RFC 9293 §3.7.1)."""

SHIFT_MAX = 256
"""Ports of a range that is moved, each of which needs a rule of its own: ``to-ports`` takes any of a range."""


def doors(plan: Plan, lists: AddressLists, interfaces: InterfaceLists) -> Iterator[Line]:
    """In the plan's order: the first that fits a packet takes it. Raises ValueError for what no rule can hold."""
    gateways = IntervalSet.addresses(
        i.address.ip for i in plan.interfaces if i.place and i.place.startswith("zone:") and i.address
    )
    for one in plan.translations:
        if not one.sources or not one.ingresses or (one.destinations is not None and not one.destinations):
            continue
        asks = interfaces.matcher("in", one.ingresses, f"in {one.id}")
        if one.sources != EVERY_ADDRESS:
            asks |= lists.matcher("src", one.sources, f"from {one.id}", one.id)
        if one.destinations is None:
            but = gateways | one.except_destinations
            asks |= {"dst-address-type": "local", "dst-address-list": f"!{lists.name(but, f'but {one.id}', one.id)}"}
        else:
            asks |= _towards(one, lists)
        yield from _taken(one, asks)


def masks(plan: Plan, lists: AddressLists) -> Iterator[Line]:
    """A hairpin's packets are told by their source, which is in the zone that they leave by: NAT rules cannot ask what
    dst-nat did, and the filter lets nothing else turn back into its zone."""
    for one in sorted(plan.masquerades, key=lambda mask: mask.id):
        if not one.sources:
            continue
        asks = {"out-interface": plan.interface_of(one.egress).name}
        asks |= lists.matcher("src", one.sources, f"from {one.id}", one.id)
        yield rule("nat", "srcnat", "masquerade", asks, one.id)


def clamping(plan: Plan) -> Iterator[Line]:
    """Both ways through each narrow place. The kernel only ever lowers the option (net/netfilter/xt_TCPMSS.c)."""
    for clamp in sorted(plan.clamps, key=lambda clamp: clamp.id):
        interface = plan.interface_of(clamp.place)
        size = str(interface.mtu - HEADERS) if interface.mtu else "clamp-to-pmtu"
        for side in ("out", "in"):
            asks = {f"{side}-interface": interface.name, "protocol": "tcp", "tcp-flags": "syn,!rst"}
            yield rule("mangle", "forward", "change-mss", asks, clamp.id, new_mss=size, passthrough="yes")


def _towards(one: Translation, lists: AddressLists) -> dict[str, str]:
    wanted = (one.destinations or EVERY_ADDRESS) - one.except_destinations
    absent = EVERY_ADDRESS - wanted
    if not absent:
        return {}
    if len(absent.spans) == 1:
        return {"dst-address": f"!{address(absent.spans[0])}"}
    return lists.matcher("dst", wanted, f"to {one.id}", one.id)


def _taken(one: Translation, asks: dict[str, str]) -> Iterator[Line]:
    if one.match.protocol is None or one.match.ports is None:
        raise ValueError(f"{one.id} translates no protocol and port")
    first, last = one.match.ports
    shift = (one.to_port or first) - first
    if shift and last - first >= SHIFT_MAX:
        raise ValueError(f"{one.id} moves {last - first + 1} ports, and RouterOS needs a rule for each")
    spans = [(port, port) for port in range(first, last + 1)] if shift else [(first, last)]
    for span in spans:
        asked = {**asks, "protocol": protocol(one.match.protocol), "dst-port": stretch(span)}
        to = {"to_ports": str(span[0] + shift)} if shift else {}
        if one.to_address is None:
            yield rule("nat", "dstnat", "redirect", asked, one.id, **to)
        else:
            yield rule("nat", "dstnat", "dst-nat", asked, one.id, to_addresses=str(one.to_address), **to)
