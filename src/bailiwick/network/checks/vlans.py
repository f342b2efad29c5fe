"""VLAN ids: one for each zone that any port carries tagged, none twice, none that switches use themselves."""

from __future__ import annotations

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network


def check_vlans(network: Network, findings: Findings) -> None:
    """``vlan-one``, ``duplicate-vlan``, ``zone-without-vlan``."""
    owner: dict[int, str] = {}
    for zone in network.zones.values():
        at = ("zones", zone.name, "vlan")
        if zone.vlan is None:
            continue
        if zone.vlan == 1:
            findings.error(
                "vlan-one",
                "VLAN 1 is where switches put every port that nobody configured, and what they leave untagged.",
                at,
                "choose an id from 2 to 4094",
            )
        first = owner.setdefault(zone.vlan, zone.name)
        if first != zone.name:
            findings.error(
                "duplicate-vlan",
                f"VLAN {zone.vlan} is zone `{first}` and zone `{zone.name}`.",
                at,
                "give each zone its own id",
                [(("zones", first, "vlan"), f"zone `{first}`")],
            )
    _check_tagged(network, findings)


def _check_tagged(network: Network, findings: Findings) -> None:
    """Each zone once, at the first port that would have to tag it."""
    said: set[str] = set()
    for port in network.router.ports:
        for name in port.tagged:
            if network.zones[name].vlan is None and name not in said:
                said.add(name)
                findings.error(
                    "zone-without-vlan",
                    f"Port `{port.name}` carries zone `{name}` tagged, and the zone has no VLAN id.",
                    port.span,
                    f"add `vlan:` to zone `{name}`, or give it a port of its own",
                    [(network.zones[name].span, "the zone")],
                )
