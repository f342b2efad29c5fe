"""A bridge that filters VLANs: the bridge itself, its ports, and a row of its table for each VLAN.

Source: MikroTik's manual, "Bridging and Switching" (bridge VLAN table, split horizon) and its chapter on layer 2
misconfiguration. The bridge does not look at tags before everything is told: ``filtering`` is the last that is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bailiwick.plan.switching import BridgePort, VlanBridge
from bailiwick.targets.lines import Line, comments
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command

TAGGED_ONLY = "admit-only-vlan-tagged"
UNTAGGED_ONLY = "admit-only-untagged-and-priority-tagged"
BOTH = "admit-all"

HORIZON = "1"
"""Of every isolated port: like Linux' isolated ports, they talk to the others alone. It costs the port its hardware
offloading (manual, "Bridge", split horizon), which no other way of isolation that every model has would spare."""


def bridge(plan: VlanBridge) -> Line:
    """The bridge. Nothing without a tag reaches the device itself, so there is no VLAN 1."""
    return command(
        "/interface bridge",
        "add",
        {
            "name": plan.name,
            **tag(plan.id),
            "frame-types": TAGGED_ONLY,
            "ingress-filtering": "yes",
            "protocol-mode": "rstp",
            "vlan-filtering": "no",
        },
        (plan.id,),
    )


def filtering(plan: VlanBridge) -> Line:
    """From here on tags decide."""
    return command("/interface bridge", "set", {"vlan-filtering": "yes"}, (plan.id,), of=f"[ find name={plan.name} ]")


def ports(plan: VlanBridge, carrying: tuple[BridgePort, ...]) -> Iterator[Line]:
    """One line for each of ``carrying``: which frames it takes, and what those without a tag belong to."""
    yield from comments(
        "Ports. A loop of cables is found, but no access port becomes the way to the tree's root.",
    )
    if any(port.isolated for port in carrying):
        yield from comments("Ports of one horizon do not hear each other: their zones are isolated.")
    for port in carrying:
        arguments = {
            "bridge": plan.name,
            "interface": port.name,
            **tag(port.id),
            "frame-types": _frames(port),
            "ingress-filtering": "yes",
        }
        if port.untagged is not None:
            arguments["pvid"] = str(port.untagged)
        if not port.tagged:
            arguments |= {"restricted-role": "yes", "restricted-tcn": "yes"}
        if port.isolated:
            arguments["horizon"] = HORIZON
        yield command("/interface bridge port", "add", arguments, (port.id,))


def table(plan: VlanBridge, carrying: tuple[BridgePort, ...], own: Collection[int]) -> Iterator[Line]:
    """A row for each VLAN: several in one row would make their untagged ports members of all (a leak).

    ``own`` are those in which the device itself takes part; only from 7.16 on would the bridge join by itself.
    """
    numbers = {number for port in carrying for number in (port.untagged, *port.tagged) if number is not None}
    for number in sorted(numbers | set(own)):
        itself = (plan.name,) if number in own else ()
        tagged = (*itself, *(port.name for port in carrying if number in port.tagged))
        untagged = tuple(port.name for port in carrying if port.untagged == number)
        arguments = {"bridge": plan.name, "vlan-ids": str(number), **tag(f"vlan:{number}")}
        if tagged:
            arguments["tagged"] = ",".join(tagged)
        if untagged:
            arguments["untagged"] = ",".join(untagged)
        members = tuple(port.id for port in carrying if port.untagged == number or number in port.tagged)
        yield command("/interface bridge vlan", "add", arguments, (*((plan.id,) if itself else ()), *members))


def _frames(port: BridgePort) -> str:
    if port.untagged is None:
        return TAGGED_ONLY
    return BOTH if port.tagged else UNTAGGED_ONLY
