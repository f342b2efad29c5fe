"""What a configuration says beside its packets' fates: names, leases, pools, lists. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from bailiwick.packets.interval import IntervalSet


@dataclass(frozen=True, slots=True)
class Lease:
    """An address that DHCP hands to one card. ``name`` is as somebody wrote it, and may be empty."""

    address: IPv4Address
    mac: str
    name: str


@dataclass(frozen=True, slots=True)
class Pool:
    """DHCP on one interface. ``lease`` is as the home file writes a length of time; empty: not said."""

    first: IPv4Address | None
    last: IPv4Address | None
    lease: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an address list, IPv4 alone."""

    addresses: IntervalSet
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """A line that the home file cannot say. ``section`` is where it would have stood, ``text`` holds no secret."""

    section: str
    number: int
    text: str
    why: str = ""


@dataclass(frozen=True)
class Facts:
    """``titles`` are comments on interfaces; ``lists`` by name. ``users`` are logins by PPPoE interface.

    ``release`` is that of RouterOS, as ``7.20``. ``dhcp`` and ``titles`` are by the interface's name.
    """

    name: str = ""
    release: str = ""
    timezone: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)
    leases: tuple[Lease, ...] = ()
    dhcp: Mapping[str, Pool] = field(default_factory=dict)
    lists: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    records: tuple[tuple[str, IPv4Address], ...] = ()
    upstreams: tuple[IPv4Address, ...] = ()
    left: tuple[Left, ...] = ()
