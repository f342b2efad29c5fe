"""The ports of the machines that we configure: which zones each carries, tagged and untagged."""

from __future__ import annotations

from bailiwick.language import schema
from bailiwick.language.span import Path
from bailiwick.network.draft import Draft
from bailiwick.network.findings import Findings
from bailiwick.network.guests import resolve_guest
from bailiwick.network.model import Router, RouterPort
from bailiwick.network.switch_chips import chips_of
from bailiwick.network.wiring import Carried, End, Wiring


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
    platform = written.platform or draft.home.platform
    span = findings.spans.key("hosts", name)
    if platform.startswith("routeros") != (written.router == "routeros"):
        findings.error(
            "platform-unfit",
            f"The router runs `{written.router}`, and its platform is `{platform}`.",
            findings.spans.key("hosts", name, "platform") if written.platform else findings.spans.key("hosts", name),
            "say which release it runs, as `platform: routeros-7.20` on the router itself"
            if written.router == "routeros"
            else "name a release of Debian, as `platform: debian-13`",
        )
    guest = resolve_guest(draft, name)
    ports = resolve_ports(draft, wiring, name)
    return Router(name, f"host:{name}", span, str(platform), ports, guest, chips_of(written.model))


def resolve_ports(draft: Draft, wiring: Wiring, name: str) -> tuple[RouterPort, ...]:
    """In the file's order, and then those that only a link names."""
    findings, written = draft.findings, wiring.written(name)
    section = "hosts" if name in draft.home.hosts else "devices"
    linked = [port for owner, port in wiring.peers if owner == name and port not in written]
    ports = []
    for port in [*written, *sorted(linked)]:
        at = (section, name, "ports", port)
        entry = written.get(port)
        carried = _carried(draft, wiring, (name, port), at)
        ports.append(
            RouterPort(
                name=port,
                span=findings.spans.key(*at) if entry else findings.spans.value(*wiring.at[name, port]),
                untagged=carried.untagged if carried.untagged in draft.zones else None,
                tagged=draft.ordered(carried.tagged),
                mac=entry.mac if isinstance(entry, schema.Port) else None,
                path=entry.path if isinstance(entry, schema.Port) else None,
                mirrors=tuple(entry.mirror) if entry else (),
            )
        )
    return tuple(ports)


def _carried(draft: Draft, wiring: Wiring, end: End, at: Path) -> Carried:
    findings = draft.findings
    entry, said, far = wiring.written(end[0]).get(end[1]), wiring.said(end), wiring.peers.get(end)
    if entry is None or end in wiring.silent:
        return wiring.carried(end)
    if said is None:
        if far is None and not entry.link:
            findings.error(
                "port-empty",
                f"Port `{end[1]}` does not say what it carries.",
                findings.spans.key(*at),
                "write a zone (`lan`), several for a trunk (`[lan, iot]`) or what it is linked to (`switch/1`)",
            )
        return wiring.carried(end)
    if (entry.zone and (entry.trunk or entry.native)) or said.untagged in said.tagged:
        findings.error(
            "port-both",
            f"Port `{end[1]}` carries zone `{said.untagged}` both tagged and untagged."
            if said.untagged in said.tagged
            else f"Port `{end[1]}` is both an access port and a trunk.",
            at,
            "write `native:` for the one zone that a trunk carries untagged, and `trunk:` for the others",
        )
    for zone in sorted(said.zones()):
        if not draft.names.is_kind(zone, "zone"):
            findings.error("unknown-name", f"`{zone}` is no zone.", at, draft.names.suggest(zone, ["zone"]))
    return wiring.carried(end)
