"""Sockets that hear, on every wire at once, and how much each holds of what has not been heard yet."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterable
from contextlib import ExitStack

from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.scene.namespaces import within
from bailiwick.twin.wire.mouths import put
from bailiwick.twin.wire.patience import looks

ETH_P_ALL = socket.htons(0x0003)
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23  # linux/socket.h, linux/if_packet.h; since Linux 4.20

SO_RCVBUFFORCE, BUFFER = 33, 1 << 22  # asm-generic/socket.h
FEW, MANY = 24, 240
"""Frames whose echoes fit the smallest buffer that Linux gives without privilege, and the one that it gives with it."""


def enlarged(ear: socket.socket) -> int:
    """Give it as large a buffer as may be (socket(7)), and say how many frames may be sent between two looks."""
    try:
        ear.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    except PermissionError:  # in a user namespace the limit of the machine holds
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        return FEW
    return MANY


Hearing = Callable[[socket.socket, str], None]
"""Takes what an ear holds, without waiting, of the machine that it belongs to; may be empty."""


class Ears:
    """A socket on every station's wire (which sends, too), on the router's links, and behind the router's filter.

    Open until closed; every socket is made before the first frame is sent. ``outgoing``: the ears on wires hear also
    what their own machine sends (packet(7)).
    """

    def __init__(self, layout: Layout, hear: Hearing, *, outgoing: bool = True) -> None:
        self._stack = ExitStack()
        self._loop = self._stack.enter_context(select.epoll())
        self._hear = hear
        self._outgoing = outgoing
        self._ears: dict[int, tuple[socket.socket, str]] = {}
        self._batch = FEW
        self._mouths = {one.name: self._open(one.name, socket.AF_PACKET, ETH_P_ALL) for one in layout.stations}
        for name, mouth in self._mouths.items():
            with within(name):
                mouth.bind(("eth0", socket.ntohs(ETH_P_ALL)))
        self._open(ROUTER, socket.AF_PACKET, ETH_P_ALL)
        for protocol in (ICMP, TCP, UDP):
            self._open(ROUTER, socket.AF_INET, protocol)

    def __enter__(self) -> Ears:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def send(self, frames: Iterable[tuple[str, bytes]]) -> None:
        """(station, frame) each, with looks in between, so that no ear overflows."""
        for number, (station, frame) in enumerate(frames):
            put(self._mouths[station], frame, lambda: self._look(0))
            if number % self._batch == self._batch - 1:
                self._look(0)

    def wait(self, seconds: float, going_on: Callable[[], bool] = lambda: True) -> None:
        """Hear what comes until the time is over, or ``going_on`` says no."""
        for look in looks(seconds):
            if not going_on():
                return
            self._look(look)

    def _open(self, machine: str, family: int, protocol: int) -> socket.socket:
        with within(machine):
            ear = self._stack.enter_context(socket.socket(family, socket.SOCK_RAW, protocol))
        ear.setblocking(False)
        self._batch = enlarged(ear)
        if family == socket.AF_PACKET and not self._outgoing:
            ear.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self._ears[ear.fileno()] = ear, machine
        self._loop.register(ear.fileno(), select.EPOLLIN)
        return ear

    def _look(self, wait: float) -> None:
        while ready := self._loop.poll(wait):
            wait = 0
            for descriptor, _ in ready:
                self._hear(*self._ears[descriptor])
