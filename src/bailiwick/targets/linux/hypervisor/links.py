"""What networkd's files of a hypervisor have in common (systemd.network(5), systemd.netdev(5))."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import artifact, banner
from bailiwick.targets.linux.ini import Entry, Section, lines, literal

LOADER = "/usr/lib/bailiwick/load-bridge"
"""Before networkd of version 257, ``networkctl reload`` adds VLANs and takes none away
(src/network/networkd-bridge-vlan.c)."""


def path(name: str, suffix: str) -> str:
    """Ours sort before any that a person or a distribution would write."""
    return f"/etc/systemd/network/10-bailiwick-{name}.{suffix}"


def netdev(plan: VlanBridge, name: str, what: str, sections: Sequence[Section]) -> Artifact:
    """An interface that networkd makes. One that is there already it uses as it is."""
    return artifact(path(name, "netdev"), (*banner(what, plan.device), *lines(sections)), reload=LOADER)


def network(plan: VlanBridge, name: str, what: str, sections: Sequence[Section]) -> Artifact:
    """What one interface carries."""
    return artifact(path(name, "network"), (*banner(what, plan.device), *lines(sections)), reload=LOADER)


def closed(description: str, more: Sequence[Entry] = ()) -> Section:
    """``[Network]`` of an interface that asks nobody for anything and tells nobody of itself."""
    return Section(
        "Network",
        (
            Entry("Description", literal(description)),
            Entry("DHCP", "no"),
            *more,
            Entry("LinkLocalAddressing", "no"),
            Entry("IPv6AcceptRA", "no"),
            Entry("LLDP", "no"),
            Entry("EmitLLDP", "no"),
            Entry("ConfigureWithoutCarrier", "yes", why="A pulled cable, or a guest that is off, takes nothing away."),
        ),
    )


def loader() -> Artifact:
    """The script that takes the files up; the same for everybody."""
    script = resources.files(__package__).joinpath("load-bridge.sh").read_text(encoding="utf-8")
    return Artifact(LOADER, script, mode=0o755)


def vlan(*entries: Entry) -> Section:
    """One entry of an interface's VLAN table."""
    return Section("BridgeVLAN", entries)
