"""Managing the router: somebody at home may open SSH to it, or a mistake can be mended at its console alone."""

from __future__ import annotations

from bailiwick.network.findings import Findings
from bailiwick.network.matches import overlap
from bailiwick.network.model import Match, Network, Place
from bailiwick.packets.packet import TCP

SSH = (Match(TCP, (22, 22)),)


def check_management(network: Network, findings: Findings) -> None:
    """``router-unmanaged`` warns."""
    for permission in network.policy:
        if (
            any(extent.place == Place.ROUTER for extent in permission.target.extents)
            and any(extent.place.startswith("zone:") for extent in permission.source.extents)
            and overlap(permission.matches, SSH)
            and not overlap(permission.but, SSH)
        ):
            return
    zone = next(iter(network.zones), "lan")
    findings.warn(
        "router-unmanaged",
        "No zone may open SSH to the router: nobody can manage it over the network.",
        network.router.span,
        f"add `- {zone} -> router: ssh` to the policy",
    )
