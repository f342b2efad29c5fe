"""The shape of a home file: which keys stand where, what each means, what each may hold.

Every leaf arrives as raw text and is read by the scalar type that stands here (see ``scalars``), so what
YAML would make of ``no``, ``0755`` or ``12:34:56`` never matters. Names are not looked up here: that is
``network``'s work. Each field's description is the sentence that the reference page prints.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from bailiwick.language.scalars import (
    AddressText,
    BridgeName,
    CardText,
    Cidr,
    CidrList,
    Count,
    Disk,
    DomainName,
    Duration,
    EndpointText,
    Flag,
    HypervisorText,
    InterfaceName,
    Label,
    Mac,
    Memory,
    NameList,
    OptionName,
    PortName,
    PortText,
    PublicKey,
    RangeText,
    SecretText,
    ServerText,
    Text,
    Timezone,
    VlanId,
)
from bailiwick.language.sentence import Sentence


def _hyphens(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_hyphens, populate_by_name=False)

    short_text: ClassVar[str | None] = None
    """The key that text in place of the mapping stands for."""
    short_path: ClassVar[str | None] = None
    """The key that text with a slash stands for."""
    short_list: ClassVar[str | None] = None
    """The key that a list stands for."""


class Platform(StrEnum):
    DEBIAN_12 = "debian-12"
    DEBIAN_13 = "debian-13"


class HostPlatform(StrEnum):
    DEBIAN_12 = "debian-12"
    DEBIAN_13 = "debian-13"
    ROUTEROS_7_16 = "routeros-7.16"
    ROUTEROS_7_17 = "routeros-7.17"
    ROUTEROS_7_18 = "routeros-7.18"
    ROUTEROS_7_19 = "routeros-7.19"
    ROUTEROS_7_20 = "routeros-7.20"
    ROUTEROS_7_21 = "routeros-7.21"
    ROUTEROS_7_22 = "routeros-7.22"
    ROUTEROS_7_23 = "routeros-7.23"
    ROUTEROS_7_24 = "routeros-7.24"


class Preset(StrEnum):
    GUEST = "guest"
    IOT = "iot"
    DMZ = "dmz"
    MGMT = "mgmt"


class Refusal(StrEnum):
    DROP = "drop"
    REJECT = "reject"


class Pppoe(Node):
    user: Text = Field(description="The name that the provider gave for the login, as `me@isp.example`.")
    password: SecretText = Field(description="The password, as `!secret NAME`; never in the file itself.")
    service: Text | None = Field(None, description="The PPPoE service name, where the provider asks for one.")


class Tunnel(Node):
    address: AddressText = Field(
        description="The address inside the tunnel as the provider gave it, say `172.24.18.6/32`."
    )
    mtu: Count | None = Field(None, description="The tunnel's MTU in bytes, as `1420`.")


class Peer(Node):
    public_key: PublicKey = Field(description="The provider's key: `PublicKey` of its file.")
    endpoint: EndpointText = Field(
        description="The provider's server, as `de1.vpn.example:51820`: met by a usual uplink, never by a tunnel."
    )
    preshared_key: SecretText | None = Field(
        None, description="The key beside the others that some providers give, as `!secret NAME`."
    )
    allowed_addresses: CidrList = Field(
        (IPv4Network("0.0.0.0/0"),), description="What may come and go by it: all of the internet, for a way out."
    )
    keepalive: Duration = Field(
        Duration.parse("25s"), description="How often an empty packet keeps the way back open, as `25s`."
    )


class Wireguard(Node):
    address: AddressText = Field(
        description="Our address inside the tunnel as the provider gave it, say `172.24.18.6/32`."
    )
    private_key: SecretText = Field(description="Our private key, as `!secret NAME`; never in the file itself.")
    peer: Peer = Field(description="The provider's end.")
    mtu: Count = Field(1420, description="The tunnel's MTU in bytes: at least 60 less than its way to the server has.")


class Uplink(Node):
    interface: PortText = Field(description="The router's port, as `router/eth1` or `eth1`; of a tunnel, its name.")
    vlan: VlanId | None = Field(None, description="The VLAN on which the provider delivers, where it tags.")
    address: AddressText | None = Field(
        None, description="`dhcp`, or the static address with its prefix, as `203.0.113.2/30`."
    )
    gateway: AddressText | None = Field(
        None, description="The provider's router, for a static address, as `203.0.113.1`."
    )
    pppoe: Pppoe | None = Field(None, description="A login over PPPoE instead of an address.")
    tunnel: Tunnel | None = Field(
        None, description="A tunnel interface that another program brings up; used by `route-out` alone."
    )
    wireguard: Wireguard | None = Field(
        None, description="A WireGuard tunnel to a provider, under the interface's name; used by `route-out` alone."
    )
    modem: AddressText | None = Field(
        None, description="The address of the modem's or ISP box's own page, as `192.168.1.1`."
    )
    mac: Mac | None = Field(None, description="The port's hardware address: the name then follows the card.")
    mtu: Count | None = Field(None, description="The MTU in bytes where it is not the usual one, as `1492`.")


class Dhcp(Node):
    range: RangeText | None = Field(None, description="The pool, as `.100-.199` or two whole addresses.")
    lease: Duration = Field(Duration.parse("12h"), description="How long a lease holds, as `12h`.")
    static_only: Flag = Field(False, description="Answer only hosts with a reservation.")
    options: dict[OptionName, Text] = Field(
        default_factory=dict, description="DHCP options for this zone: a name or number, and its value."
    )


class Zone(Node):
    vlan: VlanId | None = Field(None, description="The VLAN id on trunks, 2 to 4094.")
    subnet: Cidr = Field(description="The zone's IPv4 network, as `192.168.40.0/24`.")
    gateway: AddressText | None = Field(
        None, description="The router's address in the zone, as `.254`; the first one if unsaid."
    )
    dhcp: Dhcp | None = Field(None, description="Serve DHCP here.")
    isolate: Flag = Field(False, description="Clients of the zone may not reach each other.")
    domain: DomainName | None = Field(None, description="The zone's DNS domain; the home's own if unsaid.")
    preset: Preset | None = Field(
        None, description="A ready set of sentences; `bailiwick plan` shows them written out."
    )
    refuse: Refusal = Field(Refusal.DROP, description="How the router answers what this zone may not do.")
    force_dns: Flag | None = Field(
        None, description="Send every DNS query of the zone to the home's own resolver; overrides `dns: force`."
    )


class Leg(Node):
    address: AddressText = Field(description="The host's address in that zone.")
    mac: Mac | None = Field(None, description="The hardware address of that leg.")


class Port(Node):
    """What a port of the router or of a hypervisor leads to."""

    short_text = "zone"
    short_path = "link"
    short_list = "trunk"

    zone: Label | None = Field(None, description="An access port of this zone, untagged.")
    trunk: NameList = Field((), description="The zones that the port carries tagged.")
    native: Label | None = Field(None, description="The zone that a trunk carries untagged.")
    link: PortText | None = Field(
        None, description="The port at the other end, as `switch/1`; VLANs follow from there."
    )
    mac: Mac | None = Field(None, description="The port's hardware address: the name then follows the card.")
    path: Text | None = Field(None, description="The port's place in the machine, udev's ID_PATH: `pci-0000:01:00.0`.")
    mirror: NameList = Field(
        (), description="Ports of the same machine whose frames are copied out here; it then carries nothing else."
    )


class Display(StrEnum):
    NONE = "none"
    SPICE = "spice"
    VNC = "vnc"


class Vm(Node):
    """What a guest of a hypervisor is given."""

    cpus: Count = Field(1, description="Virtual processors.")
    memory: Memory = Field(1024, description="Memory, as `2G` or a number of MiB.")
    disk: Disk = Field(8, description="The disk's size, as `20G` or a number of GiB; there is no swap on it.")
    display: Display = Field(Display.NONE, description="A screen to look at from elsewhere.")
    listen: AddressText | None = Field(
        None, description="The hypervisor's address on which the display is reached; its loopback if unsaid."
    )
    cards: dict[InterfaceName, CardText] = Field(
        default_factory=dict,
        description="Cards of the hypervisor that the guest has for itself, by its port: `{eth0: usb 0b95:1790}`.",
    )
    autostart: Flag = Field(True, description="Start the guest with its hypervisor.")
    because: Text | None = Field(None, description="Why the display is reached on every address (`listen: 0.0.0.0`).")


class Model(StrEnum):
    """MikroTik's devices whose switch chip is known, by the names that their owners call them."""

    RB5009 = "rb5009"
    L009 = "l009"
    RB4011 = "rb4011"
    RB3011 = "rb3011"
    HEX = "hex"
    HEX_S = "hex-s"
    HEX_REFRESH = "hex-refresh"
    HAP_AC2 = "hap-ac2"
    HAP_AC3 = "hap-ac3"
    HAP_AX_LITE = "hap-ax-lite"
    HAP_AX2 = "hap-ax2"
    HAP_AX3 = "hap-ax3"
    CCR2004_16G = "ccr2004-16g"
    CCR2116 = "ccr2116"
    CRS310_8G = "crs310-8g"
    CRS326_24G = "crs326-24g"
    CRS328_24P = "crs328-24p"


class Host(Node):
    router: Literal["linux", "routeros"] | None = Field(None, description="This host is the router, and what it runs.")
    hypervisor: HypervisorText | None = Field(
        None, description="This host runs virtual machines, on a VLAN-aware bridge that we set up: `linux`."
    )
    bridge: BridgeName | None = Field(None, description="A hypervisor's bridge where it is not `br0`.")
    user: Label | None = Field(
        None, description="The user who runs a hypervisor's guests and owns their taps; `libvirt-qemu` if unsaid."
    )
    guest_of: Label | None = Field(None, description="The hypervisor that the host is a virtual machine of.")
    vm: Vm | None = Field(None, description="What the virtual machine is given.")
    platform: HostPlatform | None = Field(
        None, description="The host's own platform, where it is not the home's; `routeros-7.20` for such a router."
    )
    model: Model | None = Field(None, description="A MikroTik's model, for what its switch chip does (`mirror`).")
    ports: dict[InterfaceName, Port] = Field(
        default_factory=dict,
        description="The router's or hypervisor's ports: a zone, a list of zones (a trunk), or `device/port`.",
    )
    zone: Label | None = Field(None, description="The zone where the host lives.")
    uplink: Label | None = Field(None, description="The uplink beyond which the host lives, on the provider's side.")
    address: AddressText | None = Field(None, description="The host's address; `.5` is short for the zone's.")
    mac: Mac | None = Field(None, description="The hardware address; with DHCP in the zone it makes a reservation.")
    reservation: Flag | None = Field(None, description="Whether DHCP hands the address out; yes if there is a MAC.")
    aliases: NameList = Field((), description="Further DNS names, as `[files]`.")
    legs: dict[Label, Leg] = Field(
        default_factory=dict, description="For a host in several zones: its address in each."
    )
    forwards: Flag = Field(True, description="For a host in several zones: whether it passes packets between them.")
    because: Text | None = Field(None, description="Why it does not, as `ip_forward is 0`; `forwards: no` asks for it.")
    listens_on: PortText | None = Field(
        None, description="The port where the host hears what a mirror copies, as `hv/ens4`."
    )
    serves: NameList = Field((), description="What the host serves for the whole home: `dns`, `ntp`.")


class DevicePort(Node):
    short_text = "zone"
    short_path = "link"
    short_list = "trunk"

    zone: Label | None = Field(None, description="An access port of this zone.")
    trunk: NameList = Field((), description="Zones carried tagged.")
    native: Label | None = Field(None, description="The zone that a trunk carries untagged.")
    link: PortText | None = Field(None, description="The port at the other end, as `router/eth0`.")
    mirror: NameList = Field(
        (), description="Ports of the same device whose frames are copied out here; it then carries nothing else."
    )


class DeviceKind(StrEnum):
    ACCESS_POINT = "access-point"
    SWITCH = "switch"
    ISP_BOX = "isp-box"


class Device(Node):
    """Something with a configuration page of its own; we configure it only where it says what it ``runs``."""

    kind: DeviceKind = Field(description="`access-point`, `switch` or `isp-box`.")
    runs: Literal["routeros"] | None = Field(None, description="A switch that we configure, and what it runs.")
    model: Model | None = Field(None, description="Its model, for what its switch chip does (`mirror`).")
    zone: Label | None = Field(None, description="The zone of the device's own address.")
    address: AddressText | None = Field(None, description="The device's own address.")
    mac: Mac | None = Field(None, description="The device's hardware address.")
    uplink: Label | None = Field(None, description="For the ISP's box: the uplink that it stands before.")
    ports: dict[PortName, DevicePort] = Field(
        default_factory=dict, description="Its ports: a zone, zones, or `host/port`."
    )
    ssids: dict[Text, Label] = Field(
        default_factory=dict, description="Its wireless networks, and the zone of each, as `{visitors: guest}`."
    )


class Group(Node):
    short_text = "members"
    short_path = "members"
    short_list = "members"

    members: NameList = Field(
        (), description="Hosts, zones, groups, addresses, ranges and networks: `[cloud, 10.1.0.0/16]`."
    )
    file: Text | None = Field(
        None, description="A file with one address or network a line, as `list.txt`, beside the home file."
    )


class Forward(Node):
    service: Text = Field(description="What arrives at the uplink: a service's name, or `tcp/8080`, `udp/5000-5010`.")
    to: Label = Field(description="The host that answers.")
    port: Text | None = Field(
        None, description="The port on the host where it is another one, as `8443`; the first of a range."
    )
    from_: NameList = Field(
        (), alias="from", description="Who may come in, as `cloudflare`: groups; everybody if unsaid."
    )
    uplink: Label | None = Field(None, description="The uplink on which it arrives; all but tunnels if unsaid.")
    names: NameList = Field(
        (), description="Public DNS names that the home's own resolver answers with the host, as `[api.example.com]`."
    )
    log: Flag = Field(False, description="Log each new connection.")
    comment: Text = Field("", description="A word on why.")


class Dns(Node):
    upstreams: tuple[AddressText, ...] = Field(
        (), description="The resolvers that answer for the rest of the world, as `[9.9.9.9]`."
    )
    records: dict[DomainName, AddressText] = Field(
        default_factory=dict, description="Further names of the home: a name and an address or a host."
    )
    cache: Count = Field(1000, description="How many answers are kept.")
    rebind_protection: Flag = Field(True, description="Refuse private addresses in answers from the world.")
    rebind_ok: NameList = Field((), description="Domains that may answer with private addresses, as `plex.direct`.")
    force: NameList = Field((), description="Zones whose every DNS query goes to the home's own resolver; or `all`.")


class Ntp(Node):
    upstreams: tuple[ServerText, ...] = Field(
        (),
        description="The time servers that the router asks: `[time.example.net, 9.9.9.9]`; "
        "the home's hosts that serve `ntp` if unsaid.",
    )


class Syslog(Node):
    short_text = "to"

    to: ServerText = Field(
        description="The host that keeps the log, or its address: in a zone, as it comes unencrypted."
    )
    port: Count = Field(514, description="The UDP port that it listens on.")


class DdnsProvider(StrEnum):
    MIKROTIK = "mikrotik"


class Ddns(Node):
    provider: DdnsProvider = Field(description="Who keeps the name: a MikroTik has one in its vendor's cloud.")
    name: DomainName | None = Field(
        None, description="A name of your own that leads there, as `home.example.net`: `plan` says which CNAME to set."
    )


class DhcpDefaults(Node):
    options: dict[OptionName, Text] = Field(
        default_factory=dict, description="DHCP options for every zone, as `{ntp-server: 192.168.40.1}`."
    )


class Tests(Node):
    deny: tuple[Sentence, ...] = Field((), description="Sentences of which no packet at all may pass.")
    accept: tuple[Sentence, ...] = Field((), description="Sentences of which every packet must pass.")


class Home(Node):
    """One home network."""

    name: Label = Field(description="The home's name.")
    domain: DomainName = Field("home.arpa", description="The local DNS domain (RFC 8375).")
    timezone: Timezone = Field("UTC", description="The time zone, as `Europe/Paris`.")
    platform: Platform = Field(Platform.DEBIAN_13, description="The Debian release of the machines we configure.")
    ipv6: Annotated[Literal["off"], Field(description="IPv6; only `off` for now, and then closed everywhere.")] = "off"
    include: tuple[Text, ...] = Field((), description="Further files, read as if they stood here: `[zones.yaml]`.")
    uplinks: dict[Label, Uplink] = Field(default_factory=dict, description="The ways out, the usual one first.")
    zones: dict[Label, Zone] = Field(default_factory=dict, description="The networks inside.")
    hosts: dict[Label, Host] = Field(default_factory=dict, description="The machines that have a name.")
    devices: dict[Label, Device] = Field(
        default_factory=dict, description="Switches, access points, and the ISP's box."
    )
    groups: dict[Label, Group] = Field(default_factory=dict, description="Names for several hosts or networks.")
    services: dict[Label, NameList] = Field(
        default_factory=dict, description="Own services, as `tcp/32400` or a list; other services may be named."
    )
    policy: tuple[Sentence, ...] = Field((), description="Who may open connections to whom; all else is dropped.")
    forward: dict[Label, Forward] = Field(default_factory=dict, description="Doors from the uplink to a host.")
    route_out: dict[Label, Label] = Field(
        default_factory=dict,
        description="A host or zone, and the only uplink by which it reaches the internet: `{torrent: ivpn}`.",
    )
    dns: Dns = Field(default_factory=Dns, description="The home's resolver.")
    dhcp: DhcpDefaults = Field(default_factory=DhcpDefaults, description="What every DHCP zone shares.")
    fasttrack: Flag = Field(
        False,
        description="Packets of accepted TCP and UDP connections pass by the router's rules, which is faster; not "
        "where `route-out` or a second uplink needs the rules.",
    )
    ddns: tuple[Ddns, ...] = Field((), description="Public names that follow the uplink's changing address.")
    ntp: Ntp = Field(default_factory=Ntp, description="The router's clock.")
    syslog: Syslog | None = Field(None, description="Where the router sends its log as well, as `nas`.")
    tests: Tests = Field(default_factory=Tests, description="Claims that hold, or `check` fails.")
