"""Zones: subnets, gateways and DHCP scopes written out, presets' settings filled in."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from bailiwick.language import schema
from bailiwick.network.addresses import Unclear, complete, pool
from bailiwick.network.dhcp_options import resolve_options
from bailiwick.network.draft import Draft
from bailiwick.network.findings import Findings
from bailiwick.network.model import DhcpScope, Zone
from bailiwick.network.presets import settings

WIDEST, NARROWEST = 8, 30
"""Prefix lengths of a zone: a router and a client need a /30; wider than a /8 is half the internet."""


def resolve_zones(draft: Draft) -> dict[str, Zone]:
    """Every zone whose subnet can be used, by name, in the file's order."""
    home, findings = draft.home, draft.findings
    zones: dict[str, Zone] = {}
    for name, written in home.zones.items():
        zone = _zone(home, name, written, findings)
        if zone:
            zones[name] = zone
    for index, name in enumerate(home.dns.force):
        if name not in home.zones and name != "all":
            findings.error(
                "unknown-name", f"`{name}` is no zone.", ("dns", "force", index), "name zones here, or write `all`"
            )
    return zones


def _zone(home: schema.Home, name: str, written: schema.Zone, findings: Findings) -> Zone | None:
    subnet = written.subnet
    at = ("zones", name)
    if not WIDEST <= subnet.prefixlen <= NARROWEST:
        findings.error(
            "subnet-size",
            f"{subnet} cannot be a zone: its prefix is /{subnet.prefixlen}.",
            (*at, "subnet"),
            f"a zone's subnet has a prefix from /{WIDEST} to /{NARROWEST}; /24 is usual",
        )
        return None
    preset = settings(written.preset)
    said = written.model_fields_set
    forced = name in home.dns.force or "all" in home.dns.force
    return Zone(
        name=name,
        id=f"zone:{name}",
        span=findings.spans.key(*at),
        subnet=subnet,
        gateway=_gateway(name, written, findings),
        vlan=written.vlan,
        dhcp=_scope(name, written.dhcp, subnet, findings),
        isolate=written.isolate if "isolate" in said else preset.isolate,
        domain=written.domain or home.domain,
        reject=written.refuse is schema.Refusal.REJECT,
        force_dns=written.force_dns if written.force_dns is not None else forced or preset.force_dns,
    )


def _gateway(name: str, written: schema.Zone, findings: Findings) -> IPv4Address:
    """The first host address when none is given or the one given cannot be read."""
    first = written.subnet.network_address + 1
    if written.gateway is None:
        return first
    try:
        return complete(written.gateway, written.subnet)
    except Unclear as why:
        findings.error("address-unclear", f"{why}.", ("zones", name, "gateway"))
        return first


def _scope(name: str, written: schema.Dhcp | None, subnet: IPv4Network, findings: Findings) -> DhcpScope | None:
    if written is None:
        return None
    span = findings.spans.key("zones", name, "dhcp")
    bounds = None
    if written.range is not None:
        try:
            bounds = pool(written.range, subnet)
        except Unclear as why:
            findings.error("address-unclear", f"{why}.", ("zones", name, "dhcp", "range"))
    options = resolve_options(written.options, ("zones", name, "dhcp", "options"), findings)
    return DhcpScope(span, bounds, int(written.lease), written.static_only, options)
