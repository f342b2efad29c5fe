"""Exits: what ``route-out`` sends by an uplink of its own finds a resolver there too, and no door by another one."""

from __future__ import annotations

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network
from bailiwick.network.special import PUBLIC


def check_exits(network: Network, findings: Findings) -> None:
    """``dns-upstreams`` and ``forward-unanswered``."""
    _find_upstreams(network, findings)
    _refuse_unanswered(network, findings)


def _find_upstreams(network: Network, findings: Findings) -> None:
    """An exit's resolver asks by its uplink alone, and private addresses are not met there."""
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


def _refuse_unanswered(network: Network, findings: Findings) -> None:
    """The answers of a host that leaves by one uplink alone never leave by the one on which its door opens."""
    names = {uplink.id: uplink.name for uplink in network.uplinks.values()}
    tunnels = {uplink.id for uplink in network.uplinks.values() if uplink.tunnel}
    for forward in network.forwards:
        for route in network.routes_out:
            routed = any(e.place == forward.place and int(forward.address) in e.addresses for e in route.sources)
            if not routed or set(forward.uplinks) <= {route.uplink}:
                continue
            way = names[route.uplink]
            lost = ", ".join(f"`{names[uplink]}`" for uplink in forward.uplinks if uplink != route.uplink)
            findings.error(
                "forward-unanswered",
                f"Forward `{forward.name}` comes in by {lost}, and `{forward.host}` answers by `{way}` alone: nobody "
                "would hear it.",
                ("forward", forward.name, "to"),
                "forward to a host that leaves as the others do, or remove its line of `route-out`"
                if route.uplink in tunnels
                else f"add `uplink: {way}` to the forward",
                [(route.span, f"by `{way}` and no other")],
            )
