"""Ports: every zone is on one at least, and an uplink shares its port only by a VLAN of its own."""

from __future__ import annotations

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network


def check_wires(network: Network, findings: Findings) -> None:
    """``zone-unwired`` and ``port-taken``."""
    ports = {port.name: port for port in network.router.ports}
    carried = {zone for port in ports.values() for zone in (port.untagged, *port.tagged) if zone}
    named_wrongly = any(map(findings.failed, ("unknown-name", "reserved-name", "duplicate-name")))
    for zone in network.zones.values():
        if zone.name not in carried and not named_wrongly:
            findings.error(
                "zone-unwired",
                f"No port of the router carries zone `{zone.name}`.",
                zone.span,
                f"add it to a port, as `ports: {{eth1: {zone.name}}}`",
                [(network.router.span, "the router")],
            )
    taken: dict[tuple[str, int | None], str] = {}
    for uplink in network.uplinks.values():
        at = ("uplinks", uplink.name, "interface")
        port = ports.get(uplink.port)
        carried_there = [zone for zone in (port.untagged, *port.tagged) if zone] if port else []
        vlans = {network.zones[zone].vlan for zone in carried_there if zone in network.zones}
        if port and carried_there and (uplink.vlan is None or uplink.vlan in vlans):
            findings.error(
                "port-taken",
                f"Port `{uplink.port}` is uplink `{uplink.name}` and carries zone `{carried_there[0]}`.",
                at,
                "what comes from outside needs a port of its own, or a VLAN of its own on a switch's trunk",
                [(port.span, "the zones' port")],
            )
        first = taken.setdefault((uplink.port, uplink.vlan), uplink.name)
        if first != uplink.name:
            findings.error(
                "port-taken",
                f"Uplinks `{first}` and `{uplink.name}` are both on `{uplink.port}`.",
                at,
                "two uplinks share a port only on different VLANs",
                [(("uplinks", first, "interface"), f"uplink `{first}`")],
            )
