"""The trees of the machines beside the router that we configure: hypervisors with their guests, and switches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bailiwick.language.span import Span
from bailiwick.plan.guests import GuestMachine
from bailiwick.plan.model import LinkKind, Plan
from bailiwick.plan.switching import VlanBridge
from bailiwick.targets import libvirt
from bailiwick.targets.artifact import Tree
from bailiwick.targets.linux.hypervisor import disabled, enabled, hypervisor, takeover
from bailiwick.targets.linux.takeover import packages
from bailiwick.targets.routeros import switch
from bailiwick.targets.spans import Node

ROUTEROS = "routeros"


def machine_trees(plan: Plan) -> tuple[Tree, ...]:
    """By device. Raises ValueError for what a target cannot express."""
    beside = (bridge for bridge in plan.bridges if bridge.device != plan.router)
    return tuple(_tree(plan, bridge) for bridge in sorted(beside, key=lambda bridge: bridge.device))


def _tree(plan: Plan, bridge: VlanBridge) -> Tree:
    if bridge.platform == ROUTEROS:
        return Tree(device=bridge.device, artifacts=(switch(bridge),), spans=_spans(bridge, ()))
    if not bridge.hypervisor:
        raise ValueError(f"{bridge.device}: a switch that runs {bridge.platform} cannot be written yet")
    guests = tuple(guest for guest in plan.guests if guest.hypervisor == bridge.device)
    enable = (*enabled(bridge), *libvirt.enabled(guests))
    files = (
        *hypervisor(bridge, guests),
        *libvirt.machines(bridge.device, guests, packages(plan), _asks(plan)),
        takeover(bridge, enable, bool(guests)),
    )
    return Tree(
        device=bridge.device,
        artifacts=tuple(sorted(files, key=lambda artifact: artifact.path)),
        spans=_spans(bridge, guests),
        enable=enable,
        disable=disabled(),
    )


def _asks(plan: Plan) -> frozenset[str]:
    """The router's cards by which it asks for an address: all that its first start knows of a way out."""
    return frozenset(i.name for i in plan.interfaces if i.dhcp and i.kind is LinkKind.ETHERNET)


def _spans(bridge: VlanBridge, guests: tuple[GuestMachine, ...]) -> Mapping[str, tuple[Span, ...]]:
    found: dict[str, set[Span]] = {}
    nodes: Iterable[Node] = (bridge, *bridge.ports, *bridge.mirrors, *guests)
    for node in nodes:
        found.setdefault(node.id, set()).update(node.spans)
    return {identity: tuple(sorted(spans)) for identity, spans in sorted(found.items()) if spans}
