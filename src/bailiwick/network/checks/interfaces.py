"""Names on the wire: a zone's own interface may not be called as something that is there already."""

from __future__ import annotations

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network

KERNEL_NAMES = {
    "lo": "the loopback interface",
    "all": "the kernel's word for every interface (net.ipv4.conf.all)",
    "default": "the kernel's word for interfaces to come (net.ipv4.conf.default)",
}


def check_interfaces(network: Network, findings: Findings) -> None:
    """A zone on one access port keeps the port's name, so the two may be the same word there."""
    taken = dict(KERNEL_NAMES)
    taken |= {port.name: "a port of the router" for port in network.router.ports}
    taken |= {uplink.port: f"the interface of uplink `{uplink.name}`" for uplink in network.uplinks.values()}
    for zone in network.zones.values():
        on = [p for p in network.router.ports if zone.name == p.untagged or zone.name in p.tagged]
        alone = len(on) == 1 and on[0].untagged == zone.name and not on[0].tagged
        if zone.name in taken and not (alone and on[0].name == zone.name):
            findings.error(
                "interface-clash",
                f"Zone `{zone.name}` would get an interface of that name, which is {taken[zone.name]}.",
                zone.span,
                "call the zone something else",
            )
    for switch in network.switches.values():
        for port in switch.ports:
            if switch.hypervisor and (port.name == switch.bridge or port.name in KERNEL_NAMES):
                findings.error(
                    "interface-clash",
                    f"Port `{port.name}` of `{switch.name}` is called as "
                    f"{KERNEL_NAMES.get(port.name, 'the bridge that it is to be a port of')}.",
                    port.span,
                    "name the card as `ip link` shows it, or the bridge otherwise (`bridge:`)",
                )
