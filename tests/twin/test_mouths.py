"""A frame for which there is no room yet is put on the wire once there is."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from bailiwick.twin.wire import mouths
from bailiwick.twin.wire.mouths import put


@pytest.fixture
def wire() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends, the first of which takes no more."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        ours.setblocking(False)
        while True:
            try:
                ours.send(b"before")
            except BlockingIOError:
                break
        yield ours, theirs


def test_what_is_carried_on_makes_room(wire: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = wire
    heard: list[bytes] = []

    put(ours, b"this", lambda: heard.append(theirs.recv(16)))

    assert heard
    theirs.setblocking(False)
    while heard[-1] != b"this":
        heard.append(theirs.recv(16))


def test_it_is_an_error_when_nothing_is_carried_on(
    wire: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mouths, "PATIENCE", 0.1)

    with pytest.raises(BlockingIOError):
        put(wire[0], b"this")
