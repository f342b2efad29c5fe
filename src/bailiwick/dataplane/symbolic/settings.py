"""Kernel settings of an interface, as sets of packets that come by such a one."""

from __future__ import annotations

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.symbolic.interfaces import Interfaces
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region, Space


def where(
    space: Space, device: Device, interfaces: Interfaces, name: str, *, value: str = "1", unset: str = "0"
) -> Region:
    """The packets that come by an interface for which ``net.ipv4.conf.*.name`` is ``value``.

    That is the greater of its own and that of ``all``, each ``unset`` where nothing is written (IN_DEV_ORCONF and
    IN_DEV_MAXCONF, include/linux/inetdevice.h).
    """
    settings = device.settings
    every = settings.get(f"net.ipv4.conf.all.{name}", unset)
    default = settings.get(f"net.ipv4.conf.default.{name}", unset)
    usual = max(every, default) == value
    others = []
    for interface, number in interfaces.numbers.items():
        own = max(every, settings.get(f"net.ipv4.conf.{interface}.{name}", default))
        if (own == value) is not usual:
            others.append((number, number))
    region = space.among(header.IIF, IntervalSet.of(others))
    return ~region if usual else region
