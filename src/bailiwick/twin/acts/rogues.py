"""A host that plays the router: DHCP answers, router advertisements, the gateway's own address.

No filter of the router's sees what one host of a zone says to another, so that only a bridge or an access point keeps
them apart. Where the router's bridge is to (``isolate``), no other client may hear it; in no case does another zone.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from ipaddress import IPv4Address, IPv6Address

from bailiwick.network.model import Network, Place, Zone
from bailiwick.packets.packet import ICMP, UDP
from bailiwick.plan.model import Plan
from bailiwick.twin.acts.casts import Cast
from bailiwick.twin.layout import Layout, Station
from bailiwick.twin.result import Check
from bailiwick.twin.wire.crafting import (
    ALL_NODES,
    ETH_ARP,
    ETH_IP,
    ETH_IPV6,
    EVERYBODY,
    REPLY,
    ROUTER_ADVERTISEMENT,
    arp,
    card,
    ethernet,
    icmp,
    icmpv6,
    ipv4,
    udp,
)
from bailiwick.twin.wire.marks import marks

Trick = Callable[[Station, Station, Zone, int, int], Sequence[bytes]]
OFFER, ACK = 2, 5  # RFC 2132 §9.6
COOKIE = b"\x63\x82\x53\x63"  # RFC 2131 §3
LIFETIME = 1800
ROGUE = IPv6Address("fe80::bad")


def _dhcp(kind: int, sender: Station, other: Station, zone: Zone, serial: int, _: int) -> Sequence[bytes]:
    """A server's message for the other client, to all and to its card: the sender as gateway and resolver."""
    server = sender.addresses[0].ip
    head = struct.pack("!BBBBIHH", 2, 1, 6, 0, serial, 0, 0x8000)
    head += bytes(4) + zone.subnet[-2].packed + server.packed + bytes(4)
    head += card(other.mac).ljust(16, b"\0") + bytes(192) + COOKIE
    options = (
        bytes([53, 1, kind, 54, 4]) + server.packed + bytes([3, 4]) + server.packed + bytes([6, 4]) + server.packed
    )
    body = udp((server, 67, IPv4Address("255.255.255.255"), 68), head + options + b"\xff" + marks(serial))
    packet = ipv4(server, IPv4Address("255.255.255.255"), UDP, body)
    return [ethernet(target, sender.mac, ETH_IP, packet) for target in (EVERYBODY, other.mac)]


def _advertisement(sender: Station, other: Station, _: Zone, serial: int, __: int) -> Sequence[bytes]:
    """A default router and a prefix (RFC 4861 §4.2), to all nodes and to the other client's card."""
    prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, LIFETIME, LIFETIME, 0) + IPv6Address("2001:db8:bad::").packed
    body = struct.pack("!BBHII", 64, 0, LIFETIME, 0, 0) + prefix + marks(serial)
    packet = icmpv6(ROGUE, ALL_NODES, ROUTER_ADVERTISEMENT, body)
    return [ethernet(target, sender.mac, ETH_IPV6, packet) for target in ("33:33:00:00:00:01", other.mac)]


def _gateway(sender: Station, other: Station, zone: Zone, serial: int, _: int) -> Sequence[bytes]:
    """That the gateway's address is at the sender's card."""
    said = arp(REPLY, (sender.mac, zone.gateway), (other.mac, other.addresses[0].ip), marks(serial, 2))
    return [ethernet(target, sender.mac, ETH_ARP, said) for target in (EVERYBODY, other.mac)]


def _word(sender: Station, other: Station, _: Zone, serial: int, port: int) -> Sequence[bytes]:
    """An echo request and a datagram, straight to the other's card."""
    ends = (sender.addresses[0].ip, port, other.addresses[0].ip, 9)
    bodies = (ICMP, icmp(8, 0, struct.pack("!HH", port, 1), marks(serial))), (UDP, udp(ends, marks(serial)))
    return [ethernet(other.mac, sender.mac, ETH_IP, ipv4(ends[0], ends[2], kind, body)) for kind, body in bodies]


TRICKS: tuple[tuple[str, Trick], ...] = (
    ("a DHCP offer", partial(_dhcp, OFFER)),
    ("a DHCP acknowledgement", partial(_dhcp, ACK)),
    ("an IPv6 router advertisement", _advertisement),
    ("the gateway's address in ARP", _gateway),
    ("a word to its neighbour", _word),
)


def pair_of(zone: Zone, layout: Layout) -> tuple[Station, Station] | None:
    """Two machines of the zone that have an address each, on different links of the router where there are several."""
    speaking = [station for station in layout.at(zone.id) if station.addresses]
    if len(speaking) < 2:
        return None
    other = next((one for one in speaking[1:] if one.interface != speaking[0].interface), speaking[1])
    return speaking[0], other


def rogues(network: Network, plan: Plan, layout: Layout) -> Iterator[Cast]:
    """From every zone: heard in no other; nor by another client where the router keeps them apart. The router itself
    may hear it."""
    for zone in network.zones.values():
        pair = pair_of(zone, layout)
        if pair is None:
            continue
        sender, other = pair
        apart = (other.name,) if plan.interface_of(zone.id).isolate and sender.interface != other.interface else ()
        whom = "any other client" if apart else "another zone"
        for what, trick in TRICKS:
            make = partial(trick, sender, other, zone)
            subject = f"a rogue router in {zone.name}, heard by {whom}"
            yield Cast(subject, what, sender, make, Place.ROUTER, apart=apart)


def left_to_others(network: Network, plan: Plan, layout: Layout) -> Iterator[Check]:
    """Isolated zones whose clients no bridge of the router's keeps apart on the stage."""
    for zone in network.zones.values():
        pair = pair_of(zone, layout)
        if zone.isolate and not (
            pair and plan.interface_of(zone.id).isolate and pair[0].interface != pair[1].interface
        ):
            ports = ", ".join({station.interface: None for station in layout.at(zone.id)})
            seen = f"not tried: all of {zone.name} comes by {ports}, where the access point is to keep them apart"
            yield Check(f"a rogue router in {zone.name}, heard by any other client", "seen nowhere", seen, None)
