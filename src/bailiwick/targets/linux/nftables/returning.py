"""Marks by which answers find back to the uplink that their connection came in by (connmark).

A connection bears the mark from its first packet on; of its packets only the answers get it, for the routing rules
to see. Those that go through the router get it before they are routed, the router's own on the output hook, whose
chain of type ``route`` has them routed again.
"""

from __future__ import annotations

from bailiwick.plan.model import Plan
from bailiwick.targets.linux.nftables.syntax import Chain, Rule, quote


def returning(plan: Plan) -> tuple[Chain, ...]:
    """The two chains; without rules where there is one uplink alone."""
    backs = sorted(plan.returns, key=lambda back: back.id)
    came = [Rule(f"iifname {quote(b.interface)} ct state new ct mark set {b.mark}", (b.id,)) for b in backs]
    answers = [Rule(f"ct direction reply ct mark {b.mark} meta mark set {b.mark}", (b.id,)) for b in backs]
    return (
        Chain(
            "marking",
            (*came, *answers),
            "type filter hook prerouting priority mangle; policy accept;",
            "by which uplink a connection came, and its answers go",
        ),
        Chain(
            "answering",
            tuple(answers),
            "type route hook output priority mangle; policy accept;",
            "the router's own answers too",
        ),
    )
