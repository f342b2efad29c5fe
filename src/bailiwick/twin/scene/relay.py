"""Guests' cards: frames passed between a tap of the hypervisor and a card in the guest's namespace, as QEMU would.

Both ends are tap devices (Documentation/networking/tuntap.rst). The hypervisor's is there already, made by networkd
for the user that runs the guests; it has no carrier until somebody opens it.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from bailiwick.twin.scene.namespaces import within

TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
LONGEST = 65536


@dataclass(frozen=True, slots=True)
class Wire:
    """From a tap of one namespace to a card of another; each is (namespace, interface)."""

    tap: tuple[str, str]
    card: tuple[str, str]


def open_tap(namespace: str, interface: str) -> int:
    """A descriptor that reads and writes the interface's frames; makes the interface where there is none.

    Raises OSError: EBUSY where another has it open, EINVAL where it is no tap.
    """
    with within(namespace):
        descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", interface.encode(), IFF_TAP | IFF_NO_PI))
        except OSError:
            os.close(descriptor)
            raise
    return descriptor


def relay(wires: Sequence[Wire]) -> int:
    """Opens both ends of each and passes frames from then on, in a process of its own, whose number this is.

    It ends with the process that called.
    """
    beside: dict[int, int] = {}
    for wire in wires:
        tap, card = open_tap(*wire.tap), open_tap(*wire.card)
        beside |= {tap: card, card: tap}
    process = os.fork()
    if process == 0:
        try:
            _pass(beside)
        finally:
            os._exit(1)
    for descriptor in beside:
        os.close(descriptor)
    return process


def _pass(beside: dict[int, int]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    loop = select.epoll()
    for descriptor in beside:
        loop.register(descriptor, select.EPOLLIN)
    while True:
        for descriptor, _ in loop.poll():
            _pump(descriptor, beside[descriptor])


def _pump(source: int, target: int) -> None:
    for _ in range(64):
        try:
            frame = os.read(source, LONGEST)
        except BlockingIOError:
            return
        try:
            os.write(target, frame)
        except (BlockingIOError, OSError):
            # A card that is down, or whose queue is full, loses frames (tun.c); so does a real one.
            continue
