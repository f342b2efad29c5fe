"""Exits: what ``route-out`` sends by an uplink of its own finds a resolver there too."""

from __future__ import annotations

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network
from bailiwick.network.special import PUBLIC


def check_exits(network: Network, findings: Findings) -> None:
    """``dns-upstreams``: an exit's resolver asks by its uplink alone, and private addresses are not met there."""
    upstreams = network.resolver.upstreams
    uplinks = {uplink.id: uplink for uplink in network.uplinks.values()}
    for route in network.routes_out:
        uplink = uplinks[route.uplink]
        own = uplink.address.network if uplink.address else None
        near = [u for u in upstreams if u == uplink.modem or (own is not None and u in own)]
        public = [u for u in upstreams if int(u) in PUBLIC - network.inside()]
        if upstreams and not near and not public:
            findings.error(
                "dns-upstreams",
                f"None of the DNS upstreams can be met by `{uplink.name}`, and `{route.name}` asks by it alone.",
                ("dns", "upstreams"),
                "add a resolver of the public internet, as `9.9.9.9`",
                [(route.span, "its way out")],
            )
