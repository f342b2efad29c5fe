"""Frames put on the wire as they are, and every place where they come by: for what the router may not even take.

Unlike the prober this hears each frame at every layer of the router's links (``packet(7)``, ``ETH_P_ALL``): at the
port, at the VLAN that took its tag off, at the bridge; and at stations also what no router but a bridge passed on.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.scene.namespaces import within
from bailiwick.twin.wire.ears import enlarged
from bailiwick.twin.wire.frames import framed, glance, untagged

ETH_P_ALL = socket.htons(0x0003)
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
    batch = 1  # frames sent between two looks
    ears: dict[int, tuple[socket.socket, str]] = {}
    with ExitStack() as stack:
        loop = stack.enter_context(select.epoll())

        def listen(machine: str, family: int, protocol: int) -> socket.socket:
            with within(machine):
                ear = stack.enter_context(socket.socket(family, socket.SOCK_RAW, protocol))
            ear.setblocking(False)
            nonlocal batch
            batch = enlarged(ear)
            ears[ear.fileno()] = ear, machine
            loop.register(ear.fileno(), select.EPOLLIN)
            return ear

        def drain(wait: float) -> None:
            while ready := loop.poll(wait):
                wait = 0
                for descriptor, _ in ready:
                    for serial, tap in _hear(*ears[descriptor]):
                        if serial in seen:
                            seen[serial][tap] = None
                        if tap.machine in missing.get(serial, ()):
                            del missing[serial]

        mouths = {one.name: listen(one.name, socket.AF_PACKET, ETH_P_ALL) for one in layout.stations}
        for name, mouth in mouths.items():
            with within(name):
                mouth.bind(("eth0", socket.ntohs(ETH_P_ALL)))
        listen(ROUTER, socket.AF_PACKET, ETH_P_ALL)
        for protocol in (ICMP, TCP, UDP):
            listen(ROUTER, socket.AF_INET, protocol)
        for number, (serial, station, frame) in enumerate(frames):
            seen[serial] = {}
            mouths[station].send(frame)
            if number % batch == batch - 1:
                drain(0)
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            drain(left)
        end += 2 * patience
        while missing and (left := end - time.monotonic()) > 0:
            drain(left)
    return seen


def _hear(ear: socket.socket, machine: str) -> Iterator[tuple[int, Tap]]:
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
