"""ARP: the router answers on each link for its address there and for nothing else, and believes no zone about another.

No proxy ARP (RFC 1027, RFC 925), no address of another interface (``arp_ignore``, ip-sysctl.rst), and what a zone
announces of another's addresses is heard in its own segment alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from ipaddress import IPv4Address

from bailiwick.claims.wording import place_words
from bailiwick.network.model import Network
from bailiwick.packets.interval import IntervalSet
from bailiwick.twin.acts.casts import Cast
from bailiwick.twin.aim.subnets import machines
from bailiwick.twin.layout import ROUTER, Layout, Station
from bailiwick.twin.result import Check
from bailiwick.twin.scene.namespaces import run_in
from bailiwick.twin.wire.captures import ASKER, asker
from bailiwick.twin.wire.crafting import ETH_ARP, EVERYBODY, REPLY, REQUEST, arp, card, ethernet
from bailiwick.twin.wire.marks import marks

NOBODY = "00:00:00:00:00:00"
STRANGER = IPv4Address("198.41.0.4")


def _ask(sender: IPv4Address, target: IPv4Address, serial: int, _: int) -> list[bytes]:
    mac = asker(serial)
    message = arp(REQUEST, (mac, sender), (NOBODY, target), marks(serial, 2))
    return [ethernet(EVERYBODY, mac, ETH_ARP, message)]


def _announce(station: str, claimed: IPv4Address, router: str, serial: int, _: int) -> list[bytes]:
    """That the address is at a card of nobody's: as an announcement (RFC 5227 §3), as an answer to all, and as an
    answer to the router."""
    mac = asker(serial)
    said = ((REQUEST, EVERYBODY), (REPLY, EVERYBODY), (REPLY, router))
    return [
        ethernet(target, station, ETH_ARP, arp(kind, (mac, claimed), (target, claimed), marks(serial, 2)))
        for kind, target in said
    ]


def _free(station: Station, router: IPv4Address, layout: Layout) -> IPv4Address | None:
    """An address of the station's subnet that nobody on the stage holds, the highest there is."""
    held = [one.ip for other in layout.at(station.place) for one in other.addresses]
    subnet = station.addresses[0].network
    spare = machines(subnet) - IntervalSet.addresses([*held, router])
    return IPv4Address(spare.spans[-1][1]) if spare else None


def first_of(layout: Layout) -> list[Station]:
    """The first station with an address on each wire that has ARP."""
    pairs = {line.uplink for line in layout.lines if line.address.network.prefixlen == 32}
    tunnels = layout.tunnels - {interface.place for interface, _ in layout.stand_ins}
    found: dict[str, Station] = {}
    for station in layout.stations:
        if station.addresses and station.place not in pairs | tunnels:
            found.setdefault(station.interface, station)
    return list(found.values())


def neighbours(network: Network, layout: Layout, macs: Mapping[str, str]) -> Iterator[Cast]:
    """Questions and lies about every address that the router has or routes to, on each of its wires."""
    gateways = {zone.id: zone.gateway for zone in network.zones.values()}
    own = gateways | {line.uplink: line.address.ip for line in layout.lines}
    for station in first_of(layout):
        subnet = station.addresses[0].network
        inside = {one.addresses[0].ip: one for one in layout.stations if one.place in gateways and one.addresses}
        others = [address for address in (*own.values(), *inside, STRANGER) if address not in subnet]
        sender = _free(station, own[station.place], layout)
        place, router = place_words(station.place), macs[station.interface]
        if sender:
            subject = f"ARP asked of the router in {place}, on {station.interface}"
            for target in dict.fromkeys((own[station.place], *others, sender)):
                answered = target == own[station.place]
                make = partial(_ask, sender, target)
                yield Cast(subject, f"who has {target}", station, make, answered=answered, card=card(router))
        for claimed in dict.fromkeys((*gateways.values(), *inside)):
            if claimed not in subnet:
                subject = f"other zones' addresses claimed by ARP in {place}, on {station.interface}"
                yield Cast(subject, f"that it has {claimed}", station, partial(_announce, station.mac, claimed, router))


def believed(layout: Layout, places: Mapping[str, str]) -> Check:
    """Whether the router took a claimed address for what was said of it, on the link by which it would reach it.
    ``places`` is whose each of its links is."""
    claimed = {(station.place, str(one.ip)) for station in layout.stations for one in station.addresses}
    table = json.loads(run_in(ROUTER, "ip", "-j", "-4", "neighbour", "show"))
    liars = ":".join(f"{byte:02x}" for byte in ASKER)
    wrong = [
        f"{entry['dst']} on {entry['dev']} at {entry['lladdr']}"
        for entry in table
        if entry.get("lladdr", "").startswith(liars) and (places.get(entry["dev"]), entry["dst"]) in claimed
    ]
    seen = "; ".join(wrong) or "none of them is kept so"
    return Check(
        "addresses of hosts that others claimed by ARP, as the router has them", "as they were", seen, not wrong
    )
