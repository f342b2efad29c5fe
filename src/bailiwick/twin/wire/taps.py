"""Frames put on the wire as they are, and every place where they come by: for what the router may not even take.

Unlike the prober this hears each frame at every layer of the router's links (``packet(7)``, ``ETH_P_ALL``): at the
port, at the VLAN that took its tag off, at the bridge; and at stations also what no router but a bridge passed on.
"""

from __future__ import annotations

import socket
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bailiwick.twin.layout import Layout
from bailiwick.twin.wire.ears import Ears
from bailiwick.twin.wire.frames import framed, glance, untagged

PACKET_OTHERHOST, PACKET_OUTGOING = 3, 4  # linux/if_packet.h


@dataclass(frozen=True, slots=True)
class Tap:
    """One frame coming by: where, on which link, and whether that link's owner is who it is for."""

    machine: str  # a station's name, or the router's
    link: str  # "" for the router's own sockets, which hear what its filter has let in
    mine: bool


def passing(
    layout: Layout,
    frames: Iterable[tuple[int, str, bytes]],
    patience: float,
    awaited: Mapping[int, Container[str]] | None = None,
) -> dict[int, dict[Tap, None]]:
    """Send (serial, station, frame) each, and say where each came by; ``patience`` seconds pass after the last.

    While one of the ``awaited`` serials has been heard by none of its machines, up to twice as much passes again.
    """
    seen: dict[int, dict[Tap, None]] = {}
    missing = dict(awaited or {})

    def hear(ear: socket.socket, machine: str) -> None:
        for serial, tap in _heard(ear, machine):
            if serial in seen:
                seen[serial][tap] = None
            if tap.machine in missing.get(serial, ()):
                del missing[serial]

    def numbered() -> Iterator[tuple[str, bytes]]:
        for serial, station, frame in frames:
            seen[serial] = {}
            yield station, frame

    with Ears(layout, hear) as ears:
        ears.send(numbered())
        ears.wait(patience)
        ears.wait(2 * patience, lambda: bool(missing))
    return seen


def _heard(ear: socket.socket, machine: str) -> Iterator[tuple[int, Tap]]:
    """Serials, and where they came by."""
    for _ in range(256):
        try:
            data, sender = ear.recvfrom(2048)
        except BlockingIOError:
            return
        wire = ear.family == socket.AF_PACKET
        if wire and sender[2] == PACKET_OUTGOING:
            continue
        sight = glance(untagged(framed(data, sender[3], sender[1])) if wire else data)
        if sight and sight[1] >= 0:
            yield sight[0], Tap(machine, sender[0], sender[2] != PACKET_OTHERHOST) if wire else Tap(machine, "", True)
