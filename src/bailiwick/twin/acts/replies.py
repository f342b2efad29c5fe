"""What answers an accepted connection passes, and the errors that belong to it; the same packets without it do not.

Each connection is opened by a packet of the trial that arrived; its answer is written from what was seen there, so
that every translation is turned back. Beside it go one from another port and one from another host: nobody asked them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address

from bailiwick.claims.wording import place_words
from bailiwick.network.model import Place
from bailiwick.packets.packet import ICMP, UDP
from bailiwick.twin.acts.casts import FIRST_PORT, PORTS, Cast, Model
from bailiwick.twin.acts.fragments import body_of
from bailiwick.twin.layout import Layout, Station
from bailiwick.twin.wire.captures import Heard, capture
from bailiwick.twin.wire.crafting import ETH_IP, ethernet, icmp, ipv4, udp
from bailiwick.twin.wire.marks import marks

FIRST_SERIAL = 1 << 20
"""Of the openings: above every cast's."""
FIRST_OPENING = 12_000
"""Ports behind ``FIRST_PORT`` that the casts leave to the openings."""
ECHO_REPLY, UNREACHABLE, PORT_UNREACHABLE = 0, 3, 3  # RFC 792
BEYOND = (IPv4Address("198.41.0.4"), IPv4Address("198.41.0.5"))


@dataclass(frozen=True, slots=True)
class Opening:
    """A connection as its far end sees it: who answers there, and the datagram that came."""

    model: Model
    answerer: Station
    mac: str  # the router's, on the answerer's wire
    datagram: bytes

    @property
    def source(self) -> IPv4Address:
        return IPv4Address(self.datagram[12:16])

    @property
    def destination(self) -> IPv4Address:
        return IPv4Address(self.datagram[16:20])

    @property
    def head(self) -> bytes:
        """The IP header and the eight bytes behind it, as an error quotes them."""
        return self.datagram[:28]


def _opening(model: Model, number: int) -> bytes:
    source, destination, _ = model.ends
    port = FIRST_PORT + (FIRST_OPENING + number) % PORTS
    body = body_of(model, FIRST_SERIAL + number, port, 1)
    packet = ipv4(source, destination, model.probe.packet.protocol, body)
    return ethernet(model.mac, model.station.mac, ETH_IP, packet)


def opened(models: Sequence[Model], layout: Layout, macs: Mapping[str, str], patience: float) -> list[Opening]:
    """Each accepted model of UDP or ICMP between two places, opened; those that did not arrive are left out."""
    chosen = [
        model
        for model in models
        if model.accepted and model.probe.packet.protocol in (UDP, ICMP) and model.may != Place.ROUTER
    ]
    stations = {station.name: station for station in layout.stations}
    awaited = {
        FIRST_SERIAL + number: frozenset(station.name for station in layout.at(model.probe.packet.egress))
        for number, model in enumerate(chosen)
    }
    sent = ((model.station.name, _opening(model, number)) for number, model in enumerate(chosen))
    came: dict[int, Heard] = {}
    for one in capture(layout, sent, patience, awaited):
        for serial, _ in one.marks:
            if one.machine in awaited.get(serial, ()) and not one.reports:
                came.setdefault(serial, one)
    found: list[Opening] = []
    for number, model in enumerate(chosen):
        if heard := came.get(FIRST_SERIAL + number):
            answerer = stations[heard.machine]
            found.append(Opening(model, answerer, macs[answerer.interface], heard.data[14:]))
    return found


def _answer(
    opening: Opening, serial: int, _: int, *, aside: int = 0, instead: IPv4Address | None = None
) -> list[bytes]:
    """The other end's packet; ``aside`` is added to the port it comes from, ``instead`` takes its address's place."""
    source = instead or opening.destination
    theirs, ours = struct.unpack_from("!HH", opening.datagram, 20)
    if opening.model.probe.packet.protocol == UDP:
        body = udp((source, (ours + aside) & 0xFFFF, opening.source, theirs), marks(serial))
    else:
        number, sequence = struct.unpack_from("!HH", opening.datagram, 24)
        body = icmp(ECHO_REPLY, 0, struct.pack("!HH", number ^ aside, sequence), marks(serial))
    packet = ipv4(source, opening.source, opening.model.probe.packet.protocol, body)
    return [ethernet(opening.mac, opening.answerer.mac, ETH_IP, packet)]


def _error(opening: Opening, serial: int, _: int, *, aside: int = 0) -> list[bytes]:
    """That its port is closed, quoting it; ``aside`` is added to the number that tells it from other connections."""
    at = 20 if opening.model.probe.packet.protocol == UDP else 24
    (number,) = struct.unpack_from("!H", opening.head, at)
    quoted = opening.head[:at] + struct.pack("!H", number ^ aside) + opening.head[at + 2 :] + marks(serial)
    body = icmp(UNREACHABLE, PORT_UNREACHABLE, bytes(4), quoted)
    packet = ipv4(opening.destination, opening.source, ICMP, body)
    return [ethernet(opening.mac, opening.answerer.mac, ETH_IP, packet)]


def _another(opening: Opening) -> IPv4Address:
    """Somebody else at the answerer's end."""
    if opening.answerer.everything:
        return next(address for address in BEYOND if address != opening.destination)
    return IPv4Address(int(opening.destination) ^ 1)


def replies(models: Sequence[Model], layout: Layout, macs: Mapping[str, str], patience: float) -> Iterator[Cast]:
    """Answers to every opening, and what looks like them.

    Not where the answering end may open connections of its own to the asking one: there they are those.
    """
    reverse = {(model.probe.packet.ingress, model.probe.packet.egress) for model in models if model.accepted}
    for opening in opened(models, layout, macs, patience):
        packet = opening.model.probe.packet
        place, back = place_words(packet.egress), packet.ingress
        what = f"{opening.destination} to {opening.source}"
        subject = f"answers from {place} to connections from {place_words(back)}"
        yield Cast(subject, f"its answer, {what}", opening.answerer, partial(_answer, opening), back, 1, report=True)
        make = partial(_error, opening)
        yield Cast(subject, f"an error about it, {what}", opening.answerer, make, back, 1, report=True)
        if (packet.egress, back) in reverse or (packet.egress, Place.ROUTER) in reverse:
            continue
        subject = f"answers from {place} to nothing that {place_words(back)} asked"
        for how, strange in (
            ("from another port", partial(_answer, opening, aside=0x4000)),
            ("from another host", partial(_answer, opening, instead=_another(opening))),
            ("an error about nothing", partial(_error, opening, aside=0x4000)),
        ):
            yield Cast(subject, f"{how}, {what}", opening.answerer, strange, report=True)
