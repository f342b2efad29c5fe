"""Where to listen for a zone, a host or a link, and a frame in the words of the home file; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address

from bailiwick.language.guess import did_you_mean
from bailiwick.network.model import Network
from bailiwick.plan.model import Plan
from bailiwick.twin.wire.headers import Frame, Ip, parsed


class NoSpot(Exception):
    """No interface of the router stands for this name; the message says what there is instead."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The router's interfaces to listen on. ``hosts`` narrows it to frames from or to one of these addresses; empty
    takes every frame. ``count`` and ``seconds`` end it, whichever comes first."""

    interfaces: tuple[str, ...]
    hosts: frozenset[IPv4Address] = frozenset()
    count: int = 0  # 0: no end by count
    seconds: float = 10.0

    def wants(self, frame: Frame) -> bool:
        """A frame without IPv4 or ARP addresses is of no host."""
        if not self.hosts:
            return True
        said = parsed(frame)
        return said.source in self.hosts or said.destination in self.hosts


def spot_of(network: Network, plan: Plan, name: str) -> Spot:
    """``name`` is a zone, an uplink, a host or device with an address, a link ("gate/eth1", "hv/ens1") or an interface.

    Raises NoSpot.
    """
    if found := _place(network, name):
        return Spot((_interface(plan, found),))
    if found_interfaces := _link(network, plan, name):
        return Spot(found_interfaces)
    legs = _legs(network, name)
    if not legs:
        known = [*network.zones, *network.uplinks, *network.hosts, *network.devices, *_names(plan)]
        guess = did_you_mean(name, known)
        raise NoSpot(f"The home has no zone, host or link {name}{': ' + guess if guess else '.'}")
    interfaces = dict.fromkeys(_interface(plan, place) for place, _ in legs)
    return Spot(tuple(interfaces), frozenset(address for _, address in legs))


def addresses_of(network: Network, name: str) -> frozenset[IPv4Address]:
    """Of a host or device, or the address itself. Raises NoSpot."""
    try:
        return frozenset({IPv4Address(name)})
    except ValueError:
        found = frozenset(address for _, address in _legs(network, name))
    if not found:
        guess = did_you_mean(name, [*network.hosts, *network.devices])
        raise NoSpot(f"The home has no host {name} with an address{': ' + guess if guess else '.'}")
    return found


def _place(network: Network, name: str) -> str:
    if name in network.zones:
        return network.zones[name].id
    return network.uplinks[name].id if name in network.uplinks else ""


def _interface(plan: Plan, place: str) -> str:
    try:
        return plan.interface_of(place).name
    except KeyError:
        raise NoSpot(f"The router has no interface for {place}.") from None


def _names(plan: Plan) -> Iterable[str]:
    return (interface.name for interface in plan.interfaces)


def _link(network: Network, plan: Plan, name: str) -> tuple[str, ...]:
    """The router's port at one end of the link, however it was named; nothing when it is no link."""
    known = set(_names(plan))
    if name in known:
        return (name,)
    machine, slash, port = name.partition("/")
    if not slash:
        return ()
    router = network.router.name
    ends = {link.a: link.b for link in network.links} | {link.b: link.a for link in network.links}
    ends |= {(device.name, own): _end(far) for device in network.devices.values() for own, far in device.links.items()}
    mine = (machine, port) if machine == router else ends.get((machine, port), ("", ""))
    if mine[0] == router and mine[1] in known:
        return (mine[1],)
    if (machine, port) in ends:
        raise NoSpot(f"{name} is no link of {router}, where captures are taken.")
    return ()


def _end(text: str) -> tuple[str, str]:
    machine, _, port = text.partition("/")
    return machine, port


def _legs(network: Network, name: str) -> list[tuple[str, IPv4Address]]:
    if name in network.hosts:
        return [(leg.place, leg.address) for leg in network.hosts[name].legs]
    device = network.devices.get(name)
    return [(device.place, device.address)] if device and device.place and device.address else []


class Names:
    """Addresses as "zone/host": "lan/printer", "lan/router", "lan/192.168.40.7"; a stranger's as it is."""

    def __init__(self, network: Network) -> None:
        self._hosts: dict[IPv4Address, str] = {}
        self._subnets = [(zone.subnet, zone.name) for zone in network.zones.values()]
        for zone in network.zones.values():
            self._hosts[zone.gateway] = f"{zone.name}/router"
        for uplink in network.uplinks.values():
            if uplink.address:
                self._hosts[uplink.address.ip] = f"{uplink.name}/router"
        for host in network.hosts.values():
            for leg in host.legs:
                self._hosts[leg.address] = f"{leg.place.partition(':')[2]}/{host.name}"
        for device in network.devices.values():
            if device.address and device.place:
                self._hosts[device.address] = f"{device.place.partition(':')[2]}/{device.name}"

    def of(self, address: IPv4Address | None) -> str:
        if address is None:
            return "?"
        if address in self._hosts:
            return self._hosts[address]
        zone = next((name for subnet, name in self._subnets if address in subnet), "")
        return f"{zone}/{address}" if zone else str(address)

    def words(self, frame: Frame) -> str:
        """One line without its time: the interface, the VLAN tags, who to whom, what."""
        said = parsed(frame)
        tags = "".join(f" vlan {tag}" for tag in said.tags)
        way = "out" if frame.outgoing else "in"
        if said.source is None and said.destination is None:
            return f"{frame.interface} {way}{tags} {said.what}, {len(frame.data)} bytes"
        source, destination = self.of(said.source), self.of(said.destination)
        if isinstance(said, Ip) and said.port is not None:
            source, destination = f"{source}:{said.source_port}", f"{destination}:{said.port}"
        return f"{frame.interface} {way}{tags} {source} > {destination} {said.what}, {len(frame.data)} bytes"
