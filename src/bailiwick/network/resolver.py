"""Who answers the home's DNS, what it asks, and the names it knows by itself."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from bailiwick.language import schema
from bailiwick.network.addresses import Unclear, whole
from bailiwick.network.draft import Draft
from bailiwick.network.findings import Findings
from bailiwick.network.model import Host, Place, Resolver
from bailiwick.network.records import dns_names


def resolve_resolver(draft: Draft, records: Mapping[str, IPv4Address]) -> Resolver:
    """The one host that ``serves: dns``, or the router."""
    home, findings, spans = draft.home, draft.findings, draft.findings.spans
    serving = [host for host in draft.hosts.values() if "dns" in host.serves]
    for second in serving[1:]:
        findings.error(
            "resolver-twice",
            f"`{second.name}` is a second host that serves DNS: one resolver answers for the home.",
            spans.value("hosts", second.name, "serves"),
            "let one of them serve",
            [(spans.value("hosts", serving[0].name, "serves"), "the first")],
        )
    host = next(iter(serving), None)
    if host and not (len(host.legs) == 1 and host.legs[0].place.startswith("zone:")):
        findings.error(
            "resolver-place",
            f"`{host.name}` serves DNS, and needs one address in one zone for it.",
            spans.value("hosts", host.name, "serves"),
            "give the resolver one `zone` and `address`",
        )
    _check_upstreams(home, host, findings)
    return Resolver(
        span=spans.key("hosts", host.name, "serves") if host else spans.key("dns"),
        host=host.name if host else None,
        place=host.legs[0].place if host else Place.ROUTER,
        address=host.legs[0].address if host else None,
        upstreams=tuple(_upstreams(draft, findings)),
        records=records,
        cache=home.dns.cache,
        rebind_protection=home.dns.rebind_protection,
        rebind_ok=dns_names(draft, ("dns", "rebind-ok"), home.dns.rebind_ok),
    )


def _check_upstreams(home: schema.Home, host: Host | None, findings: Findings) -> None:
    """The router resolves for the home unless a host does, and always for what ``route-out`` sends elsewhere."""
    if home.dns.upstreams or (host and not home.route_out):
        return
    why = "what `route-out` names asks the router, which" if host else "the router answers the home's DNS, and"
    findings.error(
        "dns-upstreams",
        f"The home has no DNS upstreams: {why} has nobody to ask.",
        findings.spans.key("dns"),
        "name resolvers that you trust, as `dns: {upstreams: [9.9.9.9, 149.112.112.112]}`",
    )


def _upstreams(draft: Draft, findings: Findings) -> list[IPv4Address]:
    found: dict[IPv4Address, None] = {}
    gateways = {zone.gateway for zone in draft.zones.values()}
    for index, text in enumerate(draft.home.dns.upstreams):
        try:
            upstream = whole(text)
            found[upstream] = None
            if upstream in gateways:
                findings.error(
                    "dns-loop",
                    f"{upstream} is the router itself, which would ask itself.",
                    ("dns", "upstreams", index),
                    "name a resolver of the world, or the one that the home has beyond the router",
                )
        except Unclear as why:
            findings.error("address-unclear", f"{why}.", ("dns", "upstreams", index))
    return list(found)
