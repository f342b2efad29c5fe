"""How much a socket holds of what has not been heard yet."""

from __future__ import annotations

import socket

SO_RCVBUFFORCE, BUFFER = 33, 1 << 22  # asm-generic/socket.h
FEW, MANY = 24, 240
"""Frames whose echoes fit the smallest buffer that Linux gives without privilege, and the one that it gives with it."""


def enlarged(ear: socket.socket) -> int:
    """Give it as large a buffer as may be (socket(7)), and say how many frames may be sent between two looks."""
    try:
        ear.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    except PermissionError:  # in a user namespace the limit of the machine holds
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        return FEW
    return MANY
