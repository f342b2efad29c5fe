"""The filter: what belongs to an accepted connection, hygiene, permissions, refusals, and a drop at every end.

A built-in chain of RouterOS accepts what no rule decides (manual, "Filter"), so each ends in a drop.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import Hook, Plan
from bailiwick.targets.lines import Line, comments
from bailiwick.targets.routeros import fasttrack, hygiene
from bailiwick.targets.routeros.address_lists import AddressLists
from bailiwick.targets.routeros.interface_lists import InterfaceLists
from bailiwick.targets.routeros.permissions import chains, jumps
from bailiwick.targets.routeros.rules import EVERY_CODE, rule
from bailiwick.targets.routeros.syntax import command

_REMARKS = {
    Hook.INPUT: "Packets for the router itself.",
    Hook.FORWARD: "Packets through the router.",
    Hook.OUTPUT: "Packets that the router sends of its own.",
}
_ICMP_ERRORS = (3, 11, 12)
"""What the router answers to a packet that it did not let through belongs to no connection (RFC 1812 §4.3)."""


def filters(plan: Plan, lists: AddressLists, interfaces: InterfaceLists) -> Iterator[tuple[Line, ...]]:
    """A paragraph for each built-in chain, after those that it jumps to, then IPv6."""
    for hook in Hook:
        yield (*comments(f"{_REMARKS[hook]} What may be opened:"), *chains(plan, lists, hook))
    for hook in Hook:
        yield (*comments(_REMARKS[hook]), *_chain(plan, lists, interfaces, hook))
    yield tuple(_ipv6())


def _chain(plan: Plan, lists: AddressLists, interfaces: InterfaceLists, hook: Hook) -> Iterator[Line]:
    chain = hook.value
    if hook is not Hook.INPUT:
        yield from hygiene.exit_guard(plan, lists, interfaces, hook)
    if hook is Hook.FORWARD:
        yield from fasttrack.fasttrack(plan)
    yield rule("filter", chain, "accept", {"connection-state": "established,related"}, "replies")
    if hook is Hook.INPUT:
        yield rule("filter", chain, "accept", {"in-interface": "lo"}, "loopback")
    if hook is Hook.OUTPUT:
        yield rule("filter", chain, "accept", {"out-interface": "lo"}, "loopback")
        yield from hygiene.destinations(plan, lists, hook)
        for kind in _ICMP_ERRORS:
            report = {"protocol": "icmp", "icmp-options": f"{kind}:{EVERY_CODE}"}
            yield rule("filter", chain, "accept", report, "router:icmp-errors")
    yield rule("filter", chain, "drop", {"connection-state": "invalid"}, "hygiene:invalid")
    if hook is not Hook.OUTPUT:
        yield from hygiene.sources(plan, lists, hook)
    if hook is Hook.FORWARD:
        yield from hygiene.destinations(plan, lists, hook)
    yield from jumps(plan, hook)
    for place in plan.rejects if hook is not Hook.OUTPUT else ():
        told = {"in-interface": plan.interface_of(place).name}
        yield rule("filter", chain, "reject", told, place, reject_with="icmp-admin-prohibited")
    yield rule("filter", chain, "drop", {}, "refuse")


def _ipv6() -> Iterator[Line]:
    """Off means off: a chain without rules would accept, should somebody switch it on again."""
    yield from comments("IPv6 is off, and closed.")
    off = {"disable-ipv6": "yes", "forward": "no", "accept-redirects": "no", "accept-router-advertisements": "no"}
    yield command("/ipv6 settings", "set", off)
    for hook in Hook:
        said = {"chain": hook.value, "action": "drop", "comment": "bailiwick:hygiene:ipv6"}
        yield command("/ipv6 firewall filter", "add", said, ("hygiene:ipv6",))
