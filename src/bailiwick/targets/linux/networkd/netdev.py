"""``.netdev``: the interfaces that networkd makes, VLANs, bridges and tunnels (systemd.netdev(5))."""

from __future__ import annotations

from bailiwick.plan.model import Interface, LinkKind
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import artifact, banner
from bailiwick.targets.linux import wireguard
from bailiwick.targets.linux.ini import Entry, Section, lines
from bailiwick.targets.linux.networkd.network import Wiring

TAGS = Entry(
    "VLANFiltering",
    "yes",
    why="Every member is untagged here: a frame with a tag would leave by a trunk as another zone's.",
)
"""Without it a bridge passes tagged frames on as they are (net/bridge/br_vlan.c, br_allowed_ingress)."""


def netdev(interface: Interface, wiring: Wiring, router: str) -> tuple[Artifact, ...]:
    """Nothing for a port, a PPP session (pppd makes it) and a tunnel that another program makes.

    Where no interface has a tag, a bridge needs to know of none either.
    """
    ids = (interface.id,)
    own: tuple[Section, ...]
    if interface.kind is LinkKind.VLAN:
        what = f"VLAN {interface.vlan} of {interface.parent}"
        kind, own = "vlan", (Section("VLAN", (Entry("Id", str(interface.vlan), ids),)),)
    elif interface.kind is LinkKind.BRIDGE:
        what = f"The bridge of {', '.join(interface.members)}"
        quiet = Entry("STP", "no", why="A zone's ports end at hosts and switches: no spanning tree to be talked into.")
        kind, own = "bridge", (Section("Bridge", (quiet, TAGS) if wiring.vlans else (quiet,)),)
    elif interface.wireguard is not None:
        what = f"The tunnel to {interface.wireguard.endpoint}"
        kind, own = "wireguard", wireguard.sections(interface)
    else:
        return ()
    device = Section("NetDev", (Entry("Name", interface.name, ids), Entry("Kind", kind, ids)))
    return (
        artifact(
            f"/etc/systemd/network/10-bailiwick-{interface.name}.netdev",
            (*banner(what, router), *lines((device, *own))),
            reload="networkctl reload",
        ),
    )
