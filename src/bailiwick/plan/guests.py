"""Virtual machines, decided: what each is given, and which port of its hypervisor each of its cards is wired to."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.language.span import Span
from bailiwick.network.model import Passthrough


@dataclass(frozen=True, slots=True)
class Card:
    """One network card of a guest: a tap of the hypervisor, or a card passed through (then ``tap`` is empty)."""

    name: str  # the port's name in the guest, "eth0"
    mac: str | None  # of a tap's other end; made from the guest's name where the home file says none
    tap: str = ""  # the hypervisor's interface
    passthrough: Passthrough | None = None
    address: str = ""  # with its prefix length; "" where the guest asks by DHCP, and for the router's and a listener's
    listens: bool = False  # hears what a mirror copies, and has no address


@dataclass(frozen=True, slots=True)
class GuestMachine:
    """``memory`` in MiB, ``disk`` in GiB. ``display`` is ``none``, ``spice`` or ``vnc``."""

    id: str  # "guest:cloud"
    name: str
    spans: tuple[Span, ...]
    hypervisor: str
    platform: str
    router: bool  # the home's router: its seed installs what the router's files need
    cpus: int
    memory: int
    disk: int
    display: str
    listen: IPv4Address  # where the display is reached
    autostart: bool
    cards: tuple[Card, ...]
    address: str = ""  # with its prefix length, of an ordinary guest; "" for the router, or one that asks by DHCP
    gateway: IPv4Address | None = None
    resolver: IPv4Address | None = None
    timezone: str = "UTC"
    domain: str = ""
