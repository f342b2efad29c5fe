"""Packets in pieces (RFC 791 §3.2, RFC 1858, RFC 3128, RFC 5722).

The router sees a packet whole before it decides (nf_defrag_ipv4): one that is accepted arrives with all its parts, of
one that is not, no part passes, the later ones included, which have no ports. Parts that overlap are no packet: Linux
drops them all (``inet_frag_queue_insert``, net/ipv4/inet_fragment.c).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from functools import partial

from bailiwick.claims.wording import place_words
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.acts.casts import Cast, Make, Model, leading
from bailiwick.twin.wire.crafting import ETH_IP, cut, ethernet, icmp, ipv4, tcp, udp
from bailiwick.twin.wire.frames import SYN
from bailiwick.twin.wire.marks import UNIT, marks

UNITS = 12
"""Marks in each packet."""
SECOND = 32
"""Where the second part begins: the first has the whole TCP header, and a mark."""


def body_of(model: Model, serial: int, port: int, units: int = UNITS, flags: int = SYN) -> bytes:
    """What IPv4 carries of the model, with marks; TCP's are moved up to a multiple of eight."""
    source, destination, to_port = model.ends
    protocol = model.probe.packet.protocol
    if protocol == TCP:
        return tcp((source, port, destination, to_port), flags, b"\0" * 4 + marks(serial, units))
    if protocol == UDP:
        return udp((source, port, destination, to_port), marks(serial, units))
    kind = model.probe.packet.icmp_type
    return icmp(kind, 0, struct.pack("!HH", port, 1), marks(serial, units))


def pieces(model: Model, serial: int, port: int, places: Sequence[int], order: Sequence[int] = ()) -> list[bytes]:
    """The frames of one packet cut at these places; ``order`` is which of them are sent, and in which order."""
    body = body_of(model, serial, port)
    return _framed(model, serial, cut(body, places), len(body), order)


def _framed(
    model: Model, serial: int, parts: Sequence[tuple[int, bytes]], length: int, order: Sequence[int]
) -> list[bytes]:
    source, destination, _ = model.ends
    frames = [
        ethernet(
            model.mac,
            model.station.mac,
            ETH_IP,
            ipv4(
                source,
                destination,
                model.probe.packet.protocol,
                piece,
                identifier=serial & 0xFFFF,
                offset=offset,
                more=offset + len(piece) < length,
            ),
        )
        for offset, piece in parts
    ]
    return [frames[number] for number in order] if order else frames


def overlapping(model: Model, serial: int, port: int) -> list[bytes]:
    """The second part begins within the first: an old trick to change the ports behind a filter's back."""
    body = body_of(model, serial, port)
    parts = (0, body[:32]), (16, body[16:])
    return _framed(model, serial, parts, len(body), ())


def ports_of(model: Model, port: int) -> bytes:
    """The first four bytes of its TCP or UDP header."""
    return struct.pack("!HH", port, model.ends[2])


def rewriting(model: Model, serial: int, port: int, other: Model | None = None) -> list[bytes]:
    """A part that lies over the first one's ports (RFC 3128), those of ``other`` in their place.

    Linux takes it for a copy of what it has, and leaves it out: the packet that arrives has its first ports.
    """
    body = body_of(model, serial, port)
    first = ports_of(other, port) if other else b"\xff" * 4
    parts = (0, body[:SECOND]), (0, first + body[4:UNIT]), (SECOND, body[SECOND:])
    return _framed(model, serial, parts, len(body), ())


def _whole(model: Model, other: Model | None) -> Iterator[tuple[str, Make]]:
    yield "in two parts", partial(pieces, model, places=(SECOND,))
    yield "the later part first", partial(pieces, model, places=(SECOND,), order=(1, 0))
    yield "in five parts", partial(pieces, model, places=(SECOND, 40, 64, 88))
    if model.probe.port:
        yield "a part over the ports", partial(rewriting, model, other=other)
    if model.probe.packet.protocol == TCP:
        yield "a tiny first part, without the flags", partial(pieces, model, places=(UNIT, 40))


def _broken(model: Model) -> Iterator[tuple[str, Make]]:
    yield "the first part alone", partial(pieces, model, places=(SECOND,), order=(0,))
    yield "the later part alone", partial(pieces, model, places=(SECOND,), order=(1,))
    yield "the middle one missing", partial(pieces, model, places=(SECOND, 64), order=(0, 2))
    yield "parts that overlap", partial(overlapping, model)


def fragments(models: Sequence[Model]) -> Iterator[Cast]:
    """For each pair of places: what is accepted in parts that make a packet, what is accepted in parts that make
    none, and what is not accepted in parts of either kind. ICMP only where it is all there is."""
    leaders = leading(models)
    open_ways = {_way(model): model for model in models if model.accepted}
    for model in models:
        if model.probe.packet.protocol == ICMP and model.probe.serial not in leaders:
            continue
        place = place_words(model.probe.packet.ingress)
        for what, make in _whole(model, None if model.accepted else open_ways.get(_way(model))):
            kind = "accepted" if model.accepted else "denied"
            units = UNITS if model.accepted else 0
            yield Cast(
                f"fragments of {kind} packets from {place}", _said(model, what), model.station, make, model.may, units
            )
        for what, make in _broken(model):
            yield Cast(f"fragments that make no packet from {place}", _said(model, what), model.station, make)


def _way(model: Model) -> tuple[str, str, int]:
    packet = model.probe.packet
    return packet.ingress, packet.egress, packet.protocol


def _said(model: Model, what: str) -> str:
    source, destination, port = model.ends
    return f"{what}, {source} to {destination}{f':{port}' if port else ''}"
