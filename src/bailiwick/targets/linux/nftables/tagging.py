"""Tags within a bridge of the router: none. What comes with one to a port that is for untagged frames is dropped.

A bridge that filters VLANs takes a frame with the tag that its port gives untagged ones, and takes that tag off where
it sends it on; a second tag below is then the frame's only one. By a trunk's untagged VLAN, here or at a switch further
on, it would come into the zone of that tag, past the firewall (``br_allowed_ingress`` and ``br_handle_vlan`` of the
kernel's net/bridge/br_vlan.c). A trunk's own tags never come here: VLAN interfaces take them before any bridge does
(``__netif_receive_skb_core`` of net/core/dev.c).
"""

from __future__ import annotations

from bailiwick.plan.model import LinkKind, Plan
from bailiwick.targets.linux.nftables.syntax import Chain, Rule, Table
from bailiwick.targets.linux.nftables.values import interfaces

FAMILY, NAME = "bridge", "bailiwick"


def tagging(plan: Plan) -> Table | None:
    """The table of the bridges' own hooks (nft(8), "BRIDGE ADDRESS FAMILY"); None for a router without bridges."""
    bridges = [one for one in plan.interfaces if one.kind is LinkKind.BRIDGE]
    if not bridges:
        return None
    members = interfaces([name for bridge in bridges for name in bridge.members])
    rule = Rule(f"iifname {members} ether type {{ 8021q, 8021ad }} drop", tuple(sorted(one.id for one in bridges)))
    hook = "type filter hook prerouting priority -300; policy accept;"
    return Table(FAMILY, NAME, (Chain("tags", (rule,), hook, "frames with a tag, where none belongs"),))
