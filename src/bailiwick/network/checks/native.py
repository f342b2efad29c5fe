"""A zone that leaves a trunk without a tag, and whoever is plugged in to it at a MikroTik.

An access port of RouterOS takes priority-tagged frames, too: those whose tag says VLAN 0 (manual, "Bridge VLAN Table",
``frame-types``; IEEE 802.1Q). They belong to the port's VLAN. Where its frames leave without a tag, one that stood
below is the outer one. Our files for Linux drop what comes tagged to an access port; RouterOS has no word for that
which holds on every switch chip.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network, RouterPort

Port = tuple[str, RouterPort]
"""A machine's name, and its port."""


def check_native(network: Network, findings: Findings) -> None:
    """``native-beside-access`` warns, once for each trunk and zone."""
    accesses = [(name, port) for name, port in _ports(network, routeros=True) if port.untagged and not port.tagged]
    for name, trunk in _ports(network, routeros=False):
        zone = trunk.untagged
        others = [one for one in accesses if one[1].untagged == zone]
        if not zone or not trunk.tagged or not others:
            continue
        machine, access = others[0]
        findings.warn(
            "native-beside-access",
            f"Whoever is at `{machine}/{access.name}` in zone `{zone}` may send into {_named(trunk.tagged)} past the "
            f"router: `{name}/{trunk.name}` carries `{zone}` without a tag, and a tag below one of VLAN 0 comes out "
            "there.",
            trunk.span,
            f"carry `{zone}` tagged there, or give it no access port of a MikroTik",
            [(access.span, f"RouterOS takes frames with a tag of VLAN 0 at `{access.name}`")],
        )


def _ports(network: Network, *, routeros: bool) -> Iterator[Port]:
    """Of the machines that we configure; or of those with RouterOS."""
    router = network.router
    if router.routeros or not routeros:
        yield from ((router.name, port) for port in router.ports)
    for switch in network.switches.values():
        if switch.runs == "routeros" or not routeros:
            yield from ((switch.name, port) for port in switch.ports)


def _named(zones: tuple[str, ...]) -> str:
    return " and ".join(f"`{zone}`" for zone in zones)
