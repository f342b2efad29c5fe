"""Recorded frames as a capture file with a name for each tap: pcapng (draft-ietf-opsawg-pcapng), which tcpdump reads.

libpcap's own older form has no place for where a frame was seen, and one packet is seen in many.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from bailiwick.twin.wire.recorder import Recorded

SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
ORDER = 0x1A2B3C4D
ETHERNET = 1  # LINKTYPE_ETHERNET
END, COMMENT, IF_NAME, IF_TSRESOL, PACKET_FLAGS = 0, 1, 2, 9, 2
NANOSECONDS = 9
INBOUND, OUTBOUND = 1, 2


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _option(code: int, data: bytes) -> bytes:
    return struct.pack("<HH", code, len(data)) + _padded(data)


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def pcapng(frames: Iterable[Recorded], comment: str = "") -> bytes:
    """One section; an interface block for each tap, called ``machine link``; then the frames in order."""
    recorded = tuple(frames)
    taps = {tap: number for number, tap in enumerate(dict.fromkeys((one.machine, one.link) for one in recorded))}
    about = _option(COMMENT, comment.encode()) if comment else b""
    parts = [_block(SECTION, struct.pack("<IHHq", ORDER, 1, 0, -1) + about + _option(END, b""))]
    for machine, link in taps:
        options = _option(IF_NAME, f"{machine} {link}".encode()) + _option(IF_TSRESOL, bytes([NANOSECONDS]))
        parts.append(_block(INTERFACE, struct.pack("<HHI", ETHERNET, 0, 0) + options + _option(END, b"")))
    for one in recorded:
        size = len(one.data)
        head = struct.pack("<IIIII", taps[one.machine, one.link], one.at >> 32, one.at & 0xFFFFFFFF, size, size)
        flags = _option(PACKET_FLAGS, struct.pack("<I", OUTBOUND if one.leaving else INBOUND))
        parts.append(_block(PACKET, head + _padded(one.data) + flags + _option(END, b"")))
    return b"".join(parts)
