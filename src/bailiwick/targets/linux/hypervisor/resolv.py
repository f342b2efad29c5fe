"""The hypervisor's own lookups (resolv.conf(5)): whom its zone asks."""

from __future__ import annotations

from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner


def resolv(plan: VlanBridge) -> tuple[Artifact, ...]:
    """Nothing for a machine without an address."""
    if plan.management is None:
        return ()
    search = [Line(f"search {plan.domain}")] if plan.domain else []
    server = Line(f"nameserver {plan.management.resolver}", (plan.id,))
    return (artifact("/etc/resolv.conf", (*banner("Whom this machine asks", plan.device), *search, server)),)
