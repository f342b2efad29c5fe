"""From where a packet enters and leaves to the chain that holds its pair's permissions, by one verdict map a hook."""

from __future__ import annotations

from collections.abc import Iterable

from bailiwick.plan.model import Flow, Hook, Plan
from bailiwick.targets.linux.nftables.permissions import permissions
from bailiwick.targets.linux.nftables.syntax import Chain, Element, NamedSet, Rule, quote

_KEYS = {
    Hook.INPUT: ("iifname", "ifname"),
    Hook.FORWARD: ("iifname . oifname", "ifname . ifname"),
    Hook.OUTPUT: ("oifname", "ifname"),
}


def dispatch(hook: Hook) -> Rule:
    """The rule of the base chain that sends each packet to its pair."""
    return Rule(f"{_KEYS[hook][0]} vmap @{_map(hook)}")


def pairs(hook: Hook, flows: Iterable[Flow], plan: Plan) -> tuple[NamedSet | Chain, ...]:
    """The verdict map of one hook, and the sets and the chain of each pair in it."""
    grouped: dict[tuple[str | None, str | None], list[Flow]] = {}
    for flow in flows:
        grouped.setdefault((flow.ingress, flow.egress), []).append(flow)
    elements: list[Element] = []
    parts: list[NamedSet | Chain] = []
    for (ingress, egress), members in sorted(grouped.items(), key=lambda item: _label(*item[0])):
        name = f"{hook.value}.{_label(ingress, egress)}"
        key = " . ".join(quote(plan.interface_of(place).name) for place in (ingress, egress) if place)
        made = permissions(name, members, plan)
        if not made.rules:
            continue
        if (ids := made.plain_accept) is not None:
            elements.append(Element(key, ids, "accept"))
            continue
        elements.append(Element(key, (), f"jump {name}"))
        parts += [*made.sets, Chain(name, made.rules)]
    remark = f"{_KEYS[hook][0]} to what may be opened there"
    return (*parts, NamedSet(_map(hook), _KEYS[hook][1], tuple(elements), data="verdict", remark=remark))


def _map(hook: Hook) -> str:
    return f"{hook.value}.pairs"


def _label(ingress: str | None, egress: str | None) -> str:
    return ".".join(place.split(":", 1)[1] for place in (ingress, egress) if place)
