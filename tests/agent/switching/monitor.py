"""What a box's kernel says meanwhile, by ``ip monitor`` or ``nft monitor``: from when it listens to its last word."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bailiwick.twin.stages.contained.box import Box

PATIENCE = 60.0
"""Seconds within which a monitor listens, and has read what came."""
EARS = """
while read -r _ _ pid groups unread _; do
    [ "$groups" != 00000000 ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ] || continue
    echo "$unread $(cut -d ' ' -f 3 "/proc/$pid/stat")"
done </proc/net/netlink
"""
"""Of each socket of that program's that hears of changes: the bytes it has not read, and its process's state (proc(5));
a socket is called by its process's number (netlink(7))."""
IDLE = "0 S"


@contextmanager
def monitored(box: Box, *command: str) -> Iterator[list[str]]:
    """Its lines, once this is left."""
    heard: list[str] = []
    with box.start(*command, stdout=subprocess.PIPE) as monitor:
        assert monitor.stdout is not None
        _waits(box, command[0])
        try:
            yield heard
        finally:
            _waits(box, command[0])
            monitor.terminate()
            heard += monitor.stdout.read().decode().splitlines()


def _waits(box: Box, program: str) -> None:
    """Until it listens, and there is nothing that it has not told."""
    end = time.monotonic() + PATIENCE
    while box.run("sh", "-c", EARS, "sh", program).splitlines() != [IDLE]:
        assert time.monotonic() < end, f"{program} does not listen"
