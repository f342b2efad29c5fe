"""Where everything stands: which station is wired to which of the router's interfaces, holding which addresses.

Pure: computed from the network, the plan and the addresses that the probes aim at, before anything is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from bailiwick.network.model import Addressing, Network, Place, Uplink, Zone
from bailiwick.packets.interval import IntervalSet
from bailiwick.plan.model import Interface, LinkKind, Plan
from bailiwick.plan.switching import BridgePort
from bailiwick.twin.aim.subnets import machines

ROUTER = "router"
SWITCH = "switch"
STRANGER = "stranger0"
"""A card that somebody plugged into the router, and that nobody named: where every interface has a place."""


@dataclass(frozen=True, slots=True)
class Station:
    """One machine of the stage, a namespace of its own. ``everything``: it answers for every address there is.

    ``wired`` is the port of a switch or hypervisor (device, port) that it is plugged into where the stage has those;
    else it stands on the wire of the router's interface.
    """

    name: str  # "zone.lan.a"
    place: str  # "zone:lan", "uplink:wan", "unknown"
    interface: str  # the router's interface that it is wired to
    mac: str
    addresses: tuple[IPv4Interface, ...] = ()
    gateway: IPv4Address | None = None
    everything: bool = False
    wired: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Plug:
    """A port of a switch or hypervisor, and the station that is plugged in there."""

    device: str
    port: BridgePort
    station: Station


@dataclass(frozen=True, slots=True)
class Cable:
    """From a port of a switch or hypervisor to one of the router's, or of another switch: device and port, twice."""

    near: tuple[str, str]
    far: tuple[str, str]
    tap: bool  # the near end is a tap: the far one is a card of a guest


@dataclass(frozen=True, slots=True)
class Client:
    """A machine of a zone that asks for its address. ``reserved`` is the one kept for its card."""

    station: Station
    zone: str  # zone name
    reserved: IPv4Address | None


@dataclass(frozen=True, slots=True)
class Line:
    """How one uplink is addressed on the stage: what the provider would decide."""

    uplink: str  # uplink id
    interface: str
    address: IPv4Interface  # the router's
    far: IPv4Address  # the provider's end: gateway, DHCP server, modem page


@dataclass(frozen=True, slots=True)
class Layout:
    stations: tuple[Station, ...]
    lines: tuple[Line, ...]
    stand_ins: tuple[tuple[Interface, str], ...]  # what the kernel lacks, and the kind of link in its place
    clients: tuple[Client, ...] = ()
    plugs: tuple[Plug, ...] = ()
    cables: tuple[Cable, ...] = ()
    tunnels: frozenset[str] = frozenset()
    """Uplink ids of the tunnels, stood in for or not."""
    foreign: frozenset[str] = frozenset()
    """Of those, the ones that another program makes and gives their addresses; all others' are networkd's to give."""
    userspace: bool = False
    """Whether a program is the stage's WireGuard, as the kernel has none."""

    def real(
        self,
        *,
        vlans: bool,
        filtering: bool,
        sessions: bool = False,
        tunnels: bool = False,
        userspace: bool = False,
    ) -> Layout:
        """The same on a kernel with 802.1Q, where networkd makes the VLANs itself; without the switches where bridges
        cannot filter VLANs; and with ``sessions`` of PPPoE and ``tunnels`` of WireGuard where the stage can have
        those, by the kernel or in ``userspace``."""
        able = {LinkKind.VLAN: vlans, LinkKind.PPP: sessions, LinkKind.TUNNEL: tunnels}
        kept = tuple(one for one in self.stand_ins if not able[one[0].kind])
        if vlans and filtering:
            return replace(self, stand_ins=kept, userspace=userspace)
        bare = tuple(replace(station, wired=None) for station in self.stations)
        return replace(self, stations=bare, stand_ins=kept, plugs=(), cables=(), userspace=userspace)

    def at(self, place: str) -> tuple[Station, ...]:
        return tuple(station for station in self.stations if station.place == place)

    def line(self, uplink: str) -> Line:
        """Raises KeyError."""
        for line in self.lines:
            if line.uplink == uplink:
                return line
        raise KeyError(uplink)


def mac(number: int) -> str:
    """A locally administered address (IEEE 802, second-lowest bit of the first octet)."""
    return "02:b4:" + ":".join(f"{byte:02x}" for byte in number.to_bytes(4, "big"))


def _public(number: int) -> IPv4Network:
    """A public /24 for an uplink of which the home file gives no address. Nothing of it leaves the stage."""
    return IPv4Network((int(IPv4Address("5.39.0.0")) + (number << 8), 24))


def _around(modem: IPv4Address, avoid: Iterable[IPv4Network]) -> IPv4Network:
    """The widest subnet up to a /24 around the modem that touches none of the home's."""
    avoided = tuple(avoid)
    for prefix in range(24, 30):
        subnet = IPv4Network((modem, prefix), strict=False)
        if not any(subnet.overlaps(other) for other in avoided):
            return subnet
    return IPv4Network((modem, 29), strict=False)


def _free(subnet: IPv4Network, taken: set[IPv4Address]) -> IPv4Address:
    address = next(host for host in reversed(list(subnet.hosts())) if host not in taken)
    taken.add(address)
    return address


def _peer(address: IPv4Interface, taken: set[IPv4Address]) -> IPv4Address | None:
    """Another machine of the address's subnet; None where there is room for no other."""
    others = machines(address.network) - IntervalSet.addresses([address.ip, *taken])
    return IPv4Address(others.first()) if others else None


def line_of(uplink: Uplink, interface: str, number: int, network: Network) -> Line:
    """What this uplink's provider gives: the declared address, or one that the stage decides."""
    named = {leg.address for host in network.hosts.values() for leg in host.legs if leg.place == uplink.id}
    if uplink.addressing is Addressing.TUNNEL and uplink.address:
        far = _peer(uplink.address, named) or IPv4Address("5.40.0.1") + number
        return Line(uplink.id, interface, uplink.address, far)
    if uplink.address and uplink.gateway:
        return Line(uplink.id, interface, uplink.address, uplink.gateway)
    homes = [zone.subnet for zone in network.zones.values()]
    behind_modem = uplink.modem is not None and uplink.addressing is Addressing.DHCP
    subnet = _around(uplink.modem, homes) if behind_modem and uplink.modem else _public(number)
    far = uplink.modem if behind_modem and uplink.modem else subnet[1]
    named.add(far)
    # A PPP link has two ends and no subnet (RFC 1661).
    length = 32 if uplink.addressing is Addressing.PPPOE else subnet.prefixlen
    return Line(uplink.id, interface, IPv4Interface((_free(subnet, named), length)), far)


def lines_of(network: Network, plan: Plan) -> tuple[Line, ...]:
    """One for each uplink, in the file's order."""
    return tuple(
        line_of(uplink, plan.interface_of(uplink.id).name, number, network)
        for number, uplink in enumerate(network.uplinks.values())
    )


def _leaves(interface: Interface) -> tuple[str, ...]:
    """The interfaces on whose far side machines of the place stand."""
    return interface.members or (interface.name,)


def lay_out(network: Network, plan: Plan, held: dict[str, set[IPv4Address]]) -> Layout:
    """Two stations for each zone, two beyond each uplink, one on each port or VLAN that stands for no place.

    ``held`` gives the addresses that probes aim at, by place; they are dealt out over the place's stations.
    """
    stations: list[Station] = []
    lines = lines_of(network, plan)

    def add(
        name: str,
        place: str,
        interface: str,
        *,
        addresses: tuple[IPv4Interface, ...] = (),
        gateway: IPv4Address | None = None,
        everything: bool = False,
    ) -> None:
        card = mac(len(stations) + 1)
        stations.append(Station(name, place, interface, card, addresses, gateway, everything))

    for zone in network.zones.values():
        leaves = _leaves(plan.interface_of(zone.id))
        addresses = sorted(held.get(zone.id, set()) - {zone.gateway})
        for index, letter in enumerate("ab"):
            mine = tuple(IPv4Interface((a, zone.subnet.prefixlen)) for a in addresses[index::2])
            add(
                f"zone.{zone.name}.{letter}", zone.id, leaves[index % len(leaves)], addresses=mine, gateway=zone.gateway
            )
    for line, uplink in zip(lines, network.uplinks.values(), strict=True):
        subnet = line.address.network
        named = {leg.address for host in network.hosts.values() for leg in host.legs if leg.place == uplink.id}
        inside = sorted(
            a for a in named | held.get(uplink.id, set()) if a in subnet and a not in (line.far, line.address.ip)
        )
        near = tuple(IPv4Interface((a, subnet.prefixlen)) for a in inside)
        far = (IPv4Interface((line.far, subnet.prefixlen)),)
        add(f"uplink.{uplink.name}.far", uplink.id, line.interface, addresses=far + near, everything=True)
        if subnet.num_addresses > 4:
            taken = {line.far, line.address.ip, *inside}
            free = next((address for address in subnet.hosts() if address not in taken), None)
            neighbour = (IPv4Interface((free, subnet.prefixlen)),) if free else ()
            add(f"uplink.{uplink.name}.near", uplink.id, line.interface, addresses=neighbour, gateway=line.far)
    members = {name for interface in plan.interfaces for name in interface.members}
    for interface in plan.interfaces:
        carrier = interface.kind in (LinkKind.ETHERNET, LinkKind.VLAN)
        if carrier and interface.place is None and interface.name not in members:
            add(f"port.{interface.name}", Place.UNKNOWN, interface.name)
    if not any(station.place == Place.UNKNOWN for station in stations):
        add("stranger", Place.UNKNOWN, STRANGER)
    stand_ins = tuple(
        (interface, "bridge" if interface.kind is LinkKind.VLAN and interface.name not in members else "veth")
        for interface in plan.interfaces
        if interface.kind in (LinkKind.VLAN, LinkKind.PPP, LinkKind.TUNNEL)
    )
    wired, plugs, cables = _plug_in(network, plan, stations)
    tunnels = frozenset(uplink.id for uplink in network.uplinks.values() if uplink.tunnel)
    foreign = frozenset(uplink for uplink in tunnels if plan.interface_of(uplink).foreign)
    return Layout(wired, lines, stand_ins, _clients(network, plan), plugs, cables, tunnels, foreign)


def _plug_in(
    network: Network, plan: Plan, stations: list[Station]
) -> tuple[tuple[Station, ...], tuple[Plug, ...], tuple[Cable, ...]]:
    """Who stands at each port of the switches and hypervisors that can run here. A zone's first station moves to the
    first port of its zone, so that what it sends goes the way a guest's does."""
    zones: dict[int | None, Zone] = {zone.vlan: zone for zone in network.zones.values() if zone.vlan is not None}
    here = {bridge.device: bridge for bridge in plan.bridges if bridge.platform.startswith("debian")}
    moved: dict[str, Station] = {}
    plugs: list[Plug] = []
    cables: list[Cable] = []
    for device, bridge in here.items():
        for port in bridge.ports:
            if port.end is not None and (port.end[0] == plan.router or port.end[0] in here):
                if ((port.end), (device, port.name)) not in {(cable.near, cable.far) for cable in cables}:
                    cables.append(Cable((device, port.name), port.end, port.tap))
                continue
            zone = zones.get(port.untagged) if port.untagged is not None else None
            first = next((s for s in stations if zone and s.place == zone.id and s.name not in moved), None)
            if zone and first and not any(one.place == zone.id for one in moved.values()):
                station = moved[first.name] = replace(first, wired=(device, port.name))
            else:
                leaf = _leaves(plan.interface_of(zone.id))[0] if zone else ""
                card = mac(0x20000 + len(plugs))
                place = zone.id if zone else Place.UNKNOWN
                station = Station(f"port.{device}.{port.name}", place, leaf, card, wired=(device, port.name))
            plugs.append(Plug(device, port, station))
    return tuple(moved.get(station.name, station) for station in stations), tuple(plugs), tuple(cables)


def _clients(network: Network, plan: Plan) -> tuple[Client, ...]:
    """In each zone with DHCP: one that nobody knows, and one whose card has a reservation if any has."""
    found: list[Client] = []
    for zone in network.zones.values():
        if zone.dhcp is None:
            continue
        leaf = _leaves(plan.interface_of(zone.id))[0]
        legs = [leg for host in network.hosts.values() for leg in host.legs if leg.place == zone.id]
        cards = [(leg.mac, leg.address) for leg in legs if leg.mac and leg.reserved][:1]
        for name, card, reserved in (
            ("guest", mac(0x10000 + len(found)), None),
            *(("known", card, address) for card, address in cards),
        ):
            found.append(Client(Station(f"client.{zone.name}.{name}", "", leaf, card), zone.name, reserved))
    return tuple(found)
