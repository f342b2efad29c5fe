"""What must hold before the first interface comes up: the firewall and the exits' rules.

networkd requires both. When one fails at boot, no interface gets an address and nothing is routed: the machine is
closed, and its console says which unit failed. Forwarding may be switched on earlier, as there is nothing yet
to forward. Neither unit undoes anything when it stops: a stopped firewall is still a closed one.
"""

from __future__ import annotations

from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import artifact, banner
from bailiwick.targets.linux.ini import Entry, Section, lines
from bailiwick.targets.linux.routing import LOADER
from bailiwick.targets.linux.systemd.unit import sandbox, unit

FIREWALL_LOADER = "/usr/lib/bailiwick/load-firewall"
FIREWALL, EXITS = "bailiwick-firewall.service", "bailiwick-exits.service"


def firewall(plan: Plan) -> Artifact:
    """Loads the rule set."""
    return loading(FIREWALL, "The firewall, before any interface comes up", FIREWALL_LOADER, plan.router)


def exits(plan: Plan) -> Artifact:
    """Loads the routing rules; there also without exits, to take earlier ones away."""
    return loading(EXITS, "Rules of the exits, before any interface comes up", LOADER, plan.router)


def networkd_waits(device: str, *units: str) -> Artifact:
    """The drop-in that makes networkd need these units."""
    every = " ".join(units)
    section = Section("Unit", (Entry("Requires", every), Entry("After", every)))
    return artifact(
        "/etc/systemd/system/systemd-networkd.service.d/10-bailiwick.conf",
        (*banner("No interface comes up unguarded", device), *lines([section])),
        reload="systemctl daemon-reload",
    )


def loading(name: str, what: str, loader: str, device: str) -> Artifact:
    """A one-shot that loads at boot and again on reload, which unlike a restart does not stop networkd.

    Ordered as Debian's nftables.service is: among the first, and before network-pre.target (systemd.special(7)).
    """
    return unit(
        name,
        what,
        device,
        (
            Section(
                "Unit",
                (
                    Entry("Description", f"Bailiwick: {what[0].lower()}{what[1:]}"),
                    Entry("DefaultDependencies", "no"),
                    Entry("Wants", "network-pre.target"),
                    Entry("Before", "network-pre.target shutdown.target"),
                    Entry("After", "local-fs.target systemd-modules-load.service systemd-sysctl.service"),
                    Entry("Conflicts", "shutdown.target"),
                ),
            ),
            Section(
                "Service",
                (
                    Entry("Type", "oneshot"),
                    Entry("RemainAfterExit", "yes"),
                    Entry("ExecStart", loader),
                    Entry("ExecReload", loader),
                    *sandbox(capabilities="CAP_NET_ADMIN", families="AF_NETLINK AF_UNIX"),
                    Entry("PrivateDevices", "yes"),
                    Entry("IPAddressDeny", "any", why="It speaks to the kernel alone."),
                    Entry("PrivateMounts", "yes"),
                ),
            ),
            Section("Install", (Entry("WantedBy", "sysinit.target"),)),
        ),
    )
