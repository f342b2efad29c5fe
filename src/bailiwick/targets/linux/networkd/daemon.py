"""networkd's own settings: what it did not set, it leaves alone (networkd.conf(5))."""

from __future__ import annotations

from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import artifact, banner
from bailiwick.targets.linux.ini import Entry, Section, lines
from bailiwick.targets.linux.platform import platform_of


def daemon(plan: Plan) -> Artifact:
    """Without this, every start of networkd removes the rules of the exits, a container engine's, a tunnel's."""
    ids = (*(exit_.id for exit_ in plan.exits), *(back.id for back in plan.returns))
    entries = [Entry("ManageForeignRoutes", "no", ids), Entry("ManageForeignRoutingPolicyRules", "no", ids)]
    if platform_of(plan.platform).foreign_next_hops:
        entries.append(Entry("ManageForeignNextHops", "no"))
    return artifact(
        "/etc/systemd/networkd.conf.d/10-bailiwick.conf",
        (*banner("Routes and rules that others made stay", plan.router), *lines([Section("Network", tuple(entries))])),
        reload="systemctl restart systemd-networkd.service",
    )
