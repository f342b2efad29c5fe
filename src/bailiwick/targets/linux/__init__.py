"""A Debian router: nftables, systemd-networkd, dnsmasq, pppd, sysctl and the units that tie them together."""

from __future__ import annotations

from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Tree
from bailiwick.targets.linux.dnsmasq import instances
from bailiwick.targets.linux.networkd import networkd
from bailiwick.targets.linux.nftables import firewall
from bailiwick.targets.linux.nftables.guard import guard
from bailiwick.targets.linux.pppd import peers
from bailiwick.targets.linux.resolv import resolv
from bailiwick.targets.linux.routing import routing
from bailiwick.targets.linux.sysctl import sysctl
from bailiwick.targets.linux.systemd import enabled, units
from bailiwick.targets.linux.takeover import rivals, takeover
from bailiwick.targets.linux.udev import udev
from bailiwick.targets.linux.wireguard import keys
from bailiwick.targets.spans import spans_by_id

__all__ = ["router"]


def router(plan: Plan) -> Tree:
    """Every file of the router, by path."""
    enable = enabled(plan)
    files = (
        *firewall(plan),
        guard(plan),
        *routing(plan),
        *networkd(plan),
        *sysctl(plan),
        *udev(plan),
        *peers(plan),
        *keys(plan),
        *instances(plan),
        *resolv(plan),
        *units(plan),
        takeover(plan, enable),
    )
    return Tree(
        device=plan.router,
        artifacts=tuple(sorted(files, key=lambda artifact: artifact.path)),
        spans=spans_by_id(plan),
        enable=enable,
        disable=rivals(),
    )
