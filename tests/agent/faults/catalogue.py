"""Every fault, by what it is about."""

from __future__ import annotations

from tests.agent.faults import disks, killing, leases, lockouts, people, services
from tests.agent.faults.fault import Fault

GROUPS: dict[str, tuple[Fault, ...]] = {
    "processes that die, stand still or are told to end, and power that goes": killing.FAULTS,
    "disks that are full, read-only or damaged": disks.FAULTS,
    "services and rules": services.FAULTS,
    "people and other programs": (*people.FAULTS, *leases.FAULTS),
    "lock-outs": lockouts.FAULTS,
}
FAULTS = tuple(fault for group in GROUPS.values() for fault in group)
