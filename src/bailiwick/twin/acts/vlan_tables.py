"""The VLAN tables of switches and hypervisors, port for port, as the kernel has them beside what was planned."""

from __future__ import annotations

from collections.abc import Iterable

from bailiwick.plan.switching import VlanBridge
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.result import Check
from bailiwick.twin.scene.machines import table

Row = frozenset[tuple[int, bool]]


def vlan_tables(stage: Stage) -> Iterable[Check]:
    """One check for each port, one for each bridge itself, and one for what nobody planned."""
    for machine in stage.machines:
        seen = machine.vlans()
        wanted = planned(machine.bridge)
        for port, row in wanted.items():
            found = seen.get(port, frozenset())
            subject = f"VLANs of {machine.bridge.device}'s {port}"
            yield Check(subject, words(row), words(found), found == row)
        strangers = {port: row for port, row in seen.items() if port not in wanted and row}
        said = "; ".join(f"{port}: {words(row)}" for port, row in strangers.items())
        yield Check(f"other ports of {machine.bridge.device} in any VLAN", "none", said or "none", not strangers)
        for name, failure in machine.failures.items():
            yield Check(f"{name} on {machine.bridge.device}", "runs", failure, False)
        for name in machine.left_out:
            yield Check(
                f"{name} on {machine.bridge.device}", "runs", "not tried: there is no libvirt on the stage", None
            )


def planned(bridge: VlanBridge) -> dict[str, Row]:
    """By interface; the bridge's own membership is what it manages itself by."""
    rows = {port.name: table(port.untagged, port.tagged) for port in bridge.ports}
    rows[bridge.name] = table(None, (bridge.management.vlan,) if bridge.management else ())
    return rows


def words(row: Row) -> str:
    """``20, 30 tagged; 40 untagged``."""
    tagged = ", ".join(str(vlan) for vlan, untagged in sorted(row) if not untagged)
    plain = ", ".join(str(vlan) for vlan, untagged in sorted(row) if untagged)
    parts = [f"{tagged} tagged" if tagged else "", f"{plain} untagged" if plain else ""]
    return "; ".join(part for part in parts if part) or "none"
