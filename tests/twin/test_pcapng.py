"""Capture files, taken apart again by the draft's own layout."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from bailiwick.twin.wire.pcapng import pcapng
from bailiwick.twin.wire.recorder import Recorded

AT = 1_700_000_000_123_456_789
FRAME = bytes(range(61))
FRAMES = (
    Recorded(AT, "zone.lan.a", "eth0", True, FRAME),
    Recorded(AT + 5, "router", "lan", False, FRAME[:60]),
    Recorded(AT + 9, "zone.lan.a", "eth0", False, b""),
)


def blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        assert length % 4 == 0
        assert struct.unpack_from("<I", data, at + length - 4)[0] == length
        yield kind, data[at + 8 : at + length - 4]
        at += length
    assert at == len(data)


def options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while True:
        code, length = struct.unpack_from("<HH", data, at)
        if code == 0:
            return found
        found[code] = data[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4


def test_a_section_that_says_its_byte_order() -> None:
    kind, body = next(blocks(pcapng(FRAMES, "why it is kept")))

    assert kind == 0x0A0D0D0A
    assert struct.unpack_from("<IHH", body) == (0x1A2B3C4D, 1, 0)
    assert options(body[16:]) == {1: b"why it is kept"}


def test_an_interface_for_each_tap_by_its_name() -> None:
    named = [options(body[8:]) for kind, body in blocks(pcapng(FRAMES)) if kind == 1]

    assert named == [{2: b"zone.lan.a eth0", 9: b"\x09"}, {2: b"router lan", 9: b"\x09"}]


def test_frames_in_order_with_their_time_to_the_nanosecond() -> None:
    found = []
    for kind, body in blocks(pcapng(FRAMES)):
        if kind == 6:
            tap, high, low, kept, length = struct.unpack_from("<IIIII", body)
            assert kept == length
            flags = options(body[20 + kept + -kept % 4 :])[2]
            found.append((tap, high << 32 | low, body[20 : 20 + kept], flags[0]))

    assert found == [(0, AT, FRAME, 2), (1, AT + 5, FRAME[:60], 1), (0, AT + 9, b"", 1)]


def test_no_frames_are_a_file_too() -> None:
    assert [kind for kind, _ in blocks(pcapng(()))] == [0x0A0D0D0A]
