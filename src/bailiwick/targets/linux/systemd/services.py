"""The daemons: dnsmasq's instances and PPPoE sessions."""

from __future__ import annotations

from bailiwick.plan.model import Interface, Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.ini import Entry, Section
from bailiwick.targets.linux.pppd import peer_name, unit_name
from bailiwick.targets.linux.systemd.early import FIREWALL
from bailiwick.targets.linux.systemd.unit import device_unit, sandbox, unit

DNSMASQ = "bailiwick-dnsmasq@.service"


def dnsmasq(plan: Plan) -> Artifact:
    """Own units, beside Debian's: that one reads another file, and is masked. Package dnsmasq-base is enough.

    It never is root: ports 53 and 67, answering by the right interface and ARP entries for its clients are what
    its three capabilities are for.
    """
    needed = "CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_RAW"
    return unit(
        DNSMASQ,
        "A resolver, or DHCP, or both",
        plan.router,
        (
            Section(
                "Unit",
                (
                    Entry("Description", "Bailiwick: dnsmasq, instance %i"),
                    Entry("Wants", "nss-lookup.target"),
                    Entry("Before", "nss-lookup.target"),
                    Entry("After", "network.target"),
                    Entry("Requires", FIREWALL),
                ),
            ),
            Section(
                "Service",
                (
                    Entry(
                        "ExecStart", "/usr/sbin/dnsmasq --keep-in-foreground --conf-file=/etc/bailiwick/dnsmasq/%i.conf"
                    ),
                    Entry("Restart", "always"),
                    Entry("RestartSec", "2"),
                    Entry("DynamicUser", "yes"),
                    Entry("StateDirectory", "bailiwick/dnsmasq-%i"),
                    Entry("AmbientCapabilities", needed),
                    Entry("PrivateDevices", "yes"),
                    *sandbox(capabilities=needed, families="AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_UNIX"),
                ),
            ),
            Section("Install", (Entry("WantedBy", "multi-user.target"),)),
        ),
    )


def pppoe(session: Interface, plan: Plan) -> Artifact:
    """Lives and dies with the card below it; dials again by itself, and is started again should it end."""
    device = device_unit(session.parent or session.name)
    name = unit_name(session)
    return unit(
        name,
        f"The PPPoE session of {session.name}",
        plan.router,
        (
            Section(
                "Unit",
                (
                    Entry("Description", f"Bailiwick: PPPoE session {session.name}", (session.id,)),
                    Entry("BindsTo", device, (session.id,)),
                    Entry("After", f"{device} {FIREWALL} systemd-networkd.service"),
                    Entry("Requires", FIREWALL),
                    Entry("Before", "network.target"),
                ),
            ),
            Section(
                "Service",
                (
                    Entry("ExecStart", f"/usr/sbin/pppd call {peer_name(session)} nodetach nolog", (session.id,)),
                    Entry("Restart", "always"),
                    Entry("RestartSec", "5"),
                    Entry("DevicePolicy", "closed"),
                    Entry("DeviceAllow", "/dev/ppp rw"),
                    Entry(
                        "ReadWritePaths",
                        "/run",
                        why="Its process id, and the database by which sessions are told apart.",
                    ),
                    *sandbox(
                        capabilities="CAP_NET_ADMIN CAP_NET_RAW",
                        families="AF_INET AF_NETLINK AF_PACKET AF_PPPOX AF_UNIX",
                        denied="@resources",
                    ),
                ),
            ),
            Section("Install", (Entry("WantedBy", "multi-user.target"),)),
        ),
        reload=f"systemctl restart {name}",
    )
