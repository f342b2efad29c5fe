"""Hosts in several zones: each is a way between them that the router never sees."""

from __future__ import annotations

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network


def check_legs(network: Network, findings: Findings) -> None:
    """``host-forwards`` warns: nothing says that the host keeps its zones apart."""
    names = {zone.id: zone.name for zone in network.zones.values()}
    for host in network.hosts.values():
        zones = [f"`{names[leg.place]}`" for leg in host.legs if leg.place in names]
        if len(zones) > 1 and host.forwards:
            findings.warn(
                "host-forwards",
                f"`{host.name}` stands in zones {' and '.join(zones)}, and may pass packets between them past the "
                "router.",
                host.span,
                "say that it does not, and what keeps it from it: `forwards: no`, `because: ip_forward is 0`; or give "
                "it one zone",
            )
