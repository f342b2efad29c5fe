"""TCP's segment size held to what the way through a tunnel or a PPPoE session can carry, in both directions.

``rt mtu`` is the lesser of the route ahead and the route back (net/netfilter/nft_rt.c, get_tcpmss). The route back
is looked up without the policy rules' marks and sources, so where the MTU is known it is also written out. The
kernel only ever lowers the option (net/netfilter/nft_exthdr.c).
"""

from __future__ import annotations

from bailiwick.plan.model import Plan
from bailiwick.targets.linux.nftables.syntax import Rule, quote

HEADERS = 40
"""Bytes of an IPv4 and a TCP header without options (RFC 9293 §3.7.1)."""


def clamping(plan: Plan) -> list[Rule]:
    """Two rules for each clamped place: what leaves by it, and what comes from it."""
    rules = []
    for clamp in sorted(plan.clamps, key=lambda clamp: clamp.id):
        interface = plan.interface_of(clamp.place)
        name = quote(interface.name)
        size = str(interface.mtu - HEADERS) if interface.mtu else "rt mtu"
        for direction in ("oifname", "iifname"):
            syn = "tcp flags & (syn | rst) == syn tcp option maxseg size set"
            rules.append(Rule(f"{direction} {name} {syn} {size}", (clamp.id,)))
    return rules
