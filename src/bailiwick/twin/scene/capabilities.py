"""What of this home the stage tries for real, and what something else stands in for."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from functools import cache

from bailiwick.network.model import Network
from bailiwick.plan.model import LinkKind, Plan
from bailiwick.twin.layout import Layout
from bailiwick.twin.result import Capability
from bailiwick.twin.scene import userspace
from bailiwick.twin.scene.namespaces import CommandFailed, batch

AF_PPPOX = 24  # linux/socket.h
PPP = "/dev/ppp"


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


def lacks_for_sessions() -> str:
    """What the stage lacks for PPPoE, in words; empty where it can have real sessions."""
    try:
        socket.socket(AF_PPPOX, socket.SOCK_STREAM, 0).close()
    except OSError:
        return "the kernel has no PPPoE"
    if not os.access(PPP, os.R_OK | os.W_OK):
        return f"{PPP} cannot be opened"
    missing = [name for name in ("pppd", "pppoe-server", "tc") if shutil.which(name) is None]
    return f"not found: {', '.join(missing)}" if missing else ""


@cache
def has_wireguard() -> bool:
    """Whether the kernel makes WireGuard's interfaces."""
    try:
        batch(["link add probe type wireguard", "link delete probe"])
    except CommandFailed:
        return False
    return True


@cache
def lacks_for_tunnels() -> str:
    """What the stage lacks for WireGuard, by the kernel or else by a program, in words; empty where it can have real
    tunnels."""
    if not has_wireguard():
        missing = userspace.lacks()
        return f"the kernel has no WireGuard, and for one in userspace: {missing}" if missing else ""
    absent = [name for name in ("wg", "tc") if shutil.which(name) is None]
    return f"not found: {', '.join(absent)}" if absent else ""


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
        names = ", ".join(i.name for i in sessions)
        if any(interface.kind is LinkKind.PPP for interface, _ in layout.stand_ins):
            note = f"{lacks_for_sessions()}; an Ethernet link with the session's address stands in for {names}, and"
            note += " nothing for pppd: its login, its frames on the port below and its MTU are not tried"
            yield Capability("PPPoE", False, note)
        else:
            yield Capability("PPPoE", True, f"the router's own pppd, a provider's server on the port below: {names}")
    if tunnels := kinds[LinkKind.TUNNEL]:
        names = ", ".join(i.name for i in tunnels)
        ours = ", ".join(i.name for i in tunnels if not i.foreign)
        made = f"; the keys, the peer and the server of {ours} are not tried" if ours else ""
        by = "made by another program" if any(i.foreign for i in tunnels) else "made by networkd"
        if any(interface.kind is LinkKind.TUNNEL for interface, _ in layout.stand_ins):
            note = f"{by}; {lacks_for_tunnels()}; an Ethernet link stands in for {names}{made}"
            yield Capability("tunnel", False, note)
        else:
            what = "userspace WireGuard (wireguard-go)" if layout.userspace else "WireGuard"
            note = f"{by}, here by the stage: {what} with keys of its own: {names}{made}"
            yield Capability("tunnel", True, note)
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
