"""Devices and links as configurations describe them: the one form that every reader writes and every analysis reads.

Nothing vendor-specific lives above the readers. What a reader cannot decide is an ``Unknown``: a test that may hold
or not, a verdict that may be any. Nothing is left out in silence (see ``tally``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

from bailiwick.dataplane.handouts import Handouts
from bailiwick.dataplane.rules import Table
from bailiwick.dataplane.tally import Line, Tally

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class TunnelPeer:
    """Who is at the far end of a WireGuard tunnel (wg(8)). ``endpoint`` is ``host:port``, "" where it is unsaid;
    ``allowed`` what it may send and is sent; ``preshared``: both ends share a key beside their own."""

    public_key: str
    endpoint: str = ""
    allowed: frozenset[Network] = frozenset()
    preshared: bool = False
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A WireGuard tunnel as the device makes it. ``mark`` is on what it sends to its peers itself; ``keyed``: the
    configuration gives it a private key, or says in which file (``key_file``) one is."""

    peers: tuple[TunnelPeer, ...] = ()
    mark: int = 0
    keyed: bool = True
    key_file: str = ""


@dataclass(frozen=True, slots=True)
class Interface:
    """``kind``: ``ethernet``, ``vlan``, ``bridge``, ``ppp``, ``tunnel``, ``loopback``, ``docker``, ``unknown``…

    ``parent`` is what a VLAN or PPP session runs over; ``master`` the bridge that it is a port of. ``dynamic``: its
    address comes from outside (DHCP, PPP), so it is a symbol. ``tagged`` and ``untagged`` are a bridge port's VLANs;
    ``isolated``: the bridge passes nothing from it to another isolated port.

    Of a bridge that filters: frames without a tag come in as ``untagged``, and those of that VLAN leave without one
    unless it is in ``tagged`` too. ``bare`` are further VLANs whose frames leave without a tag. ``admits`` is ``all``,
    ``tagged`` or ``untagged``: which frames the port takes at all; ``lax``: of whichever VLAN, its own or not. Between
    ports of one ``horizon`` nothing passes. ``mac`` and ``path`` (its place on the bus, as udev calls it) are what a
    card must have to get this name. ``line`` is where it is made; ``vlan_line`` where its VLANs are given, and
    ``vlan_lines`` where each is. ``tunnel`` is what is said of a WireGuard tunnel, where the device makes it.
    """

    name: str
    kind: str = "unknown"
    addresses: tuple[IPv4Interface | IPv6Interface, ...] = ()
    dynamic: bool = False
    parent: str | None = None
    vlan: int | None = None
    master: str | None = None
    up: bool = True
    line: Line | None = None
    tagged: frozenset[int] = frozenset()
    untagged: int | None = None
    aliases: tuple[str, ...] = ()
    isolated: bool = False
    bare: frozenset[int] = frozenset()
    admits: str = "all"
    lax: bool = False
    horizon: str = ""
    mac: str | None = None
    path: str | None = None
    vlan_line: Line | None = None
    vlan_lines: tuple[tuple[int, Line], ...] = ()
    tunnel: Tunnel | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """``kind``: ``unicast``, ``unreachable``, ``blackhole``, ``prohibit``, ``throw``, ``local``, ``broadcast``.

    ``lasting`` is False where it stands and falls with its interface (a default route over PPP or DHCP): an analysis
    of "never" looks at the network without it too. ``prefix`` None is "learned, unknown which" and may be any.
    ``unsure``: why it may not hold for every packet of its prefix (a source, a service class); empty: it does.
    """

    prefix: Network | None
    kind: str = "unicast"
    interface: str | None = None
    gateway: Address | None = None
    metric: int = 0
    table: str = "main"
    lasting: bool = True
    line: Line | None = None
    unsure: str = ""


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """``action``: ``lookup`` (then ``table``), ``unreachable``, ``blackhole``, ``prohibit``, ``nop``.

    Interfaces are names; ``iif`` ``lo`` is the router's own traffic. ``mark`` is (value, mask).
    ``suppress_prefix``: a route found with at most that prefix length does not count (ip-rule(8)). ``family`` 4 or 6:
    only these packets; None: as its networks say, and without any, both.

    ``unsure``: what else it asks for that nobody here knows (a port, a user); where this says something, the rule may
    match or not.
    """

    priority: int
    action: str = "lookup"
    table: str = "main"
    source: Network | None = None
    destination: Network | None = None
    iif: str | None = None
    oif: str | None = None
    mark: tuple[int, int] | None = None
    suppress_prefix: int | None = None
    inverted: bool = False
    line: Line | None = None
    family: int | None = None
    unsure: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """Routes of every table, and the rules that choose among the tables. No rules: the kernel's three.

    ``known`` is False where the configuration says nothing of routes (a bare dump of a firewall): then a packet may
    leave by any interface.
    """

    routes: tuple[Route, ...] = ()
    rules: tuple[RoutingRule, ...] = ()
    forwarding: bool = True
    known: bool = True


@dataclass(frozen=True, slots=True)
class Device:
    """``platform`` is ``linux`` or ``routeros``. ``settings`` are sysctls by dotted name, or menus of RouterOS."""

    name: str
    platform: str = "linux"
    interfaces: Mapping[str, Interface] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    routing: Routing = field(default_factory=Routing)
    settings: Mapping[str, str] = field(default_factory=dict)
    listeners: tuple[Listener, ...] = ()
    tally: Tally = field(default_factory=Tally)
    handouts: Handouts | None = None
    """What clients are given and told; None where no reader looked."""
    imported: tuple[tuple[Line, str], ...] = ()
    """Of a script: what goes wrong while it is imported, or when it is imported again."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A service of the device itself. ``interfaces`` None is every one; ``sources`` whom it answers, None everybody."""

    name: str
    protocol: int
    port: int
    interfaces: frozenset[str] | None = None
    line: Line | None = None
    sources: tuple[Network, ...] | None = None
    upstreams: tuple[tuple[str, str | None], ...] = ()
    """A resolver's: whom it asks, and the interface that it asks by where that is bound."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two ends of one cable (or virtual one): (device, interface) twice."""

    a: tuple[str, str]
    b: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wiring:
    """All devices by name, and the links between them."""

    devices: Mapping[str, Device]
    links: tuple[Link, ...] = ()
