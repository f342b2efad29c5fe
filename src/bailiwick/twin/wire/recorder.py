"""A recording of every wire at once: what passes at each station and on each of the router's links, with its time.

Opened before the packets are sent and read after: the kernel keeps the frames and when they came (``packet(7)``,
``SO_TIMESTAMPNS`` of socket(7)).
"""

from __future__ import annotations

import socket
import struct
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType

from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.scene.namespaces import within
from bailiwick.twin.wire.frames import ARPHRD_LOOPBACK, framed, read, untagged

ETH_P_ALL = socket.htons(0x0003)
PACKET_OUTGOING = 4  # linux/if_packet.h
SO_TIMESTAMPNS = 35  # asm-generic/socket.h; the message that carries it has the same number
BUFFER = 1 << 22


@dataclass(frozen=True, slots=True)
class Recorded:
    """One frame at one tap: nanoseconds since 1970, the machine and its link, whether it left there, and its bytes
    from the Ethernet header on (cards of zeros where the link has none)."""

    at: int
    machine: str
    link: str
    leaving: bool
    data: bytes

    @property
    def serial(self) -> int | None:
        """Of the probe that it is, or that it is an error about."""
        sight = read(untagged(self.data))
        return sight.serial if sight else None


class Recorder:
    """While this is entered everything is kept; ``frames`` gives what came, once."""

    def __init__(self, layout: Layout) -> None:
        self._machines = (ROUTER, *(station.name for station in layout.stations))

    def __enter__(self) -> Recorder:
        with ExitStack() as stack:
            self._taps: list[tuple[str, socket.socket]] = []
            for machine in self._machines:
                with within(machine):
                    tap = stack.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, ETH_P_ALL))
                tap.setblocking(False)
                tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
                tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
                self._taps.append((machine, tap))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def frames(self) -> list[Recorded]:
        """In the order in which they came by."""
        found = [one for machine, tap in self._taps for one in _drain(machine, tap)]
        return sorted(found, key=lambda one: one.at)


def _drain(machine: str, tap: socket.socket) -> list[Recorded]:
    found: list[Recorded] = []
    while True:
        try:
            data, more, _, (link, protocol, kind, hardware, _) = tap.recvmsg(2048, 64)
        except BlockingIOError:
            return found
        if hardware == ARPHRD_LOOPBACK:
            continue
        framed_data = framed(data, hardware, protocol)
        found.append(Recorded(_time(more), machine, link, kind == PACKET_OUTGOING, framed_data))


def _time(more: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in more:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack_from("@ll", data)
            return int(seconds) * 1_000_000_000 + int(nanoseconds)
    raise ValueError("the kernel gave a frame without its time")
