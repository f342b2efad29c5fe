"""Netlink messages and their attributes, read and written, and a socket to netfilter.

From netlink(7), linux/netlink.h and linux/netfilter/nfnetlink.h. Integers of netlink itself are in the machine's
order, those inside netfilter's attributes in the network's.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from types import TracebackType
from typing import Self

ERROR, DONE = 2, 3
REQUEST, ACK, DUMP = 0x1, 0x4, 0x300
INTERRUPTED = 0x10
"""NLM_F_DUMP_INTR: what was dumped changed meanwhile in a way that leaves the dump unreliable."""
NETFILTER = 12
HEADER = struct.Struct("=IHHII")
ATTRIBUTE = struct.Struct("=HH")
GENERIC = struct.Struct("=BBH")
NESTED, TYPE = 0x8000, 0x3FFF
RECEIVE = 1 << 18
"""Bytes for one receive: the kernel fills at most 32 KiB of it at a time."""
SECONDS = 10.0
"""How long the kernel may be silent; it answers at once or not at all."""


class Damaged(ValueError):
    """A message that is none, or is cut off."""


class Refused(OSError):
    """The kernel's error, with the number of the message that it is about."""

    def __init__(self, code: int, sequence: int) -> None:
        super().__init__(code, os.strerror(code))
        self.sequence = sequence


def attributes(data: bytes, at: int = 0) -> dict[int, bytes]:
    """Payloads by type; of two of one type the last. Raises Damaged."""
    found: dict[int, bytes] = {}
    end = len(data)
    while end - at >= 4:
        length, kind = ATTRIBUTE.unpack_from(data, at)
        if length < 4 or at + length > end:
            raise Damaged(f"an attribute of {length} bytes where {end - at} are left")
        found[kind & TYPE] = data[at + 4 : at + length]
        at += (length + 3) & ~3
    if at < end:
        raise Damaged(f"{end - at} bytes after the last attribute")
    return found


def attribute(kind: int, payload: bytes, *, nested: bool = False) -> bytes:
    """With the padding that follows it."""
    length = 4 + len(payload)
    return ATTRIBUTE.pack(length, kind | (NESTED if nested else 0)) + payload + bytes(-length % 4)


def message(kind: int, flags: int, sequence: int, payload: bytes) -> bytes:
    """With netlink's header in front."""
    return HEADER.pack(16 + len(payload), kind, flags, sequence, 0) + payload


def messages(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Type, flags, sequence number and payload of each message. Raises Damaged."""
    at, end = 0, len(data)
    while at < end:
        if end - at < 16:
            raise Damaged(f"{end - at} bytes are no message")
        length, kind, flags, sequence, _ = HEADER.unpack_from(data, at)
        if length < 16 or at + length > end:
            raise Damaged(f"a message of {length} bytes where {end - at} are left")
        yield kind, flags, sequence, data[at + 16 : at + length]
        at += (length + 3) & ~3


class Netfilter:
    """A socket to the netfilter of the network namespace that the thread is in when it is made."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETFILTER)
        self._socket.settimeout(SECONDS)
        self._socket.bind((0, 0))
        self._sequence = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def dump(self, kind: int, payload: bytes) -> Iterator[bytes]:
        """The payload of each message of a dump. Raises Refused, Damaged and OSError."""
        self._sequence += 1
        self._socket.send(message(kind, REQUEST | DUMP, self._sequence, payload))
        while True:
            for answer, flags, sequence, body in messages(self._socket.recv(RECEIVE)):
                if sequence != self._sequence:
                    continue
                if flags & INTERRUPTED:
                    raise Damaged("the kernel's table changed while it was listed")
                if answer in (ERROR, DONE):
                    code = _code(body)
                    if code:
                        raise Refused(code, 0)
                    return
                yield body

    def ask(self, kind: int, payloads: list[bytes]) -> dict[int, int]:
        """Several requests in one write: the error number of each that failed, by its place in the list.

        Raises Damaged and OSError. Keep it to some hundred: each failure is answered by a message of its own, and
        all of them must fit into the socket's buffer.
        """
        if not payloads:
            return {}
        first = self._sequence + 1
        self._sequence += len(payloads)
        last = self._sequence
        self._socket.send(
            b"".join(
                message(kind, REQUEST | (ACK if first + at == last else 0), first + at, payload)
                for at, payload in enumerate(payloads)
            )
        )
        failed: dict[int, int] = {}
        while True:
            for answer, _, sequence, body in messages(self._socket.recv(RECEIVE)):
                if answer != ERROR or not first <= sequence <= last:
                    continue
                code = _code(body)
                if code:
                    failed[sequence - first] = code
                if sequence == last:
                    return failed


def _code(body: bytes) -> int:
    if len(body) < 4:
        raise Damaged("an answer without a code")
    (code,) = struct.unpack_from("=i", body)
    return -int(code)
