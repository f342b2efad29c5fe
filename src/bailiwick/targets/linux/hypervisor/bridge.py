"""The bridge that filters VLANs: its ``.netdev``, and what the machine itself hears on it (systemd.netdev(5))."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.switching import Management, VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import artifact, banner
from bailiwick.targets.linux.hypervisor.links import closed, netdev, network, vlan
from bailiwick.targets.linux.ini import Entry, Section, lines
from bailiwick.targets.linux.platform import platform_of

AGEING = 300
"""Seconds for which a port's MAC address is remembered: what IEEE 802.1D-2004 (table 7-5) recommends."""


def bridge(plan: VlanBridge) -> tuple[Artifact, ...]:
    """The bridge, the machine's own interface on it, and what networkd leaves alone."""
    return (_daemon(plan), _device(plan), _members(plan), *_management(plan))


def _daemon(plan: VlanBridge) -> Artifact:
    """Without this, every start of networkd removes the rules and routes of container engines and tunnels."""
    entries = [Entry("ManageForeignRoutes", "no"), Entry("ManageForeignRoutingPolicyRules", "no")]
    if platform_of(plan.platform).foreign_next_hops:
        entries.append(Entry("ManageForeignNextHops", "no"))
    return artifact(
        "/etc/systemd/networkd.conf.d/10-bailiwick.conf",
        (*banner("Routes and rules that others made stay", plan.device), *lines([Section("Network", tuple(entries))])),
        reload="systemctl restart systemd-networkd.service",
    )


def _device(plan: VlanBridge) -> Artifact:
    ids = (plan.id,)
    own = Section(
        "Bridge",
        (
            Entry("VLANFiltering", "yes", ids),
            Entry("DefaultPVID", "none", ids, why="No port is in VLAN 1, nor in any that it was not given below."),
            Entry("STP", "no", why="The ports end at hosts and at one uplink: no spanning tree to be talked into."),
            Entry(
                "MulticastSnooping",
                "no",
                why="Nobody here asks as a querier: what hosts once joined would be forgotten and dropped.",
            ),
            Entry("AgeingTimeSec", str(AGEING)),
        ),
    )
    device = Section("NetDev", (Entry("Name", plan.name, ids), Entry("Kind", "bridge", ids)))
    return netdev(plan, plan.name, f"The bridge of {plan.device}'s ports", (device, own))


def _members(plan: VlanBridge) -> Artifact:
    """The bridge's own port towards the machine: a tagged member of the management VLAN and of no other."""
    ids = (plan.id,)
    management = plan.management
    above = [] if management is None else [Entry("VLAN", management.interface, ids)]
    sections = [
        Section("Match", (Entry("Name", plan.name, ids),)),
        Section("Link", (Entry("RequiredForOnline", "no", ids),)),
        closed(f"{plan.name}: carries the VLANs, has no address of its own", above),
    ]
    if management is not None:
        why = "The machine itself hears its own zone alone."
        sections.append(vlan(Entry("VLAN", str(management.vlan), ids, why=why)))
    return network(plan, plan.name, "What the machine hears on its bridge", sections)


def _management(plan: VlanBridge) -> Iterator[Artifact]:
    management = plan.management
    if management is None:
        return
    ids, name = (plan.id,), management.interface
    device = Section("NetDev", (Entry("Name", name, ids), Entry("Kind", "vlan", ids)))
    own = Section("VLAN", (Entry("Id", str(management.vlan), ids),))
    what = f"VLAN {management.vlan}, where {plan.device} is managed"
    yield netdev(plan, name, what, (device, own))
    yield network(plan, name, what, list(_addressed(plan, management)))


def _addressed(plan: VlanBridge, management: Management) -> Iterator[Section]:
    ids = (plan.id,)
    yield Section("Match", (Entry("Name", management.interface, ids),))
    why = "The machine is up when its zone is, with or without a cable."
    yield Section("Link", (Entry("RequiredForOnline", "no-carrier", ids, why=why),))
    more = [
        Entry("Address", management.address.with_prefixlen, ids),
        Entry("DNS", str(management.resolver), ids),
        *([Entry("Domains", plan.domain, ids)] if plan.domain else []),
    ]
    yield closed(f"{management.interface}: {plan.device} itself", more)
    yield Section("Route", (Entry("Gateway", str(management.gateway), ids),))
