"""VLAN tables, decided: each bridge that we configure, port by port (IEEE 802.1Q, bridge(8))."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface

from bailiwick.language.span import Span
from bailiwick.network.model import Chip


@dataclass(frozen=True, slots=True)
class BridgePort:
    """One port of a VLAN-aware bridge and the VLANs that it carries, ids 2 to 4094.

    ``tap``: made by us for a guest, and owned by the bridge's ``user``; else a card of the machine, bound by ``mac``
    or ``path``. ``end`` is what the home file wires to it: machine and port (``("gate", "eth1")``), a guest's
    included, or None.
    """

    id: str  # "bridge-port:hv/ens1"
    name: str  # at most 15 bytes
    spans: tuple[Span, ...]
    untagged: int | None = None
    tagged: tuple[int, ...] = ()  # ascending
    isolated: bool = False
    tap: bool = False
    mac: str | None = None
    path: str | None = None
    end: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Management:
    """The bridge's machine in its own zone: a VLAN interface on the bridge, the bridge a tagged member of that VLAN."""

    interface: str
    vlan: int
    address: IPv4Interface
    gateway: IPv4Address
    resolver: IPv4Address


@dataclass(frozen=True, slots=True)
class Mirror:
    """Frames of ``sources``, both ways, copied to ``target``; names of ports of the same machine."""

    id: str
    spans: tuple[Span, ...]
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class VlanBridge:
    """A bridge that filters VLANs, on a hypervisor or a switch. ``platform``: ``debian-12``, ``debian-13``,
    ``routeros``."""

    id: str  # "bridge:hv"
    device: str  # "hv"
    spans: tuple[Span, ...]
    platform: str
    hypervisor: bool
    name: str  # the bridge's interface, at most 15 bytes
    ports: tuple[BridgePort, ...]  # by name
    management: Management | None
    mirrors: tuple[Mirror, ...] = ()
    user: str = ""
    timezone: str = "UTC"
    domain: str = ""
    chips: tuple[Chip, ...] = ()  # of a MikroTik whose model is named
