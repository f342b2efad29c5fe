"""A Debian hypervisor: a bridge that filters VLANs, its ports, what they drop, the machine's own address, mirrors."""

from __future__ import annotations

from bailiwick.plan.guests import GuestMachine
from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.hypervisor.bridge import bridge
from bailiwick.targets.linux.hypervisor.links import loader
from bailiwick.targets.linux.hypervisor.mirrors import mirrors, unit_name
from bailiwick.targets.linux.hypervisor.ports import ports
from bailiwick.targets.linux.hypervisor.preflight import preflight
from bailiwick.targets.linux.hypervisor.resolv import resolv
from bailiwick.targets.linux.hypervisor.settings import settings
from bailiwick.targets.linux.hypervisor.tags import tags, units
from bailiwick.targets.linux.hypervisor.takeover import rivals, takeover
from bailiwick.targets.linux.platform import platform_of

__all__ = ["disabled", "enabled", "hypervisor", "takeover"]


def hypervisor(plan: VlanBridge, guests: tuple[GuestMachine, ...]) -> tuple[Artifact, ...]:
    """Its files but for the guests' own. Raises ValueError for a platform that nothing is known about."""
    platform_of(plan.platform)
    return (
        *bridge(plan),
        *ports(plan),
        loader(),
        *tags(plan),
        *settings(plan),
        *resolv(plan),
        *mirrors(plan),
        *preflight(plan, guests),
    )


def enabled(plan: VlanBridge) -> tuple[str, ...]:
    """Units to enable, in the order of a boot."""
    return (*units(plan), "systemd-networkd.service", *map(unit_name, plan.mirrors))


def disabled() -> tuple[str, ...]:
    """Units to disable and mask."""
    return tuple(unit for rival in rivals() for unit in rival.units)
