"""ICMP that a router keeps to itself: it tells its zones of no way around the filter, believes no neighbour who tells
it of another (redirects, RFC 1122 §3.2.2.2), and answers no ping to everybody (RFC 1122 §3.2.2.6, RFC 2644)."""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import IPv4Address

from bailiwick.claims.wording import place_words
from bailiwick.network.model import Addressing
from bailiwick.packets.packet import ICMP, UDP
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import ROUTER, Line, Station
from bailiwick.twin.result import Check
from bailiwick.twin.scene.namespaces import batch, run_in, within
from bailiwick.twin.wire.frames import BROADCAST, Header, checksum, datagram, frame

ECHO_REPLY, REDIRECT, ECHO = 0, 5, 8  # ICMP types (RFC 792)
FOR_HOST = 1
TARGET, PORT = IPv4Address("9.9.9.10"), 33434
SERIAL = 60_900
"""Of these packets: no probe's."""


def redirects(stage: Stage) -> Iterator[Check]:
    """One check for each zone with two machines, one for each uplink whose route has a gateway."""
    yield from _told(stage)
    for line, uplink in zip(stage.layout.lines, stage.network.uplinks.values(), strict=True):
        near = next((s for s in stage.layout.at(line.uplink) if not s.everything and s.addresses), None)
        if near and uplink.addressing in (Addressing.DHCP, Addressing.STATIC):
            yield _believed(line, near)


def _told(stage: Stage) -> Iterator[Check]:
    """Whether a packet sent to the router, though its target is on the same wire, is answered by a redirect; and who
    answers a ping for everybody: the stations do not."""
    macs = stage.router.macs()
    told: dict[str, set[int]] = {}
    ears: dict[socket.socket, str] = {}
    with ExitStack() as stack:
        for zone in stage.network.zones.values():
            stations = [station for station in stage.layout.at(zone.id) if station.addresses]
            if len(stations) < 2:
                continue
            sender, other = stations[0], stations[1].addresses[0].ip
            with within(sender.name):
                ear = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_RAW, ICMP))
                mouth = stack.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
                mouth.bind(("eth0", 0))
            ears[ear], told[zone.name] = zone.name, set()
            packet = datagram(Header(sender.addresses[0].ip, other, UDP, PORT, PORT), SERIAL)
            mouth.send(frame(macs[sender.interface], sender.mac, packet))
            everybody = Header(sender.addresses[0].ip, zone.subnet.broadcast_address, ICMP, icmp_type=ECHO)
            mouth.send(frame(BROADCAST, sender.mac, datagram(everybody, SERIAL)))
        end = time.monotonic() + stage.patience
        while (left := end - time.monotonic()) > 0:
            for ear in select.select(list(ears), [], [], left)[0]:
                heard = ear.recv(2048)
                told[ears[ear]].add(heard[(heard[0] & 15) * 4])
    for name, kinds in told.items():
        for kind, subject in (
            (REDIRECT, f"redirects told to {name}, of a packet for a machine of its own"),
            (ECHO_REPLY, f"answers in {name} to a ping for its broadcast address"),
        ):
            yield Check(subject, "none", "one" if kind in kinds else "none", kind not in kinds)


def _way(interface: str) -> str:
    """By whom the router would send to the target from that interface."""
    routes = json.loads(run_in(ROUTER, "ip", "-j", "route", "get", str(TARGET), "oif", interface))
    return str(routes[0].get("gateway", ""))


def _believed(line: Line, near: Station) -> Check:
    """The provider tells the router, of a packet that it has just sent, that a neighbour is the shorter way."""
    subject = f"a redirect by the gateway of {place_words(line.uplink)}"
    before = _way(line.interface)
    if before != str(line.far):
        return Check(subject, "no other way", "not tried: its route has no gateway to be redirected from", None)
    with within(ROUTER):
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with within(f"{near.name.rsplit('.', 1)[0]}.far"):
        teller = socket.socket(socket.AF_INET, socket.SOCK_RAW, ICMP)
    with own, teller:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, line.interface.encode())
        own.bind((str(line.address.ip), PORT))
        try:
            own.sendto(b"whither", (str(TARGET), PORT))
        except PermissionError:  # what the output hook says (EPERM), for whatever reason it has
            return Check(subject, "no other way", "not tried: the router's own filter lets no such packet out", None)
        teller.bind((str(line.far), 0))
        sent = datagram(Header(line.address.ip, TARGET, UDP, PORT, PORT), SERIAL)[:28]
        body = struct.pack("!BBH4s", REDIRECT, FOR_HOST, 0, near.addresses[0].ip.packed) + sent
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
        teller.sendto(body, (str(line.address.ip), 0))
    after = _way(line.interface)
    batch(["route flush cache"], ROUTER)
    return Check(subject, f"still by {before}", f"by {after}", after == before)
