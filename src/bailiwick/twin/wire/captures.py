"""Captures on every wire at once, while frames are put on some: all that is ours, byte for byte."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bailiwick.packets.packet import ICMP
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.wire.ears import Ears
from bailiwick.twin.wire.frames import framed
from bailiwick.twin.wire.marks import found

REPORTS = frozenset(bytes([kind]) for kind in (0, 3, 4, 5, 11, 12, 14))
"""ICMP types that answer or report another packet (RFC 792)."""
ANSWER = 255
"""Stands for a mark's number where an ARP answer came to one of ``asker``'s cards."""
ASKER = b"\x02\xb4\xa0"


@dataclass(frozen=True, slots=True)
class Heard:
    """One frame that came by, with its marks.

    ``link`` is "" at the router's own sockets, which hear what its filter has let in; ``data`` then starts with the
    IP header, else with the Ethernet one.
    """

    machine: str
    link: str
    data: bytes
    marks: tuple[tuple[int, int], ...]

    @property
    def sender(self) -> bytes:
        """The card that sent the frame here."""
        return self.data[6:12]

    @property
    def reports(self) -> bool:
        """Whether it is an ICMP answer or error, about a packet that it may quote."""
        at = 14 if self.link else 0
        packet = self.data[at:]
        if (self.link and self.data[12:14] != b"\x08\x00") or len(packet) < 20 or packet[9] != ICMP:
            return False
        return packet[(packet[0] & 15) * 4 :][:1] in REPORTS


def asker(serial: int) -> str:
    """A card of nobody's that is in an ARP request what a mark is elsewhere: the answer goes to it. 24 bits."""
    return ":".join(f"{byte:02x}" for byte in ASKER + serial.to_bytes(3, "big"))


def capture(
    layout: Layout,
    sent: Iterable[tuple[str, bytes]],
    patience: float,
    awaited: Mapping[int, frozenset[str]] | None = None,
) -> list[Heard]:
    """Send (station, frame) each, and everything of ours that came by: marked, or an answer to ``asker``'s cards.

    ``patience`` seconds pass after the last frame is sent; fewer where each of the ``awaited`` serials was heard by
    one of its machines.
    """
    heard: list[Heard] = []
    missing = dict(awaited or {})

    def hear(ear: socket.socket, machine: str) -> None:
        for one in _frames(ear, machine):
            heard.append(one)
            for serial, _ in one.marks:
                if machine in missing.get(serial, ()):
                    del missing[serial]

    with Ears(layout, hear, outgoing=False) as ears:
        ears.send(sent)
        ears.wait(patience, lambda: bool(missing or not awaited))
    return heard


def _frames(ear: socket.socket, machine: str) -> Iterator[Heard]:
    wire = ear.family == socket.AF_PACKET
    for _ in range(256):
        link = ""
        try:
            if wire and machine != ROUTER:  # it has one link only; to be told of it would cost a system call more
                data, link = ear.recv(2048), "eth0"
            else:
                data, sender = ear.recvfrom(2048)
                if wire:
                    data, link = framed(data, sender[3], sender[1]), sender[0]
        except BlockingIOError:
            return
        marks = found(data)
        if wire and data[12:14] == b"\x08\x06" and data[:3] == ASKER:
            marks = (*marks, (int.from_bytes(data[3:6], "big"), ANSWER))
        if marks:
            yield Heard(machine, link, data, marks)
