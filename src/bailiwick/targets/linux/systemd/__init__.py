"""Our units, each in a sandbox, and the order in which a router closes, then opens."""

from __future__ import annotations

from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.dnsmasq import instance_name
from bailiwick.targets.linux.pppd import sessions, unit_name
from bailiwick.targets.linux.systemd.early import EXITS, FIREWALL, exits, firewall, networkd_waits
from bailiwick.targets.linux.systemd.services import dnsmasq, pppoe

__all__ = ["enabled", "units"]


def units(plan: Plan) -> tuple[Artifact, ...]:
    """Unit files and drop-ins."""
    out = [firewall(plan), exits(plan), networkd_waits(plan.router, FIREWALL, EXITS)]
    if _instances(plan):
        out.append(dnsmasq(plan))
    out.extend(pppoe(session, plan) for session in sessions(plan))
    return tuple(out)


def enabled(plan: Plan) -> tuple[str, ...]:
    """In the order of a boot."""
    return (
        "bailiwick-firewall.service",
        "bailiwick-exits.service",
        "systemd-networkd.service",
        *(unit_name(session) for session in sessions(plan)),
        *(f"bailiwick-dnsmasq@{name}.service" for name in _instances(plan)),
    )


def _instances(plan: Plan) -> tuple[str, ...]:
    return tuple(instance_name(r) for r in plan.resolvers if r.serves or (r.exit is None and plan.dhcp))
