"""Cross-checks: what every name resolves to, and yet cannot work together. One file for each noun."""

from __future__ import annotations

from collections.abc import Callable

from bailiwick.network.checks.addresses import check_addresses
from bailiwick.network.checks.bridges import check_bridges
from bailiwick.network.checks.doors import check_doors
from bailiwick.network.checks.exits import check_exits
from bailiwick.network.checks.fasttrack import check_fasttrack
from bailiwick.network.checks.guests import check_guests
from bailiwick.network.checks.hardware import check_hardware
from bailiwick.network.checks.interfaces import check_interfaces
from bailiwick.network.checks.leases import check_leases
from bailiwick.network.checks.legs import check_legs
from bailiwick.network.checks.linux import check_linux
from bailiwick.network.checks.management import check_management
from bailiwick.network.checks.native import check_native
from bailiwick.network.checks.routeros import check_routeros
from bailiwick.network.checks.subnets import check_subnets
from bailiwick.network.checks.uplinks import check_uplinks
from bailiwick.network.checks.vlans import check_vlans
from bailiwick.network.checks.wireguard import check_wireguard
from bailiwick.network.checks.wires import check_wires
from bailiwick.network.findings import Findings
from bailiwick.network.model import Network

CHECKS: tuple[Callable[[Network, Findings], None], ...] = (
    check_subnets,
    check_leases,
    check_addresses,
    check_hardware,
    check_vlans,
    check_wires,
    check_interfaces,
    check_uplinks,
    check_bridges,
    check_wireguard,
    check_guests,
    check_legs,
    check_doors,
    check_exits,
    check_fasttrack,
    check_management,
    check_routeros,
    check_native,
    check_linux,
)

__all__ = ["CHECKS"]
