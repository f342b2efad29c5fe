"""A MikroTik as a switch: one bridge that filters VLANs, and the device's own address in its zone.

Sources: MikroTik's manual, "Bridging and Switching" (bridge VLAN table, split horizon) and its chapter on layer 2
misconfiguration. The order is that of a person who does not want to lose the device half-way: everything is told to
the bridge while it does not look at tags yet, and ``vlan-filtering=yes`` is the last line.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.switching import BridgePort, Management, VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner, comments, paragraphs
from bailiwick.targets.routeros.syntax import command

PATH = "/bailiwick.rsc"
RELOAD = "/system/reset-configuration no-defaults=yes skip-backup=no run-after-reset=bailiwick.rsc"
"""The file is written for a device without configuration: what it does not say is not there."""

TAGGED_ONLY = "admit-only-vlan-tagged"
UNTAGGED_ONLY = "admit-only-untagged-and-priority-tagged"
BOTH = "admit-all"

HORIZON = "1"
"""Of every isolated port: like Linux' isolated ports, they talk to the others alone. It costs the port its hardware
offloading (manual, "Bridge", split horizon), which no other way of isolation that every model has would spare."""


def switch(plan: VlanBridge) -> Artifact:
    """The device's one file. Raises ValueError for a mirror or a tap, which no RouterOS bridge has."""
    if plan.mirrors:
        raise ValueError(f"{plan.device}: a mirror is the switch chip's, and differs from one to the next")
    if any(port.tap for port in plan.ports):
        raise ValueError(f"{plan.device}: a RouterOS switch has no guests")
    head = (
        *banner("A switch", plan.device),
        *comments(
            "For RouterOS 7 without configuration: upload it as bailiwick.rsc, then",
            f"  {RELOAD}",
            "Ports that are not named here stay off the bridge: keep one of them to get in by when all else fails.",
        ),
        Line(""),
    )
    return artifact(PATH, (*head, *paragraphs(*_parts(plan))), reload=RELOAD)


def _parts(plan: VlanBridge) -> Iterator[tuple[Line, ...]]:
    ids = (plan.id,)
    yield (
        *comments("A switch: it routes nothing, and the home says ipv6: off."),
        command("/system identity", "set", {"name": plan.device}, ids),
        command("/system clock", "set", {"time-zone-autodetect": "no", "time-zone-name": plan.timezone}),
        command("/ip settings", "set", {"ip-forward": "no"}),
        command("/ipv6 settings", "set", {"disable-ipv6": "yes"}),
        command("/ip neighbor discovery-settings", "set", {"discover-interface-list": "none"}),
    )
    yield (
        *comments(
            "The bridge, which does not look at tags before the last line. Nothing without a tag reaches the device",
            "itself, so there is no VLAN 1.",
        ),
        command(
            "/interface bridge",
            "add",
            {
                "name": plan.name,
                "comment": _comment(plan.id),
                "frame-types": TAGGED_ONLY,
                "ingress-filtering": "yes",
                "protocol-mode": "rstp",
                "vlan-filtering": "no",
            },
            ids,
        ),
    )
    carrying = tuple(port for port in plan.ports if port.untagged is not None or port.tagged)
    yield tuple(_ports(plan, carrying))
    yield tuple(_table(plan, carrying))
    if plan.management is not None:
        yield tuple(_management(plan, plan.management))
    yield (
        *comments("From here on tags decide."),
        command("/interface bridge", "set", {"vlan-filtering": "yes"}, ids, of=f"[ find name={plan.name} ]"),
    )


def _ports(plan: VlanBridge, ports: tuple[BridgePort, ...]) -> Iterator[Line]:
    yield from comments(
        "Ports. A loop of cables is found, but no access port becomes the way to the tree's root.",
    )
    if any(port.isolated for port in ports):
        yield from comments("Ports of one horizon do not hear each other: their zones are isolated.")
    for port in ports:
        arguments = {
            "bridge": plan.name,
            "interface": port.name,
            "comment": _comment(port.id),
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


def _frames(port: BridgePort) -> str:
    if port.untagged is None:
        return TAGGED_ONLY
    return BOTH if port.tagged else UNTAGGED_ONLY


def _table(plan: VlanBridge, ports: tuple[BridgePort, ...]) -> Iterator[Line]:
    """A row for each VLAN: several in one row would make their untagged ports members of all (a leak)."""
    managed = plan.management.vlan if plan.management is not None else None
    numbers = {number for port in ports for number in (port.untagged, *port.tagged) if number is not None}
    if managed is not None:
        numbers.add(managed)
    yield from comments("VLANs, one a row. The bridge itself is a member of that in which the device is managed.")
    for number in sorted(numbers):
        bridge = (plan.name,) if number == managed else ()
        tagged = (*bridge, *(port.name for port in ports if number in port.tagged))
        untagged = tuple(port.name for port in ports if port.untagged == number)
        arguments = {"bridge": plan.name, "vlan-ids": str(number), "comment": _comment(f"vlan:{number}")}
        if tagged:
            arguments["tagged"] = ",".join(tagged)
        if untagged:
            arguments["untagged"] = ",".join(untagged)
        members = tuple(port.id for port in ports if port.untagged == number or number in port.tagged)
        yield command("/interface bridge vlan", "add", arguments, (*((plan.id,) if bridge else ()), *members))


def _management(plan: VlanBridge, management: Management) -> Iterator[Line]:
    ids = (plan.id,)
    comment = {"comment": _comment(plan.id)}
    yield from comments("The device itself, in the zone where it is managed and in no other.")
    vlan = {"name": management.interface, "interface": plan.name, "vlan-id": str(management.vlan), **comment}
    yield command("/interface vlan", "add", vlan, ids)
    address = {"address": management.address.with_prefixlen, "interface": management.interface, **comment}
    yield command("/ip address", "add", address, ids)
    route = {"dst-address": "0.0.0.0/0", "gateway": str(management.gateway), **comment}
    yield command("/ip route", "add", route, ids)
    yield command("/ip dns", "set", {"servers": str(management.resolver), "allow-remote-requests": "no"}, ids)


def _comment(identity: str) -> str:
    """What marks an object as ours, and says whose."""
    return f"bailiwick:{identity}"
