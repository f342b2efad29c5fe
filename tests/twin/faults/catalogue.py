"""All the faults, in the order of the table."""

from __future__ import annotations

from tests.twin.faults import filtering, routing, serving, tagging, translation
from tests.twin.faults.fault import Fault

GROUPS: dict[str, tuple[Fault, ...]] = {
    "packet filter": filtering.FAULTS,
    "address translation": translation.FAULTS,
    "addresses, routes and kernel settings": routing.FAULTS,
    "DHCP and DNS": serving.FAULTS,
    "VLAN tags": tagging.FAULTS,
}
FAULTS: tuple[Fault, ...] = tuple(fault for group in GROUPS.values() for fault in group)
