"""What of this home the stage tries for real, and what something else stands in for."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from bailiwick.network.model import Network
from bailiwick.plan.model import LinkKind, Plan
from bailiwick.twin.layout import Layout
from bailiwick.twin.result import Capability
from bailiwick.twin.scene.namespaces import CommandFailed, batch

AF_PPPOX = 24  # linux/socket.h


def has_vlans() -> bool:
    """Whether the kernel makes 802.1Q links: one is made on the stage's own network, and removed."""
    try:
        batch(["link add probe type bridge", "link add link probe name probe.7 type vlan id 7", "link delete probe"])
    except CommandFailed:
        return False
    return True


def has_vlan_filtering() -> bool:
    """Whether the kernel's bridges filter VLANs (``BRIDGE_VLAN_FILTERING``, net/bridge/Kconfig)."""
    try:
        batch(["link add probe type bridge vlan_filtering 1", "link delete probe"])
    except CommandFailed:
        return False
    return True


def _pppoe() -> bool:
    try:
        socket.socket(AF_PPPOX, socket.SOCK_STREAM, 0).close()
    except OSError:
        return False
    return True


def capabilities(network: Network, plan: Plan, layout: Layout) -> tuple[Capability, ...]:
    """Only what this home needs. A stand-in carries the packets; what it stands in for is not tried, and so not
    present, whatever the kernel can do."""
    return tuple(_needed(network, plan, layout))


def _needed(network: Network, plan: Plan, layout: Layout) -> Iterator[Capability]:
    kinds = {kind: [i for i in plan.interfaces if i.kind is kind] for kind in LinkKind}
    if vlans := kinds[LinkKind.VLAN]:
        names = ", ".join(f"{i.name} (VLAN {i.vlan})" for i in vlans)
        stood_in = any(interface.kind is LinkKind.VLAN for interface, _ in layout.stand_ins)
        note = "the kernel has no 802.1Q; untagged links stand in for" if stood_in else "networkd's own, tagged:"
        yield Capability("802.1Q", not stood_in, f"{note} {names}")
    if plan.bridges:
        yield _switches(plan, layout)
    if sessions := kinds[LinkKind.PPP]:
        why = "the kernel could" if _pppoe() else "the kernel has no PPPoE"
        names = ", ".join(i.name for i in sessions)
        note = f"{why}; an Ethernet link with the session's address stands in for {names}, and nothing for pppd"
        yield Capability("PPPoE", False, f"{note}: its login, its frames on the port below and its MTU are not tried")
    if tunnels := kinds[LinkKind.TUNNEL]:
        names = ", ".join(i.name for i in tunnels)
        yield Capability("tunnel", False, f"made by another program; an Ethernet link stands in for {names}")
    if isolated := [zone.name for zone in network.zones.values() if zone.isolate]:
        yield Capability("client isolation", False, f"the access point's affair in {', '.join(isolated)}")


def _switches(plan: Plan, layout: Layout) -> Capability:
    names = ", ".join(bridge.device for bridge in plan.bridges)
    foreign = ", ".join(bridge.device for bridge in plan.bridges if not bridge.platform.startswith("debian"))
    if not layout.plugs and not layout.cables:
        note = f"the kernel's bridges filter no VLANs; plain wires stand in for {names}"
        if foreign == names:
            note = f"nothing here runs RouterOS; plain wires stand in for {names}"
        return Capability("switches", False, note)
    if foreign:
        return Capability("switches", False, f"nothing here runs RouterOS; plain wires stand in for {foreign}")
    return Capability("switches", True, f"networkd's own bridges: {names}")
