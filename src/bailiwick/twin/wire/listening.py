"""Every frame of an interface, both ways, with its VLAN tag (packet(7)).

The kernel takes the outermost tag out of a frame before it shows it, and tells it apart (``PACKET_AUXDATA``, struct
tpacket_auxdata of linux/if_packet.h); here it is put back where it stood.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING

from bailiwick.twin.wire.headers import Frame

if TYPE_CHECKING:
    from bailiwick.twin.capture import Spot

ETH_P_ALL = 0x0003
SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4  # linux/socket.h, linux/if_packet.h
AUXDATA = struct.Struct("IIIHHHH")  # status, length, kept, mac, net, tag, its ethertype
TAG_VALID, ETHERTYPE_VALID = 1 << 4, 1 << 6
LONGEST = 65_535 + 18


class Ears:
    """Sockets on several interfaces of the network namespace that it was made in. Raises OSError: ENODEV where an
    interface is missing, EPERM without CAP_NET_RAW."""

    def __init__(self, interfaces: Iterable[str]) -> None:
        self._stack = ExitStack()
        self._loop = self._stack.enter_context(select.epoll())
        self._ears: dict[int, tuple[socket.socket, str]] = {}
        self._quit, self._end = os.pipe()
        self._stack.callback(os.close, self._quit)
        self._stack.callback(os.close, self._end)
        self._loop.register(self._quit, select.EPOLLIN)
        try:
            for name in interfaces:
                # Of no protocol until it is bound, so that no other interface's frames come in between.
                ear = self._stack.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
                ear.setblocking(False)
                ear.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
                ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
                ear.bind((name, ETH_P_ALL))
                self._ears[ear.fileno()] = ear, name
                self._loop.register(ear.fileno(), select.EPOLLIN)
        except OSError:
            self._stack.close()
            raise

    def __enter__(self) -> Ears:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def stop(self) -> None:
        """End ``frames``, from any thread, once what has come is heard."""
        os.write(self._end, b".")

    def frames(self, seconds: float) -> Iterator[Frame]:
        """As they come, until so many seconds have passed."""
        end = time.monotonic() + seconds
        stopped = False
        while not stopped and (left := end - time.monotonic()) > 0:
            ready = [descriptor for descriptor, _ in self._loop.poll(left)]
            stopped = self._quit in ready
            for descriptor in ready:
                if descriptor != self._quit:
                    yield from self._drain(*self._ears[descriptor])

    def _drain(self, ear: socket.socket, name: str) -> Iterator[Frame]:
        while True:
            try:
                data, more, _, sender = ear.recvmsg(LONGEST, 256)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENETDOWN:  # told once when the interface goes down; it may come back
                    raise
                return
            told = next((words for level, kind, words in more if (level, kind) == (SOL_PACKET, PACKET_AUXDATA)), b"")
            yield Frame(time.time(), name, _tagged(data, told), sender[2] == PACKET_OUTGOING)


def _tagged(data: bytes, told: bytes) -> bytes:
    if len(told) < AUXDATA.size:
        return data
    status, *_, tag, ethertype = AUXDATA.unpack_from(told)
    if not status & TAG_VALID:
        return data
    return data[:12] + struct.pack("!HH", ethertype if status & ETHERTYPE_VALID else 0x8100, tag) + data[12:]


def heard(ears: Ears, spot: Spot) -> Iterator[Frame]:
    """Those that the spot wants, no more than it wants."""
    number = 0
    for frame in ears.frames(spot.seconds):
        if spot.wants(frame):
            yield frame
            number += 1
            if number == spot.count:
                return


class Beside:
    """Listens while the caller does something else, in a thread of its own."""

    def __init__(self, spot: Spot) -> None:
        self._ears = Ears(spot.interfaces)
        self._frames: list[Frame] = []
        self._thread = Thread(target=self._listen, args=(spot,), daemon=True)
        self._thread.start()

    def _listen(self, spot: Spot) -> None:
        self._frames += heard(self._ears, spot)

    def end(self) -> tuple[Frame, ...]:
        """What was heard."""
        self._ears.stop()
        self._thread.join()
        with self._ears:
            return tuple(self._frames)
