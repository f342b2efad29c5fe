"""What is for everybody stays in its segment: broadcasts of each kind (RFC 919, RFC 2644) and multicast.

The router may hear them, as anybody on the wire; none is seen on any other. A subnet's broadcast address is aimed at
from outside too, straight at the router's card and at every card.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from functools import partial
from ipaddress import IPv4Address

from bailiwick.claims.wording import place_words
from bailiwick.network.model import Network, Place
from bailiwick.packets.packet import ICMP, UDP
from bailiwick.twin.acts.casts import Cast
from bailiwick.twin.layout import Layout, Station
from bailiwick.twin.wire.crafting import ETH_IP, EVERYBODY, ethernet, group_mac, icmp, ipv4, udp
from bailiwick.twin.wire.marks import marks

LIMITED = IPv4Address("255.255.255.255")
GROUPS = tuple(map(IPv4Address, ("224.0.0.1", "224.0.0.251", "232.1.1.1", "239.255.255.250")))
"""All systems, mDNS (RFC 6762), source-specific, SSDP."""
PORTS = {GROUPS[1]: 5353, GROUPS[3]: 1900}
DISCARD = 9
STRANGER = IPv4Address("198.41.0.4")


def _frames(station: Station, destination: IPv4Address, target: str, serial: int, port: int) -> list[bytes]:
    """One UDP datagram and one echo request."""
    source = speaker(station)
    ends = (source, port, destination, PORTS.get(destination, DISCARD))
    bodies = (UDP, udp(ends, marks(serial))), (ICMP, icmp(8, 0, struct.pack("!HH", port, 1), marks(serial)))
    return [
        ethernet(target, station.mac, ETH_IP, ipv4(source, destination, protocol, body)) for protocol, body in bodies
    ]


def speaker(station: Station) -> IPv4Address:
    """An address that the station holds, or a stranger's."""
    return station.addresses[0].ip if station.addresses else STRANGER


def broadcasts(network: Network, layout: Layout, macs: Mapping[str, str]) -> Iterator[Cast]:
    """From the first station of each wire, to its own segment's broadcast addresses, every other's, and groups."""
    done: set[str] = set()
    for station in layout.stations:
        if station.interface in done:
            continue
        done.add(station.interface)
        router = macs[station.interface]
        own = {address.network.broadcast_address for address in station.addresses}
        others = [zone.subnet.broadcast_address for zone in network.zones.values()]
        aims = [(LIMITED, EVERYBODY), *((group, group_mac(group)) for group in GROUPS)]
        aims += [(group, router) for group in GROUPS]
        aims += [(address, EVERYBODY) for address in dict.fromkeys((*own, *others))]
        aims += [(address, router) for address in others if address not in own]
        subject = f"broadcasts and multicast from {place_words(station.place)}, on {station.interface}"
        for destination, target in aims:
            how = "" if target != router else ", at the router's card"
            make = partial(_frames, station, destination, target)
            yield Cast(subject, f"to {destination}{how}", station, make, Place.ROUTER)
