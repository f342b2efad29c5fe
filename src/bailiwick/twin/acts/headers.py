"""Packets that a plain host would not send: options, a life of one hop, flags that open nothing, errors about nothing.

What is accepted stays so with harmless options. Nothing passes that chooses its own way (source routing, RFC 7126 §4.3
and §4.4), that is at the end of its life (RFC 1812 §5.3.1) or damaged, and nothing that conntrack calls invalid: flags
that begin no connection (``tcp_valid_flags`` and ``tcp_conntracks``, net/netfilter/nf_conntrack_proto_tcp.c), ICMP
messages that answer or report what never was (net/netfilter/nf_conntrack_proto_icmp.c).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from functools import partial
from ipaddress import IPv4Address
from typing import TypedDict, Unpack

from bailiwick.claims.wording import place_words
from bailiwick.packets.packet import ICMP, TCP
from bailiwick.twin.acts.casts import Cast, Model, leading
from bailiwick.twin.acts.fragments import body_of
from bailiwick.twin.wire.crafting import ETH_IP, ethernet, icmp, ipv4, udp
from bailiwick.twin.wire.frames import SYN
from bailiwick.twin.wire.marks import marks

FIN, RST, PSH, ACK, URG = 1, 4, 8, 16, 32  # RFC 9293 §3.1
RECORD_ROUTE, TIMESTAMP, LOOSE, STRICT, ALERT = 7, 68, 131, 137, 148  # IANA, IP option numbers
HARMLESS = (
    ("recording its route", bytes([RECORD_ROUTE, 11, 4]) + b"\0" * 8),
    ("with timestamps", bytes([TIMESTAMP, 12, 5, 0]) + b"\0" * 8),
)
INVALID_FLAGS = (
    ("no flag", 0),
    ("SYN and FIN", SYN | FIN),
    ("SYN and RST", SYN | RST),
    ("FIN, PSH and URG", FIN | PSH | URG),
    ("every flag", 0x3F),
    ("FIN", FIN),
    ("RST", RST),
    ("RST and ACK", RST | ACK),
    ("FIN and ACK", FIN | ACK),
    ("SYN and ACK", SYN | ACK),
)
NOTHING_BEGINS = (0, 3, 4, 5, 9, 10, 11, 12, 14, 16, 18, 42)
"""ICMP types that are answers, errors or announcements, and one that is nobody's."""
ERRORS = (3, 4, 5, 11, 12)
QUOTED_PORT = 9


class Turned(TypedDict, total=False):
    """What of an IPv4 header is not as usual; see ``crafting.ipv4``."""

    options: bytes
    ttl: int
    wrong_checksum: bool


def _datagram(model: Model, body: bytes, **more: Unpack[Turned]) -> list[bytes]:
    source, destination, _ = model.ends
    packet = ipv4(source, destination, model.probe.packet.protocol, body, **more)
    return [ethernet(model.mac, model.station.mac, ETH_IP, packet)]


def altered(model: Model, serial: int, port: int, **more: Unpack[Turned]) -> list[bytes]:
    """The model with something about its IPv4 header turned."""
    return _datagram(model, body_of(model, serial, port, 1), **more)


def routed(model: Model, serial: int, port: int, option: int, *, over: IPv4Address) -> list[bytes]:
    """Sent to ``over`` with the model's destination as the next hop of a source route (RFC 791 §3.1)."""
    source, destination, _ = model.ends
    body = body_of(model, serial, port, 1)
    packet = ipv4(source, over, model.probe.packet.protocol, body, options=bytes([option, 7, 4]) + destination.packed)
    return [ethernet(model.mac, model.station.mac, ETH_IP, packet)]


def flagged(model: Model, serial: int, port: int, flags: int) -> list[bytes]:
    """The model, of TCP, with these flags in place of SYN."""
    return _datagram(model, body_of(model, serial, port, 1, flags))


def unasked(model: Model, serial: int, port: int, kind: int) -> list[bytes]:
    """An ICMP message of which nothing was the cause; errors quote a packet that was never sent."""
    source, destination, _ = model.ends
    data = marks(serial)
    if kind in ERRORS:
        quoted = udp((destination, port, source, QUOTED_PORT), marks(serial))
        data = ipv4(destination, source, 17, quoted)
    rest = source.packed if kind == 5 else struct.pack("!HH", port, 1)
    return _datagram(model, icmp(kind, 1 if kind in (3, 5) else 0, rest, data))


def headers(models: Sequence[Model]) -> Iterator[Cast]:
    """For each pair of places: the same packet in other clothes; IPv4's own for one protocol of each pair."""
    leaders = leading(models)
    for model in models:
        if model.probe.serial in leaders:
            yield from _ipv4(model)
        if model.probe.packet.protocol == TCP:
            yield from _tcp(model)
        if model.probe.packet.protocol == ICMP:
            yield from _icmp(model)


def _towards(model: Model) -> str:
    source, destination, port = model.ends
    return f"{source} to {destination}{f':{port}' if port else ''}"


def _ipv4(model: Model) -> Iterator[Cast]:
    place, towards = place_words(model.probe.packet.ingress), _towards(model)
    station, destination = model.station, model.ends[1]
    kind, units = ("accepted", 1) if model.accepted else ("denied", 0)
    for what, options in HARMLESS:
        subject = f"{kind} packets with IPv4 options from {place}"
        make = partial(altered, model, options=options)
        yield Cast(subject, f"{what}, {towards}", station, make, model.may, units)
    for what, option in (("loose", LOOSE), ("strict", STRICT)):
        subject = f"packets that choose their own way from {place}"
        passed = bytes([option, 7, 8]) + destination.packed
        yield Cast(subject, f"{what}, already passed, {towards}", station, partial(altered, model, options=passed))
        if station.gateway:
            make = partial(routed, model, option=option, over=station.gateway)
            yield Cast(subject, f"{what}, by way of the router, {towards}", station, make)
    subject = f"packets that are spent or damaged from {place}"
    make = partial(altered, model, wrong_checksum=True)
    yield Cast(subject, f"with a wrong checksum, {towards}", station, make)
    for ttl in _spent(model):
        yield Cast(subject, f"with a TTL of {ttl}, {towards}", station, partial(altered, model, ttl=ttl))


def _tcp(model: Model) -> Iterator[Cast]:
    """An ACK alone may take up a connection that the router has forgotten (``nf_conntrack_tcp_loose``), where one
    may be opened."""
    subject = f"TCP flags that begin nothing from {place_words(model.probe.packet.ingress)}"
    for what, flags in (*INVALID_FLAGS, *(() if model.accepted else (("ACK", ACK),))):
        yield Cast(subject, f"{what}, {_towards(model)}", model.station, partial(flagged, model, flags=flags))


def _icmp(model: Model) -> Iterator[Cast]:
    subject = f"ICMP that belongs to nothing from {place_words(model.probe.packet.ingress)}"
    for number in NOTHING_BEGINS:
        make = partial(unasked, model, kind=number)
        yield Cast(subject, f"type {number}, {_towards(model)}", model.station, make, report=True)


def _spent(model: Model) -> tuple[int, ...]:
    """For the router itself a packet may be on its last hop (RFC 1812 §4.2.2.9)."""
    return () if model.probe.packet.egress == "router" else (0, 1)
