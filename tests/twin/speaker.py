"""``python -m tests.twin.speaker INTERFACE``: one TCP packet without a tag, one of VLAN 30, again until nobody asks."""

from __future__ import annotations

import socket
import sys
import time
from ipaddress import IPv4Address

from bailiwick.packets.packet import TCP
from bailiwick.twin.wire.frames import Header, datagram, frame

ROUTER, OTHER = IPv4Address("192.168.10.1"), IPv4Address("192.168.10.8")
CARDS = ("02:b4:00:00:00:01", "02:b4:00:00:00:02")
AGAIN, PAUSE = 600, 0.1  # the listener takes a moment to start, and ends the speaker


def main() -> None:
    mouth = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    mouth.bind((sys.argv[1], 0))
    with mouth:
        for number in range(AGAIN):
            for speaker, tag in ((OTHER, None), (IPv4Address("192.168.10.7"), None if number % 2 else 30)):
                mouth.send(frame(*CARDS, datagram(Header(speaker, ROUTER, TCP, 3000, 22), 1), tag))
            time.sleep(PAUSE)


if __name__ == "__main__":
    main()
