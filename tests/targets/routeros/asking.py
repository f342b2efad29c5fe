"""A DHCP client that asks for many options at once, and prints what it hears: ``python asking.py INTERFACE CODE…``.

Each line is a code and its bytes in hexadecimal digits; no line for what was not told. Plain RFC 2131, and the standard
library alone, as it runs within a namespace.
"""

from __future__ import annotations

import socket
import struct
import sys
import time

MAGIC = b"\x63\x82\x53\x63"
BROADCAST = 0x8000
PATIENCE = 60


def question(codes: list[int]) -> bytes:
    """DHCPDISCOVER from a card of ours, with room for a long answer. No codes: no list of them at all."""
    card = bytes.fromhex("5254000000aa")
    head = struct.pack("!BBBBIHH16x16s64x128x", 1, 1, 6, 0, 7, 0, BROADCAST, card)
    asked = bytes([55, len(codes), *codes]) if codes else b""
    return head + MAGIC + bytes([53, 1, 1, 57, 2, 5, 220]) + asked + b"\xff"


def told(answer: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = answer.index(MAGIC) + 4
    while answer[at] != 255:
        if answer[at] == 0:
            at += 1
            continue
        code, size = answer[at], answer[at + 1]
        found[code] = found.get(code, b"") + answer[at + 2 : at + 2 + size]
        at += 2 + size
    return found


def main() -> None:
    interface, codes = sys.argv[1], [int(one) for one in sys.argv[2:]]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        ear.bind(("", 68))
        ear.settimeout(1)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            ear.sendto(question(codes), ("255.255.255.255", 67))
            try:
                answer = ear.recv(2000)
            except TimeoutError:
                continue
            for code, value in sorted(told(answer).items()):
                sys.stdout.write(f"{code} {value.hex()}\n")
            return
    sys.exit("no DHCP server answers")


if __name__ == "__main__":
    main()
