"""The router and its ports: which zones each carries, tagged and untagged."""

from __future__ import annotations

from bailiwick.language import schema
from bailiwick.network.draft import Draft
from bailiwick.network.findings import Findings
from bailiwick.network.model import Router, RouterPort
from bailiwick.network.wiring import Carried, Wiring


def find_router(home: schema.Home, findings: Findings) -> str:
    """The name of the one host that is the router, the first of several. Raises Problems when there is none, for
    everything else hangs on it."""
    routers = [name for name, host in home.hosts.items() if host.router]
    if not routers:
        findings.error(
            "router-missing",
            "No host is the router.",
            ("hosts",),
            "say which machine routes, as `hosts: {gate: {router: linux, ports: {eth1: lan}}}`",
        )
        findings.raise_errors()
    for name in routers[1:]:
        findings.error(
            "router-twice",
            f"`{name}` is a second router: a home has one.",
            findings.spans.key("hosts", name),
            labels=[(findings.spans.key("hosts", routers[0]), "the first")],
        )
    return routers[0]


def resolve_router(draft: Draft, wiring: Wiring) -> Router:
    """The router with every port it uses for zones; a port that only a device's link names is among them."""
    name, findings = draft.router, draft.findings
    written = draft.home.hosts[name]
    for key in ("zone", "uplink", "address", "legs", "serves"):
        if getattr(written, key):
            findings.error(
                "router-key",
                f"The router takes no `{key}`: its addresses are its zones' gateways, and it answers DNS and DHCP "
                "unless a host serves.",
                findings.spans.key("hosts", name, key),
                "remove the line",
            )
    linked = [port for owner, port in wiring.peers if owner == name and port not in written.ports]
    ports = []
    for port in [*written.ports, *sorted(linked)]:
        entry = written.ports.get(port, schema.Port.model_construct())
        carried = _carried(draft, port, entry, wiring)
        untagged = carried.untagged if carried.untagged in draft.zones else None
        tagged = draft.ordered(carried.tagged)
        ports.append(
            RouterPort(port, findings.spans.key("hosts", name, "ports", port), untagged, tagged, entry.mac, entry.path)
        )
    platform = written.platform or draft.home.platform
    return Router(name, f"host:{name}", findings.spans.key("hosts", name), str(platform), tuple(ports))


def _carried(draft: Draft, port: str, entry: schema.Port, wiring: Wiring) -> Carried:
    router, names, findings = draft.router, draft.names, draft.findings
    at = ("hosts", router, "ports", port)
    said = wiring.explicit(entry)
    far = wiring.peers.get((router, port))
    if said is None:
        if far is None and not entry.link:
            findings.error(
                "port-empty",
                f"Port `{port}` does not say what it carries.",
                findings.spans.key(*at),
                "write a zone (`lan`), several for a trunk (`[lan, iot]`) or what it is linked to (`switch/1`)",
            )
        return wiring.beyond(far) if far else Carried()
    if (entry.zone and (entry.trunk or entry.native)) or said.untagged in said.tagged:
        findings.error(
            "port-both",
            f"Port `{port}` carries zone `{said.untagged}` both tagged and untagged."
            if said.untagged in said.tagged
            else f"Port `{port}` is both an access port and a trunk.",
            at,
            "write `native:` for the one zone that a trunk carries untagged, and `trunk:` for the others",
        )
    for zone in sorted(said.zones()):
        if not names.is_kind(zone, "zone"):
            findings.error("unknown-name", f"`{zone}` is no zone.", at, names.suggest(zone, ["zone"]))
    if far:
        missing = sorted(wiring.beyond(far).zones() - said.zones())
        if missing:
            findings.error(
                "link-missing-zone",
                f"Port `{port}` does not carry {', '.join(f'`{zone}`' for zone in missing)}, which `{far[0]}` needs.",
                at,
                f"write the link alone, as `{port}: {'/'.join(far)}`: its zones follow from what lies beyond",
            )
    return said
