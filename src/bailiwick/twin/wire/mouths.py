"""Frames put on the wire by sockets that do not wait."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable

from bailiwick.twin.wire.patience import looks

PATIENCE = 20.0
"""Seconds for the kernel to carry on what it holds."""


def put(mouth: socket.socket, frame: bytes, meanwhile: Callable[[], object] = lambda: None) -> None:
    """One whole frame. Where the kernel still holds as many of this socket's as it may (``SO_SNDBUF``, socket(7)), as
    on a machine whose turn to carry them comes late, ``meanwhile`` is done and it is tried again.

    Raises BlockingIOError where that goes on for ``PATIENCE`` seconds, and OSError.
    """
    for look in looks(PATIENCE):
        try:
            mouth.send(frame)
            return
        except BlockingIOError:
            meanwhile()
            select.select([], [mouth], [], look)
    mouth.send(frame)
