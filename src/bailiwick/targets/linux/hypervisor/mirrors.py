"""Mirrors: frames of some ports, both ways, copied to another (tc-matchall(8), tc-mirred(8)).

networkd has no words for it. A unit for each mirror adds the filters, and lives and dies with the interfaces: a card
that is plugged in again is mirrored again.
"""

from __future__ import annotations

from importlib import resources

from bailiwick.plan.switching import Mirror, VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.ini import Entry, Section
from bailiwick.targets.linux.systemd.unit import device_unit, sandbox, unit

SCRIPT = "/usr/lib/bailiwick/mirror"


def mirrors(plan: VlanBridge) -> tuple[Artifact, ...]:
    """A unit for each mirror and the script that they share; nothing without mirrors."""
    if not plan.mirrors:
        return ()
    script = resources.files(__package__).joinpath("mirror.sh").read_text(encoding="utf-8")
    return (Artifact(SCRIPT, script, mode=0o755), *(_unit(plan, mirror) for mirror in plan.mirrors))


def unit_name(mirror: Mirror) -> str:
    """By the port where the copies go: each has one mirror at most."""
    return f"bailiwick-mirror-{mirror.target}.service"


def _unit(plan: VlanBridge, mirror: Mirror) -> Artifact:
    ids = (mirror.id,)
    ports = (mirror.target, *mirror.sources)
    devices = " ".join(map(device_unit, ports))
    name = unit_name(mirror)
    return unit(
        name,
        f"Frames of {', '.join(mirror.sources)}, copied to {mirror.target}",
        plan.device,
        (
            Section(
                "Unit",
                (
                    Entry("Description", f"Bailiwick: mirror to {mirror.target}", ids),
                    Entry("BindsTo", devices, ids),
                    Entry("After", f"{devices} systemd-networkd.service"),
                ),
            ),
            Section(
                "Service",
                (
                    Entry("Type", "oneshot"),
                    Entry("RemainAfterExit", "yes"),
                    Entry("ExecStart", f"{SCRIPT} start {' '.join(ports)}", ids),
                    Entry("ExecStop", f"{SCRIPT} stop {' '.join(ports)}", ids),
                    *sandbox(capabilities="CAP_NET_ADMIN", families="AF_NETLINK AF_UNIX"),
                    Entry("PrivateDevices", "yes"),
                    Entry("IPAddressDeny", "any", why="It speaks to the kernel alone."),
                    Entry("PrivateMounts", "yes"),
                ),
            ),
            Section("Install", (Entry("WantedBy", f"multi-user.target {devices}", ids),)),
        ),
        reload=f"systemctl restart {name}",
    )
