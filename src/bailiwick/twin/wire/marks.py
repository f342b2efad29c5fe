"""Eight bytes that say whose a packet is, repeated through all that it carries.

Unlike the prober's serial they are found wherever they come by: in a later fragment, in what an ICMP error quotes, in
the padding behind an ARP message, behind any number of tags.
"""

from __future__ import annotations

import re
import struct

MAGIC = b"\xb4\x17\xe5"
UNIT = 8
"""Bytes of one mark: the magic, its number within the packet, the serial. Fragments are cut so too (RFC 791)."""
MOST = 256
_MARK = re.compile(re.escape(MAGIC) + b"(.)(.{4})", re.DOTALL)


def marks(serial: int, count: int = 1) -> bytes:
    """``count`` marks of this serial (32 bits), numbered from 0. Raises ValueError for more than 256."""
    if count > MOST:
        raise ValueError(f"{count} marks: one byte counts them")
    tail = struct.pack("!I", serial)
    if count == 1:
        return MAGIC + b"\0" + tail
    return b"".join(MAGIC + bytes([number]) + tail for number in range(count))


def found(data: bytes) -> tuple[tuple[int, int], ...]:
    """(serial, number) of each mark in these bytes."""
    if MAGIC not in data:
        return ()
    return tuple((int.from_bytes(tail), number[0]) for number, tail in _MARK.findall(data))
