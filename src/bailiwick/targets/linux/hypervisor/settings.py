"""Kernel settings of a hypervisor: it routes nothing, and no packet filter of its own sees what its bridge passes on.

With ``br_netfilter`` loaded, every bridged IPv4 frame meets the machine's FORWARD chain (net/bridge/
br_netfilter_hooks.c); the module's settings are 1 when it loads, and Docker's FORWARD policy is DROP (Docker's
manual, "Packet filtering and firewalls"), so that guests would fall silent. With 0 here, no chain is asked.
``bridge-nf-call-*`` is one setting for all bridges of a network namespace, so a container engine that filters between
its own containers (``icc: false``) has to do without that on this machine.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner, comments, paragraphs
from bailiwick.targets.linux.ini import Entry, Section, lines

PATH = "/etc/sysctl.d/90-bailiwick.conf"
UDEV = "/etc/udev/rules.d/90-bailiwick.rules"
DOCKER = "/etc/systemd/system/docker.service.d/10-bailiwick.conf"
SYSCTL = "/lib/systemd/systemd-sysctl"

_FAMILIES = ("arptables", "ip6tables", "iptables")
_OWN = (
    ("accept_redirects", "0", "A neighbour's ICMP redirect never changes a route"),
    ("accept_source_route", "0", "A packet does not choose its own way"),
    ("arp_announce", "2", "ARP never tells one network an address of another"),
    ("arp_ignore", "1", "ARP answers only for the address of the interface that was asked"),
    ("forwarding", "0", "This machine is no router: what is not for itself goes nowhere"),
    ("send_redirects", "0", "Nobody is told of another way"),
)
"""For IPv4, on ``all``, ``default`` and each interface of ours (Documentation/networking/ip-sysctl.rst)."""


def settings(plan: VlanBridge) -> tuple[Artifact, ...]:
    """The settings, and who writes them again when the kernel's module, or Docker, has set others."""
    ids = (plan.id,)
    values = artifact(
        PATH,
        (*banner("Kernel settings of a hypervisor", plan.device), *paragraphs(*_values(plan))),
        reload=f"{SYSCTL} {PATH}",
    )
    rule = (
        'ACTION=="add", SUBSYSTEM=="module", KERNEL=="br_netfilter", '
        f'RUN+="{SYSCTL} --prefix=/net/bridge"'
    )  # fmt: skip
    filtering = (
        *comments("A bridge of this name filters VLANs, whoever makes it: networkd uses one that is there as it is."),
        Line(
            f'ACTION=="add", SUBSYSTEM=="net", KERNEL=="{plan.name}", '
            'ATTR{bridge/vlan_filtering}="1", ATTR{bridge/default_pvid}="0"',
            ids,
        ),
    )
    said = comments(
        "A container engine may load br_netfilter at any time. The kernel tells of a module once it is",
        "initialised (since Linux 5.11), when its settings are there to be written.",
    )
    udev = artifact(
        UDEV,
        (
            *banner("When the bridge and its module appear", plan.device),
            *paragraphs(filtering, (*said, Line(rule, ids))),
        ),
        reload="udevadm control --reload",
    )
    again = Entry(
        "ExecStartPost",
        f"-{SYSCTL} --prefix=/net/bridge",
        ids,
        why="With `icc: false` Docker switches the filtering of bridged frames on as it starts.",
    )
    docker = artifact(
        DOCKER,
        (*banner("Guests' frames are not Docker's to filter", plan.device), *lines([Section("Service", (again,))])),
        reload="systemctl daemon-reload",
    )
    return (values, udev, docker)


def _values(plan: VlanBridge) -> Iterator[tuple[Line, ...]]:
    ids = (plan.id,)
    yield (
        *comments("This machine is no router (the first key sets `forwarding` everywhere, so it comes first)."),
        Line("net/ipv4/ip_forward = 0", ids),
    )
    for key, value, reason in _OWN:
        lines_ = (Line(f"{'-' if own else ''}net/ipv4/conf/{name}/{key} = {value}", ids) for name, own in _names(plan))
        yield (*comments(f"{reason}."), *lines_)
    yield (
        *comments("The home says ipv6: off."),
        *(Line(f"-net/ipv6/conf/{name}/disable_ipv6 = 1", ids) for name, _ in _names(plan)),
        Line("-net/ipv6/conf/all/forwarding = 0", ids),
    )
    yield (
        *comments(
            "What the bridge passes on is no business of this machine's filters (module br_netfilter): Docker's",
            "FORWARD chain, whose policy is DROP, does not see guests' frames.",
        ),
        *(Line(f"-net/bridge/bridge-nf-call-{family} = 0", ids) for family in _FAMILIES),
    )


def _names(plan: VlanBridge) -> Iterator[tuple[str, bool]]:
    """Interfaces, and whether one is ours and may not be there yet; udev's stock rule sets those when they appear.

    The bridge's ports are not among them: what enters by them is the bridge's (net/core/dev.c, ``rx_handler``).
    """
    yield "all", False
    yield "default", False
    yield plan.name, True
    if plan.management is not None:
        yield plan.management.interface, True
