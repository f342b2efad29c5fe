"""The provider at the other end of the WAN wire: it gives leases, and one day another address (RFC 2131)."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from bailiwick.twin.scene.namespaces import within
from tests.agent.faults.beside import Beside
from tests.agent.faults.homes import OUTSIDER

COOKIE = b"\x63\x82\x53\x63"
HEADER = struct.Struct("!BBBBIHH4s4s4s4s16s192s")  # RFC 2131 section 2
DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6
MASK = "255.255.255.248"
LASTS, RENEWED, REBOUND = 600, 2, 5
"""Seconds of a lease, and after which the client asks this server again, and then any. A refusal is broadcast: the
client's socket, bound to the address that it asks for, hears none until it asks any server, and listens by a packet
socket."""


@dataclass
class Provider(Beside):
    """Serves until ``stop``. ``address`` is whom it serves with; ``given`` those that it has, one after the other."""

    netns: str
    address: str
    given: list[str] = field(default_factory=list)
    failed: list[OSError] = field(default_factory=list)

    def _run(self) -> None:
        try:
            with within(self.netns), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
                one.bind(("", 67))
                one.settimeout(0.2)
                while not self._over.is_set():
                    with suppress(TimeoutError):
                        self._serve(one, one.recv(2048))
        except OSError as error:
            self.failed.append(error)

    def _serve(self, one: socket.socket, packet: bytes) -> None:
        operation, *_, number, _, _, client, _, _, _, hardware, _ = HEADER.unpack_from(packet)
        asked = dict(_options(packet[HEADER.size :]))
        kind = asked.get(53, b"\0")[0]
        if operation != 1 or kind not in (DISCOVER, REQUEST):
            return
        wanted = asked.get(50, client)
        answer = OFFER if kind == DISCOVER else ACK if wanted == IPv4Address(self.address).packed else NAK
        gives = answer != NAK
        yours = IPv4Address(self.address).packed if gives else bytes(4)
        said = HEADER.pack(2, 1, 6, 0, number, 0, 0x8000, bytes(4), yours, bytes(4), bytes(4), hardware, bytes(192))
        said += COOKIE + _option(53, bytes([answer])) + _option(54, IPv4Address(OUTSIDER).packed)
        if gives:
            said += b"".join(
                _option(key, struct.pack("!I", n)) for key, n in ((51, LASTS), (58, RENEWED), (59, REBOUND))
            )
            said += _option(1, IPv4Address(MASK).packed) + _option(3, IPv4Address(OUTSIDER).packed)
        to = str(IPv4Address(client)) if gives and any(client) else "255.255.255.255"
        one.sendto(said + b"\xff", (to, 68))
        if answer == ACK and self.given[-1:] != [self.address]:
            self.given.append(self.address)


def _option(key: int, value: bytes) -> bytes:
    return bytes([key, len(value)]) + value


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Of RFC 2132; none where there is no cookie."""
    rest = data[4:] if data[:4] == COOKIE else b""
    while rest and rest[0] != 255:
        if rest[0] == 0:
            rest = rest[1:]
            continue
        length = rest[1]
        yield rest[0], rest[2 : 2 + length]
        rest = rest[2 + length :]
