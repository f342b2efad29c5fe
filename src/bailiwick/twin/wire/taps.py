"""Frames put on the wire as they are, and every place where they come by: for what the router may not even take.

Unlike the prober this hears each frame at every layer of the router's links (``packet(7)``, ``ETH_P_ALL``): at the
port, at the VLAN that took its tag off, at the bridge; and at stations also what no router but a bridge passed on.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass

from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.scene.namespaces import within
from bailiwick.twin.wire.frames import framed, read, untagged

ETH_P_ALL = socket.htons(0x0003)
PACKET_OTHERHOST, PACKET_OUTGOING = 3, 4  # linux/if_packet.h
BATCH = 24
"""Frames sent between two looks: their echoes fit the smallest socket buffer that Linux gives without privilege."""


@dataclass(frozen=True, slots=True)
class Tap:
    """One frame coming by: where, on which link, and whether that link's owner is who it is for."""

    machine: str  # a station's name, or the router's
    link: str  # "" for the router's own sockets, which hear what its filter has let in
    mine: bool


def passing(layout: Layout, frames: Iterable[tuple[int, str, bytes]], patience: float) -> dict[int, dict[Tap, None]]:
    """Send (serial, station, frame) each, and say where each came by; ``patience`` seconds pass after the last."""
    seen: dict[int, dict[Tap, None]] = {}
    ears: dict[int, tuple[socket.socket, str]] = {}
    with ExitStack() as stack:
        loop = stack.enter_context(select.epoll())

        def listen(machine: str, family: int, protocol: int) -> socket.socket:
            with within(machine):
                ear = stack.enter_context(socket.socket(family, socket.SOCK_RAW, protocol))
            ear.setblocking(False)
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            ears[ear.fileno()] = ear, machine
            loop.register(ear.fileno(), select.EPOLLIN)
            return ear

        def drain(wait: float) -> None:
            while ready := loop.poll(wait):
                wait = 0
                for descriptor, _ in ready:
                    _hear(*ears[descriptor], seen)

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
            if number % BATCH == BATCH - 1:
                drain(0)
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            drain(left)
    return seen


def _hear(ear: socket.socket, machine: str, seen: dict[int, dict[Tap, None]]) -> None:
    for _ in range(256):
        try:
            data, sender = ear.recvfrom(2048)
        except BlockingIOError:
            return
        wire = ear.family == socket.AF_PACKET
        if wire and sender[2] == PACKET_OUTGOING:
            continue
        sight = read(untagged(framed(data, sender[3], sender[1])) if wire else data)
        if sight and not sight.refusal and sight.serial in seen:
            tap = Tap(machine, sender[0], sender[2] != PACKET_OTHERHOST) if wire else Tap(machine, "", True)
            seen[sight.serial][tap] = None
