"""Tags at the ports of bridges that are for untagged frames: none. What comes there with one is dropped.

A bridge that filters VLANs takes a frame with the tag that its port gives untagged ones, and takes that tag off where
it sends it on; a second tag below is then the frame's only one. By a trunk's untagged VLAN, here or at a switch further
on, it would come into the zone of that tag, past the firewall (``br_allowed_ingress`` and ``br_handle_vlan`` of the
kernel's net/bridge/br_vlan.c). The bridges' own hook is asked before that (``br_handle_frame`` of br_input.c), and sees
a tag that the card has taken off already (``nft_payload_copy_vlan`` of net/netfilter/nft_payload.c).

A trunk of the router never comes here with its own tags: VLAN interfaces take them before any bridge does
(``__netif_receive_skb_core`` of net/core/dev.c). A hypervisor's is a port of the bridge like any other, and is not
named.
"""

from __future__ import annotations

from collections.abc import Iterable

from bailiwick.plan.model import LinkKind, Plan
from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.linux.nftables.syntax import Chain, Rule, Table
from bailiwick.targets.linux.nftables.values import interfaces

FAMILY, NAME = "bridge", "bailiwick"


def tagging(plan: Plan) -> Table | None:
    """Of the router: every member of its bridges. None for one without bridges."""
    bridges = [one for one in plan.interfaces if one.kind is LinkKind.BRIDGE]
    return _table((name for bridge in bridges for name in bridge.members), (one.id for one in bridges))


def at_access_ports(bridge: VlanBridge) -> Table | None:
    """Of a hypervisor: its access ports, cards and taps. None for one without."""
    ports = [port for port in bridge.ports if port.untagged is not None and not port.tagged]
    return _table((port.name for port in ports), (port.id for port in ports))


def _table(ports: Iterable[str], ids: Iterable[str]) -> Table | None:
    """The table of the bridges' own hooks (nft(8), "BRIDGE ADDRESS FAMILY")."""
    names = list(ports)
    if not names:
        return None
    rule = Rule(f"iifname {interfaces(names)} ether type {{ 8021q, 8021ad }} drop", tuple(sorted(ids)))
    hook = "type filter hook prerouting priority -300; policy accept;"
    return Table(FAMILY, NAME, (Chain("tags", (rule,), hook, "frames with a tag, where none belongs"),))
