"""Tunnels that are ours to make: the provider's end is the one that was meant, and its server is met beside the tunnel.

What WireGuard itself sends is the router's own, with no address bound. Where the routing turns it into a tunnel, that
tunnel is never up; where it leaves by nothing, neither. A server that has a name may have any public address.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from itertools import pairwise

from bailiwick.dataplane.interpreter.fib import LOOPBACK, Fib, Found
from bailiwick.dataplane.interpreter.oracle import Undecided
from bailiwick.dataplane.model import Device, Interface
from bailiwick.language.span import Span
from bailiwick.network.model import Network, Uplink, WireguardPeer
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import IntervalSet
from bailiwick.proof.difference import Difference, Kind, Meaning
from bailiwick.proof.places import Places


def tunnels(network: Network, device: Device, places: Places) -> Iterator[Difference]:
    """One that another program makes is its owner's affair."""
    for uplink in network.uplinks.values():
        interface = device.interfaces.get(uplink.port)
        if uplink.wireguard is not None and interface is not None:
            yield from _ends(uplink, uplink.wireguard, interface)
            yield from _server(network, uplink, uplink.wireguard, Roads(device, places, interface))


def _ends(uplink: Uplink, meant: WireguardPeer, interface: Interface) -> Iterator[Difference]:
    name = interface.name
    if uplink.address not in interface.addresses:
        yield _difference(uplink.span, Kind.PLACE, f"{name} has not the address {uplink.address}", interface)
    if not interface.up:
        yield _difference(uplink.span, Kind.PLACE, f"{name} is kept down", interface)
    if interface.tunnel is None:
        yield _difference(uplink.span, Kind.WIRE, f"nothing makes the tunnel {name}", interface)
        return
    if not interface.tunnel.keyed:
        yield _difference(uplink.span, Kind.WIRE, f"{name} has no private key", interface)
    if len(interface.tunnel.peers) != 1:
        count = len(interface.tunnel.peers)
        yield _difference(uplink.span, Kind.WIRE, f"{name} has {count} peers instead of one", interface)
    for peer in interface.tunnel.peers:
        for what, written, wanted in (
            ("the key", peer.public_key, meant.public_key),
            ("the server", peer.endpoint, meant.endpoint),
            ("the key beside the others", _said(peer.preshared), _said(bool(meant.preshared_key))),
            ("what it may carry", _listed(peer.allowed), _listed(meant.allowed)),
        ):
            if written != wanted:
                sentence = f"the peer of {name} is not the one that was meant: {what} is {written or 'unsaid'}"
                yield Difference(Kind.WIRE, sentence, line=peer.line, meant=(Meaning(uplink.span, f"it is {wanted}"),))


def _said(there: bool) -> str:
    return "there" if there else "not there"


def _listed(networks: object) -> str:
    return ", ".join(sorted(map(str, networks))) if isinstance(networks, frozenset | tuple) else ""


class Roads:
    """Where packets of the tunnel's own go, with everything up and with each of the usual uplinks gone."""

    def __init__(self, device: Device, places: Places, interface: Interface) -> None:
        self._device, self._places, self.interface = device, places, interface
        self._mark = interface.tunnel.mark if interface.tunnel else 0

    def cuts(self) -> list[int]:
        """Between two of them every address goes the same way: no route and no rule begins or ends there."""
        prefixes = [route.prefix for route in self._device.routing.routes]
        prefixes += [rule.destination for rule in self._device.routing.rules]
        prefixes += [address.network for one in self._device.interfaces.values() for address in one.addresses]
        found = {0}
        for prefix in prefixes:
            if isinstance(prefix, IPv4Network):
                found |= {int(prefix.network_address), int(prefix.broadcast_address) + 1}
        return sorted(found - {1 << 32})

    def exits(self, network: Network) -> frozenset[str]:
        """The interfaces of the usual uplinks."""
        return frozenset(name for uplink in network.exits() for name in self._places.interfaces(uplink.id))

    def found(self, server: IPv4Address, down: frozenset[str]) -> Found | None:
        """Raises Undecided where a route or a rule could not be read."""
        return Fib(self._device, down).lookup(server, None, LOOPBACK, self._mark)


def _server(network: Network, uplink: Uplink, peer: WireguardPeer, roads: Roads) -> Iterator[Difference]:
    exits = roads.exits(network)
    for server in _addresses(network, peer, roads):
        for down in (frozenset[str](), exits):
            try:
                found = roads.found(server, down)
            except Undecided as why:
                yield Difference(Kind.WAY, f"where {server} is met cannot be told: {why}", certain=False)
                return
            by = "nothing" if found is None or found.refused else found.interface
            if (by not in exits) if not down else (by != "nothing"):
                state = f" when {' and '.join(sorted(down))} are down" if down else ""
                sentence = (
                    f"the server of {roads.interface.name} ({server}) is met by {by}{state}, and by no usual uplink"
                )
                meant = (Meaning(uplink.span, f"the tunnel to {peer.endpoint}"),)
                yield Difference(Kind.WAY, sentence, line=found.line if found else None, meant=meant)
                return


def _addresses(network: Network, peer: WireguardPeer, roads: Roads) -> Iterator[IPv4Address]:
    """The server's own; of a name, one of each stretch of public addresses that go the same way."""
    try:
        yield IPv4Address(peer.host)
        return
    except AddressValueError:
        pass  # a name
    cuts = [*roads.cuts(), 1 << 32]
    public = PUBLIC - network.inside()
    for first, following in pairwise(cuts):
        stretch = public & IntervalSet.of([(first, following - 1)])
        if stretch:
            yield IPv4Address(stretch.first())


def _difference(span: Span, kind: Kind, sentence: str, interface: Interface) -> Difference:
    return Difference(kind, sentence, line=interface.line, meant=(Meaning(span, f"the tunnel {interface.name}"),))
