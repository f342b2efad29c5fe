"""A concentrator's work by a process, for a kernel without the parts of tc(8) that do it (``concentrator.passing``).

It hears both sides by packet sockets (packet(7)), takes the Ethernet header off or puts one before, and does nothing
else. What the kernel tells about a packet goes along: that its checksum is still to be written, or that it is several
segments in one (``struct virtio_net_hdr``, linux/virtio_net.h).
"""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bailiwick.twin.layout import ROUTER
from bailiwick.twin.scene.concentrator import CARD, Concentrator
from bailiwick.twin.scene.namespaces import CommandFailed, within

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86DD  # linux/if_ether.h
SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 15, 23  # linux/socket.h, linux/if_packet.h
PACKET_OTHERHOST = 3  # linux/if_packet.h; the smaller ones are for the card, for all, for several
SO_RCVBUFFORCE, BUFFER = 33, 1 << 22  # asm-generic/socket.h
NEEDS_CHECKSUM = 1  # VIRTIO_NET_HDR_F_NEEDS_CSUM
TOLD = struct.Struct("=BBHHHH")  # flags, kind and headers of several in one, their size, checksum: from where, at which
HEADER = 14  # bytes of Ethernet
LONGEST = 1 << 17
MOST = 64  # packets of 1500 bytes: 150 KiB of the kernel's memory, of the 208 that a socket has
LOST, TURN = 0.02, 0.0005  # seconds

Wire = tuple[socket.socket, str]
"""Bound to the interface of that name."""

_running: dict[int, str] = {}
"""By the process, the concentrator's namespace. The stage's end ends them: its first process is their init."""


class _Window:
    """How many packets are on their way through the tunnel: no more than the socket of the program at its other end
    holds (``rmem_default``, socket(7)), which may have to wait for its turn."""

    def __init__(self, interface: str) -> None:
        """The router's, in whose namespace this is used."""
        self._interface = interface
        self._given = self._arrived()  # as that counts
        self._room = MOST

    def take(self) -> None:
        """Room for one; waits for it. Those that have not arrived within ``LOST`` never do: programs drop some."""
        if not self._room:
            self._room = self._freed()
        self._room -= 1
        self._given += 1

    def _freed(self) -> int:
        end = time.monotonic() + LOST
        while time.monotonic() < end:
            under_way = self._given - self._arrived()
            if under_way <= MOST // 2:
                return MOST - max(under_way, 0)
            time.sleep(TURN)
        self._given = self._arrived()
        return MOST

    def _arrived(self) -> int:
        """Packets since the interface was made (proc_net(5), dev); none where it is gone."""
        for line in Path("/proc/thread-self/net/dev").read_text().splitlines():
            name, _, counts = line.strip().partition(": ")
            if name == self._interface:
                return int(counts.split()[1])
        return 0


def hand_over(one: Concentrator, session: str) -> None:
    """Joins the session's interface there to the stations' wire, in a process of its own.

    It ends with the process that called, at the latest. Raises OSError where there is no such interface.
    """
    with within(one.namespace):
        card, inner = _ear(CARD), _ear(session)
    process = os.fork()
    if process == 0:
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            with within(ROUTER):
                _pass(one, (card, CARD), (inner, session))
        finally:
            os._exit(1)
    card.close()
    inner.close()
    _running[process] = one.namespace


def still_handing_over() -> None:
    """What one that ended did not pass on would look lost on the way through the home.

    Raises CommandFailed where one has ended.
    """
    for process, namespace in list(_running.items()):
        if os.waitpid(process, os.WNOHANG) != (0, 0):
            del _running[process]
            raise CommandFailed(f"what joins {namespace} to its wire ended before the trial did")


def _ear(interface: str) -> socket.socket:
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    ear.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    ear.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    try:
        ear.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    except PermissionError:  # in a user namespace the limit of the machine holds
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    ear.bind((interface, ETH_P_ALL))
    return ear


def _pass(one: Concentrator, card: Wire, session: Wire) -> None:
    ours = _bytes(one.mac)
    (_, first, _), *others = one.stations
    cards = {socket.inet_aton(address): _bytes(mac) for _, mac, addresses in others for address in addresses}

    def framed(packet: bytes) -> bytes:
        if packet[0] >> 4 == 6:  # IPv6's version
            return _bytes(first) + ours + ETH_P_IPV6.to_bytes(2) + packet
        return cards.get(packet[16:20], _bytes(first)) + ours + ETH_P_IP.to_bytes(2) + packet

    window = _Window(one.interface.name)
    loop = select.epoll()
    for wire, _ in (card, session):
        loop.register(wire, select.EPOLLIN)
    while True:
        for descriptor, _ in loop.poll():
            if descriptor == card[0].fileno():
                _pump(card, session, lambda frame: frame[HEADER:], -HEADER, window.take)
            else:
                _pump(session, card, framed, HEADER)


def _bytes(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def _pump(
    source: Wire,
    target: Wire,
    change: Callable[[bytes], bytes],
    longer: int,
    room: Callable[[], None] = lambda: None,
) -> None:
    """What waits there, changed and so many bytes longer than it was, each when there is room."""
    for _ in range(64):
        try:
            data, (_, protocol, kind, *_) = source[0].recvfrom(LONGEST)
        except BlockingIOError:
            return
        except OSError:  # told once, when the interface goes down (packet(7), ENETDOWN)
            return
        if protocol not in (ETH_P_IP, ETH_P_IPV6) or kind >= PACKET_OTHERHOST or len(data) <= TOLD.size + HEADER:
            continue
        told, packet = moved(data[: TOLD.size], longer), change(data[TOLD.size :])
        room()
        # An interface that is down, or whose queue is full, loses packets; so does a real one.
        with suppress(OSError):
            target[0].sendto(told + packet, (target[1], protocol))


def moved(told: bytes, longer: int) -> bytes:
    """What the kernel told of a packet, where so many bytes were put before it, or taken off."""
    flags, several, headers, size, start, at = TOLD.unpack(told)
    flags &= NEEDS_CHECKSUM
    return TOLD.pack(
        flags, several, headers + longer if several else 0, size, *((start + longer, at) if flags else (0, 0))
    )
