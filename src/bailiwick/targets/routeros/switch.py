"""A MikroTik as a switch: one bridge that filters VLANs, and the device's own address in its zone.

Sources: MikroTik's manual, "Bridging and Switching" (bridge VLAN table, split horizon) and its chapter on layer 2
misconfiguration. The order is that of a person who does not want to lose the device half-way: everything is told to
the bridge while it does not look at tags yet, and ``vlan-filtering=yes`` is the last line.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.switching import Management, VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner, comments, paragraphs
from bailiwick.targets.routeros.bridge import bridge, filtering, ports, table
from bailiwick.targets.routeros.mirrors import mirrors
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command

PATH = "/bailiwick.rsc"
RELOAD = "/system/reset-configuration no-defaults=yes skip-backup=no run-after-reset=bailiwick.rsc"
"""The file is written for a device without configuration: what it does not say is not there."""


def switch(plan: VlanBridge) -> Artifact:
    """The device's one file. Raises ValueError for a tap, which no RouterOS bridge has, and for a mirror of a port
    that is on no switch chip."""
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
        bridge(plan),
    )
    carrying = tuple(port for port in plan.ports if port.untagged is not None or port.tagged)
    yield tuple(ports(plan, carrying))
    yield (
        *comments("VLANs, one a row. The bridge itself is a member of that in which the device is managed."),
        *table(plan, carrying, [plan.management.vlan] if plan.management else []),
    )
    if plan.management is not None:
        yield tuple(_management(plan, plan.management))
    yield (
        *comments("From here on tags decide."),
        filtering(plan),
    )
    yield tuple(mirrors(plan))


def _management(plan: VlanBridge, management: Management) -> Iterator[Line]:
    ids = (plan.id,)
    comment = tag(plan.id)
    yield from comments("The device itself, in the zone where it is managed and in no other.")
    vlan = {"name": management.interface, "interface": plan.name, "vlan-id": str(management.vlan), **comment}
    yield command("/interface vlan", "add", vlan, ids)
    address = {"address": management.address.with_prefixlen, "interface": management.interface, **comment}
    yield command("/ip address", "add", address, ids)
    route = {"dst-address": "0.0.0.0/0", "gateway": str(management.gateway), **comment}
    yield command("/ip route", "add", route, ids)
    yield command("/ip dns", "set", {"servers": str(management.resolver), "allow-remote-requests": "no"}, ids)
