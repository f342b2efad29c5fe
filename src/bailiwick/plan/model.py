"""The plan: a table of contents of a network. Vendor-neutral, decided, printable, diffable.

Every node has an ``id`` made from its meaning, never from its position, and the ``spans`` of the lines that
asked for it. A target reads a plan and nothing else. Addresses are IPv4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from bailiwick.language.span import Span
from bailiwick.network.model import Match, WireguardPeer
from bailiwick.packets.interval import IntervalSet
from bailiwick.plan.guests import GuestMachine
from bailiwick.plan.switching import VlanBridge


class LinkKind(StrEnum):
    ETHERNET = "ethernet"
    """A port of the machine."""
    VLAN = "vlan"
    """An 802.1Q sub-interface of ``parent``."""
    BRIDGE = "bridge"
    """Several ports that carry one zone."""
    PPP = "ppp"
    """A PPPoE session over ``parent``."""
    TUNNEL = "tunnel"
    """A way out over the others. Without ``wireguard`` another program makes it; we only route to it and filter it."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One network interface of the router. ``place`` is the zone or uplink it stands for.

    A port that only carries VLANs, bridge members and the Ethernet under a PPPoE have no place: what enters
    there untagged is the outside's.
    """

    id: str  # "interface:lan", by the kernel's name
    name: str  # at most 15 bytes
    kind: LinkKind
    spans: tuple[Span, ...]
    place: str | None = None  # "zone:lan", "uplink:wan"
    parent: str | None = None  # interface name (VLAN, PPP)
    vlan: int | None = None
    members: tuple[str, ...] = ()  # interface names (BRIDGE)
    address: IPv4Interface | None = None
    dhcp: bool = False  # an uplink that asks for its address
    gateway: IPv4Address | None = None
    metric: int | None = None  # of the default route by this interface in the main table; None: no such route
    reaches: tuple[IPv4Address, ...] = ()
    """Who is named beyond this uplink, and would be looked for beyond the first one without a route of their own."""
    mtu: int | None = None
    isolate: bool = False  # bridge members may not talk to each other
    mac: str | None = None  # bind the name to the card
    path: str | None = None
    ppp_user: str = ""
    ppp_secret: str = ""  # the secret's name
    ppp_service: str = ""
    wireguard: WireguardPeer | None = None  # TUNNEL: the far end of one that is ours to make

    @property
    def foreign(self) -> bool:
        """A tunnel that another program makes, raises and gives its address."""
        return self.kind is LinkKind.TUNNEL and self.wireguard is None


@dataclass(frozen=True, slots=True)
class Exit:
    """A routing table of its own for addresses that leave by one uplink alone; ``uplink`` is its place.

    Fail-closed: the table ends in an ``unreachable`` default that needs no link, and so does the rule list.
    """

    id: str  # "exit:ivpn"
    spans: tuple[Span, ...]
    uplink: str
    interface: str
    table: int
    sources: IntervalSet
    resolver_port: int  # where this exit's own resolver instance listens on the zones' gateways


@dataclass(frozen=True, slots=True)
class Return:
    """The way back by one of several uplinks: answers to connections that came in by it leave by it, whatever the
    main table's default is. ``mark`` is on those connections and on their answers (connmark).

    ``beyond``: networks that other uplinks' ports are in, as far as the home file says. The main table leads there by
    those ports; who came in from there by this one is answered by this one.
    """

    id: str  # "return:lte"
    spans: tuple[Span, ...]
    uplink: str
    interface: str
    table: int
    mark: int
    beyond: tuple[IPv4Network, ...] = ()


class Hook(StrEnum):
    INPUT = "input"
    FORWARD = "forward"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Flow:
    """New connections that may be opened: on this hook, entering here, leaving there, and why.

    ``ingress`` and ``egress`` are places (``zone:…``, ``uplink:…``) that have an interface; ``egress`` is None on
    input, ``ingress`` None on output. ``translated`` flows are open to packets that a destination NAT brought
    and to no others. ``matches`` never overlap within one flow; flows may overlap each other.
    """

    id: str
    spans: tuple[Span, ...]
    hook: Hook
    ingress: str | None
    egress: str | None
    sources: IntervalSet
    destinations: IntervalSet
    matches: tuple[Match, ...]
    reason: str  # one plain sentence: "policy: lan -> services: any", "DHCP in zone lan"
    log: bool = False
    translated: bool = False
    expires: str | None = None  # ISO date, kept for listing; past ones are left out of the plan


@dataclass(frozen=True, slots=True)
class Translation:
    """Destination NAT. ``ingresses`` are places. The first that fits a packet translates it: the plan's tuple is
    in that order (the exits' DNS, forced DNS, forwards, hairpins).

    ``destinations`` None means: any address of the router itself that is not a zone's gateway (the uplink's
    changing address); a set is matched as it stands. ``except_destinations`` are left alone.
    """

    id: str
    spans: tuple[Span, ...]
    ingresses: tuple[str, ...]
    sources: IntervalSet
    destinations: IntervalSet | None
    match: Match  # one protocol, one port range
    to_address: IPv4Address | None  # None: the router itself (redirect)
    to_port: int | None  # None: unchanged; of a range, where its first port goes
    except_destinations: IntervalSet = field(default_factory=IntervalSet)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SourceTranslation:
    """Masquerade what leaves by ``egress`` (a place). ``hairpin`` only translates what a destination NAT brought
    and what came from the same place."""

    id: str
    spans: tuple[Span, ...]
    egress: str
    sources: IntervalSet
    hairpin: bool = False


@dataclass(frozen=True, slots=True)
class Hygiene:
    """Drops that no sentence asks for, and that come before every flow.

    ``bogons``: per uplink place, sources that never enter there (RFC 6890 minus the uplink's own addressing, plus
    our own subnets). ``martians``: per uplink place, destinations that never leave there, for forwarded packets
    and the router's own. Both minus what a sentence names (``modem``, hosts of the uplink).
    """

    bogons: Mapping[str, IntervalSet]
    martians: Mapping[str, IntervalSet]
    anti_spoof: tuple[str, ...]  # zone places whose sources must be their own subnet's
    dhcp_clients: tuple[str, ...] = ()
    """Uplink places where the router itself asks for its address: its UDP 68 -> 67 leaves before ``martians``."""


@dataclass(frozen=True, slots=True)
class Clamp:
    """Clamp the TCP MSS to the path's MTU both ways through this place (RFC 4459)."""

    id: str
    place: str


@dataclass(frozen=True, slots=True)
class Record:
    name: str  # fully qualified, no final dot
    address: IPv4Address
    reverse: bool  # this name is the address's canonical one
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Reservation:
    id: str
    host: str
    mac: str
    address: IPv4Address
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class DhcpServer:
    """DHCP in one zone. ``pool`` None: reservations alone."""

    id: str  # "dhcp:lan"
    spans: tuple[Span, ...]
    place: str
    interface: str
    subnet: IPv4Network
    pool: tuple[IPv4Address, IPv4Address] | None
    lease: int  # seconds
    router: IPv4Address
    resolver: IPv4Address
    domain: str
    ntp: tuple[IPv4Address, ...]
    options: Mapping[int, tuple[str, ...]]  # by number (RFC 2132), the value in its parts
    reservations: tuple[Reservation, ...]
    static_only: bool
    encoded: Mapping[int, bytes] = field(default_factory=dict)  # the options as a client hears them


@dataclass(frozen=True, slots=True)
class ResolverInstance:
    """One DNS resolver on the router: the main one (``exit`` None) or one for each exit.

    ``interfaces`` are those on which it answers. ``upstream_interface`` binds its own queries to the exit's
    interface. ``serves`` False: the main instance does DHCP only, because a host answers DNS.
    """

    id: str  # "resolver:main", "resolver:ivpn"
    spans: tuple[Span, ...]
    exit: str | None  # exit's id
    port: int
    interfaces: tuple[str, ...]
    addresses: tuple[IPv4Address, ...]  # the gateways it answers on
    upstreams: tuple[IPv4Address, ...]
    upstream_interface: str | None
    domain: str
    zone_domains: tuple[tuple[str, IPv4Network], ...]  # of the zones with a domain of their own
    records: tuple[Record, ...]
    cache: int
    rebind_protection: bool
    rebind_ok: tuple[str, ...]
    serves: bool = True


@dataclass(frozen=True, slots=True)
class TimeServer:
    """Whom the router asks for the time (RFC 5905): an address, or a name of the world."""

    id: str  # "ntp:time.example.net"
    spans: tuple[Span, ...]
    server: str


@dataclass(frozen=True, slots=True)
class DynamicName:
    """A public name that follows the uplink's address, kept by ``provider``; ``name`` is the owner's CNAME to it."""

    id: str  # "ddns:home.example.net", "ddns:mikrotik"
    spans: tuple[Span, ...]
    provider: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Fasttrack:
    """Packets of accepted TCP and UDP connections pass by the rules once both sides have spoken."""

    id: str  # "fasttrack"
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class LogServer:
    """Who hears the router's log as well: syslog in the form of RFC 3164, over UDP."""

    id: str  # "syslog:192.168.40.5"
    spans: tuple[Span, ...]
    address: IPv4Address
    port: int


@dataclass(frozen=True, slots=True)
class Setting:
    """One kernel setting. ``key`` as a path below /proc/sys, with slashes.

    ``optional``: the key is only there while some module is loaded, and without the module it is not needed.
    """

    key: str
    value: str
    reason: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a person enters on a device that we do not configure."""

    id: str  # "sheet:ap"
    device: str
    kind: str
    spans: tuple[Span, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    router: str
    platform: str
    timezone: str
    domain: str
    interfaces: tuple[Interface, ...]
    exits: tuple[Exit, ...]
    returns: tuple[Return, ...]
    flows: tuple[Flow, ...]
    translations: tuple[Translation, ...]
    masquerades: tuple[SourceTranslation, ...]
    hygiene: Hygiene
    clamps: tuple[Clamp, ...]
    rejects: tuple[str, ...]  # zone places whose refusals are answered
    dhcp: tuple[DhcpServer, ...]
    resolvers: tuple[ResolverInstance, ...]
    settings: tuple[Setting, ...]
    sheets: tuple[Sheet, ...]
    home_subnets: tuple[IPv4Network, ...]  # every zone's, ascending
    bridges: tuple[VlanBridge, ...] = ()  # by device
    guests: tuple[GuestMachine, ...] = ()  # by name
    time_servers: tuple[TimeServer, ...] = ()  # in the home file's order
    log_server: LogServer | None = None
    dynamic_names: tuple[DynamicName, ...] = ()  # in the home file's order
    fasttrack: Fasttrack | None = None

    def interface_of(self, place: str) -> Interface:
        """Raises KeyError when no interface stands for the place."""
        for interface in self.interfaces:
            if interface.place == place:
                return interface
        raise KeyError(place)
