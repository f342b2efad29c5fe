"""DNS messages (RFC 1035 §4) as small as the trial needs: one question, its addresses or its name."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

A, PTR = 1, 12
IN = 1
RESPONSE, RECURSION = 0x8000, 0x0180


def encode_name(name: str) -> bytes:
    """A domain name as labels, uncompressed (§3.1)."""
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def read_name(message: bytes, at: int) -> tuple[str, int]:
    """The name at this place and where the next field starts; follows compression (§4.1.4).

    Raises ValueError when the message ends early or its pointers go in a circle.
    """
    labels: list[str] = []
    after: int | None = None
    for _ in range(128):
        if at >= len(message):
            raise ValueError("a name runs past the end of the message")
        length = message[at]
        if length & 0xC0 == 0xC0:
            if at + 1 >= len(message):
                raise ValueError("a name runs past the end of the message")
            after = after or at + 2
            at = (length & 0x3F) << 8 | message[at + 1]
        elif length == 0:
            return ".".join(labels), after or at + 1
        else:
            labels.append(message[at + 1 : at + 1 + length].decode("ascii", "replace"))
            at += 1 + length
    raise ValueError("a name that does not end")


def question(number: int, name: str, kind: int) -> bytes:
    """A query with recursion desired."""
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + encode_name(name) + struct.pack("!HH", kind, IN)


def answer(query: bytes, address: IPv4Address) -> bytes:
    """A response to the query with one A record that lives for a second."""
    name, end = read_name(query, 12)
    head = query[:2] + struct.pack("!HHHHH", RESPONSE | RECURSION, 1, 1, 0, 0)
    record = struct.pack("!HHIH", A, IN, 1, 4) + address.packed
    return head + query[12 : end + 4] + encode_name(name) + record


@dataclass(frozen=True, slots=True)
class Reply:
    """``values`` are addresses or names, in text, sorted."""

    number: int
    values: tuple[str, ...]


def read_reply(message: bytes) -> Reply:
    """Raises ValueError when it is no well-formed response."""
    try:
        number, flags, questions, answers = struct.unpack_from("!HHHH", message)
        if not flags & RESPONSE:
            raise ValueError("not a response")
        at = 12
        for _ in range(questions):
            at = read_name(message, at)[1] + 4
        values: list[str] = []
        for _ in range(answers):
            at = read_name(message, at)[1]
            kind, _, _, length = struct.unpack_from("!HHIH", message, at)
            at += 10
            if kind == A:
                values.append(str(IPv4Address(message[at : at + 4])))
            elif kind == PTR:
                values.append(read_name(message, at)[0])
            at += length
    except struct.error as error:
        raise ValueError("the message ends early") from error
    return Reply(number, tuple(sorted(values)))
