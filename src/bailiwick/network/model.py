"""The nouns of one home, resolved: every name looked up, every address written out, nothing decided.

``plan`` and ``intent`` both start here and share nothing else. Addresses are IPv4; IPv6 will stand beside
them. Every noun keeps its ``id`` (from its kind and name, never its position) and its ``span``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from bailiwick.language.span import Span
from bailiwick.packets.interval import IntervalSet


class Place:
    """Where a packet enters or leaves the router. A zone's place is its id (``zone:lan``), an uplink's too."""

    ROUTER = "router"
    """The box itself: a packet that ends here or starts here."""
    INTERNET = "internet"
    """Beyond whichever uplink the routing gives the source; never a tunnel unless ``route-out`` says so."""
    OUTSIDE = "outside"
    """Whatever enters by no zone: every uplink, the port under a PPPoE, a tunnel, an interface nobody named."""
    UNKNOWN = "unknown"
    """An interface that nobody named. Packets have it; no side of a sentence does."""


class Addressing(StrEnum):
    DHCP = "dhcp"
    STATIC = "static"
    PPPOE = "pppoe"
    TUNNEL = "tunnel"


@dataclass(frozen=True, slots=True)
class WireguardPeer:
    """The provider's end of a WireGuard tunnel, and our key to it.

    ``host`` is its whole IPv4 address or a domain name. ``allowed`` are the networks that it may send from and is sent
    to, ``keepalive`` seconds between empty packets.
    """

    private_key: str  # the secret's name, never its value
    public_key: str  # base64
    host: str
    port: int  # UDP
    allowed: tuple[IPv4Network, ...]
    keepalive: int
    preshared_key: str = ""  # the secret's name; "": none

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of those that both ends know, or we alone."""
        return (self.private_key, self.preshared_key) if self.preshared_key else (self.private_key,)

    @property
    def endpoint(self) -> str:
        return f"{self.host}:{self.port}"


ROOMY = 30
"""A prefix as long as this has room for the router and its gateway alone."""


@dataclass(frozen=True, slots=True)
class Uplink:
    name: str
    id: str  # "uplink:wan"
    span: Span
    addressing: Addressing
    port: str  # the router's port, or the tunnel's interface name
    vlan: int | None = None
    address: IPv4Interface | None = None  # static and tunnel only: else it changes and stays symbolic
    gateway: IPv4Address | None = None
    modem: IPv4Address | None = None
    pppoe_user: str = ""
    pppoe_secret: str = ""  # the secret's name, never its value
    pppoe_service: str = ""
    mac: str | None = None
    mtu: int | None = None
    wireguard: WireguardPeer | None = None  # None: of a tunnel, another program makes it

    @property
    def tunnel(self) -> bool:
        return self.addressing is Addressing.TUNNEL


@dataclass(frozen=True, slots=True)
class DhcpScope:
    span: Span
    pool: tuple[IPv4Address, IPv4Address] | None  # None: reservations alone
    lease: int  # seconds
    static_only: bool
    options: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # number to the value's parts


@dataclass(frozen=True, slots=True)
class Zone:
    name: str
    id: str  # "zone:lan"
    span: Span
    subnet: IPv4Network
    gateway: IPv4Address  # the router's address in the zone
    vlan: int | None
    dhcp: DhcpScope | None
    isolate: bool
    domain: str
    reject: bool  # answer refusals from this zone, rather than silence
    force_dns: bool


@dataclass(frozen=True, slots=True)
class Leg:
    """One of a host's addresses, and where it is: a zone's id or an uplink's."""

    place: str
    address: IPv4Address
    mac: str | None
    reserved: bool  # DHCP hands this address to this MAC


@dataclass(frozen=True, slots=True)
class Passthrough:
    """A card of the hypervisor that a guest has for itself.

    ``bus`` is ``pci`` or ``usb``; ``address`` as lspci(8) (``0000:03:00.0``) or lsusb(8) (vendor and product,
    ``0b95:1790``) say it.
    """

    bus: str
    address: str


@dataclass(frozen=True, slots=True)
class Guest:
    """A virtual machine of a hypervisor: what it is given. ``memory`` in MiB, ``disk`` in GiB.

    ``display`` is ``none``, ``spice`` or ``vnc``, and ``listen`` the address that it is reached on. ``cards`` maps a
    port's name to the card of the hypervisor that stands for it; every other port is a tap on the bridge.
    """

    hypervisor: str  # its name
    span: Span
    cpus: int = 1
    memory: int = 1024
    disk: int = 8
    display: str = "none"
    listen: IPv4Address | None = None  # None: loopback
    cards: Mapping[str, Passthrough] = field(default_factory=dict)
    autostart: bool = True


@dataclass(frozen=True, slots=True)
class Host:
    """``forwards`` False: a host with several legs says that it passes nothing between them; ``because`` is why."""

    name: str
    id: str  # "host:cloud"
    span: Span
    legs: tuple[Leg, ...]
    aliases: tuple[str, ...] = ()
    serves: frozenset[str] = frozenset()  # "dns", "ntp"
    guest: Guest | None = None
    forwards: bool = True
    because: str = ""
    listens_on: tuple[str, str] | None = None  # machine and port of a mirror that ends at this host
    hears: tuple[str, ...] = ()  # of a guest that listens by a tap: the ports of its hypervisor that are copied to it


@dataclass(frozen=True, slots=True)
class RouterPort:
    """A port of a machine that we configure, be it the router's or a hypervisor's.

    ``mirrors`` are other ports of the same machine whose frames are copied here; such a port carries nothing else.
    """

    name: str
    span: Span
    untagged: str | None  # zone name
    tagged: tuple[str, ...]  # zone names, in the file's order of zones
    mac: str | None = None
    path: str | None = None
    mirrors: tuple[str, ...] = ()


class Copying(StrEnum):
    """How a MikroTik's switch chip copies a port's frames, by RouterOS' name for where the copies go or come from."""

    ONE_SOURCE = "mirror-source"
    """The frames of one port, both ways, to one other."""
    ONE_TARGET = "mirror-target"
    """Of any ports, either way, to one other (Prestera)."""
    EACH_WAY = "mirror-egress-target"
    """Of any ports; what enters goes to a target of each port's, what leaves to one of the chip's (88E6393X)."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A MikroTik's switch chip. ``copies`` None: it copies no frames."""

    switch: str  # what RouterOS calls it: "switch1"
    name: str  # "88E6393X"
    copies: Copying | None
    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """A machine with a VLAN-aware bridge that we configure: a hypervisor, or a switch.

    ``runs`` is ``debian-12``, ``debian-13`` or ``routeros``. ``zone`` is where it is managed. ``user`` runs a
    hypervisor's guests and owns their taps.
    """

    name: str
    id: str  # "host:hv", "device:sw"
    span: Span
    runs: str
    ports: tuple[RouterPort, ...]
    zone: str | None  # zone name
    address: IPv4Address | None
    hypervisor: bool
    user: str = "libvirt-qemu"
    bridge: str = "br0"
    chips: tuple[Chip, ...] = ()  # of a model that is named


@dataclass(frozen=True, slots=True)
class Link:
    """One cable: machine and port, twice; the end nearer to the router first."""

    a: tuple[str, str]
    b: tuple[str, str]
    span: Span


@dataclass(frozen=True, slots=True)
class Router:
    name: str
    id: str  # "host:gate"
    span: Span
    platform: str  # "debian-12", "debian-13", or "routeros-7.16" to "routeros-7.24"
    ports: tuple[RouterPort, ...]
    guest: Guest | None = None
    chips: tuple[Chip, ...] = ()  # of a MikroTik whose model is named

    @property
    def routeros(self) -> bool:
        return self.platform.startswith("routeros")


@dataclass(frozen=True, slots=True)
class Device:
    """Something we print a sheet for, unless it is among ``Network.switches`` too: then we configure it.

    Ports map a port's name to (untagged, tagged) zone names.
    """

    name: str
    id: str  # "device:ap"
    span: Span
    kind: str
    place: str | None
    address: IPv4Address | None
    mac: str | None
    ports: Mapping[str, tuple[str | None, tuple[str, ...]]]
    links: Mapping[str, str]  # port -> "router/eth0"
    ssids: Mapping[str, str]  # SSID -> zone name
    mirrors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # port -> ports whose frames it copies out


@dataclass(frozen=True, slots=True)
class Match:
    """What a service looks like on the wire. ``protocol`` None is every protocol (``any``).

    ``ports`` are destination ports (TCP, UDP), inclusive; ``icmp_type`` is for protocol 1. None is every value.
    ``protocols`` narrows a ``protocol`` of None to an inclusive range of protocol numbers. A plan has none of these:
    it names protocols one by one.
    """

    protocol: int | None = None
    ports: tuple[int, int] | None = None
    icmp_type: int | None = None
    protocols: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """Addresses in one place. ``place`` is a zone's id, an uplink's id, or a word of ``Place``."""

    place: str
    addresses: IntervalSet


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a sentence, resolved, its ``except`` already taken away. ``text`` is how it was written."""

    text: str
    extents: tuple[Extent, ...]


@dataclass(frozen=True, slots=True)
class Permission:
    """A sentence of the policy, a preset or ``tests``, with every name looked up.

    ``matches`` has no overlap with ``but`` taken into account: a packet is meant when some ``matches`` fits it
    and no ``but`` does.
    """

    id: str  # "policy:lan->services:any", from the words, sorted and stripped
    span: Span
    source: Party
    target: Party
    matches: tuple[Match, ...]
    but: tuple[Match, ...] = ()
    log: bool = False
    expires: date | None = None
    comment: str = ""
    origin: str = "policy"  # "policy", "preset:guest", "test"

    @property
    def text(self) -> str:
        return self.id.split(":", 1)[1]


@dataclass(frozen=True, slots=True)
class Forward:
    """A door from the uplinks to a host (destination NAT). ``ports`` as they arrive; the host sees them
    shifted so that the first is ``to_port``."""

    name: str
    id: str  # "forward:web"
    span: Span
    uplinks: tuple[str, ...]  # uplink ids, tunnels never among them
    sources: IntervalSet  # who may come in; every address when nobody was named
    matches: tuple[Match, ...]  # TCP and UDP only, ports always given
    host: str  # host name
    place: str  # the zone's id
    address: IPv4Address
    to_port: int | None  # None: unchanged
    names: tuple[str, ...] = ()
    log: bool = False
    comment: str = ""
    service: str = ""  # as written
    sources_text: str = ""  # as written; "" when nobody was named


@dataclass(frozen=True, slots=True)
class RouteOut:
    """Addresses of the inside whose way to the internet is this uplink and no other."""

    id: str  # "route-out:torrent"
    span: Span
    name: str
    uplink: str  # uplink id
    sources: tuple[Extent, ...]


@dataclass(frozen=True, slots=True)
class Resolver:
    """Who answers the home's DNS. ``host`` None is the router itself."""

    span: Span
    host: str | None
    place: str  # Place.ROUTER or the zone's id
    address: IPv4Address | None  # the host's; the router answers on each zone's gateway
    upstreams: tuple[IPv4Address, ...]
    records: Mapping[str, IPv4Address]  # every name of the home, hosts' included, fully qualified
    cache: int
    rebind_protection: bool
    rebind_ok: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """The time servers that the router asks: addresses, and domain names that are not the home's."""

    span: Span
    servers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DynamicName:
    """A name that follows the uplink's address. ``name`` is the owner's own, which leads to the provider's."""

    span: Span
    provider: str  # "mikrotik"
    name: str | None


@dataclass(frozen=True, slots=True)
class LogHost:
    """Who hears the router's log as well (RFC 3164, over UDP)."""

    span: Span
    address: IPv4Address
    port: int


@dataclass(frozen=True, slots=True)
class Network:
    name: str
    domain: str
    timezone: str
    span: Span
    router: Router
    uplinks: Mapping[str, Uplink]  # by name, in the file's order: the first that is no tunnel is the default
    zones: Mapping[str, Zone]
    hosts: Mapping[str, Host]  # the router is not among them
    devices: Mapping[str, Device]
    policy: tuple[Permission, ...]  # presets' sentences included
    forwards: tuple[Forward, ...]
    routes_out: tuple[RouteOut, ...]
    resolver: Resolver
    ntp: tuple[tuple[str, IPv4Address], ...]  # (place, address) of hosts that serve NTP
    dhcp_options: Mapping[int, tuple[str, ...]]  # for every zone: number to the value's parts
    deny: tuple[Permission, ...]
    accept: tuple[Permission, ...]
    groups: Mapping[str, tuple[Extent, ...]] = field(default_factory=dict)  # what is in no zone: ``Place.OUTSIDE``
    switches: Mapping[str, Switch] = field(default_factory=dict)  # by name: hypervisors, and switches that we configure
    links: tuple[Link, ...] = ()
    clock: Clock | None = None  # None: the home file names no time servers
    log_host: LogHost | None = None
    dynamic_names: tuple[DynamicName, ...] = ()
    fasttrack: Span | None = None  # the line that asks for it; None: every packet meets the rules

    def inside(self) -> IntervalSet:
        """Every address of every zone."""
        return IntervalSet.networks(z.subnet for z in self.zones.values())

    def options(self, zone: Zone) -> dict[int, tuple[str, ...]]:
        """DHCP options that the zone's clients are told, by number: its own stand before the home's."""
        return {**self.dhcp_options, **(zone.dhcp.options if zone.dhcp is not None else {})}

    def exits(self) -> tuple[Uplink, ...]:
        """The uplinks that carry the internet by default: all that are no tunnel."""
        return tuple(u for u in self.uplinks.values() if not u.tunnel)

    def beyond(self, uplink: str) -> tuple[IPv4Network, ...]:
        """Networks that other exits' ports are in, as far as the home file says, if anybody but the gateway has room
        there; not what is this one's (an id) as well."""
        near = {u.id: u.address.network for u in self.exits() if u.address}
        own = near.pop(uplink, None)
        roomy = {one for one in near.values() if one.prefixlen < ROOMY}
        return tuple(sorted(one for one in roomy if own is None or not own.overlaps(one)))
