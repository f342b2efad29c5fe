"""Captured frames as a file that tcpdump and Wireshark read (libpcap's classic format, pcap-savefile(5))."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from bailiwick.twin.wire.headers import Frame

MAGIC, MAJOR, MINOR, LONGEST, ETHERNET = 0xA1B2C3D4, 2, 4, 262_144, 1


def header() -> bytes:
    """Of the file, in this machine's byte order: the magic number tells a reader which that is."""
    return struct.pack("=IHHiIII", MAGIC, MAJOR, MINOR, 0, 0, LONGEST, ETHERNET)


def record(frame: Frame) -> bytes:
    """One frame, with its time to the microsecond."""
    seconds = int(frame.at)
    kept = frame.data[:LONGEST]
    return struct.pack("=IIII", seconds, int((frame.at - seconds) * 1e6), len(kept), len(frame.data)) + kept


def savefile(frames: Iterable[Frame]) -> bytes:
    """All of it."""
    return header() + b"".join(map(record, frames))
