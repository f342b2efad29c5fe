"""How long something is waited for, on a machine that may be busy with other things."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

LOOK = 0.02
"""Seconds of one look."""
SHORTEST = 0.0005
"""A wait that is shorter is over: poll(2) counts milliseconds."""


def looks(seconds: float, clock: Callable[[], float] = time.monotonic) -> Iterator[float]:
    """How long each look may wait, in seconds, until so many seconds were waited in all; the last one waits for
    nothing.

    Of a look that took longer than it was meant to, no more than that counts: while others have the processor nobody
    here listens, and those who would answer may not run either.
    """
    left = seconds
    while left > SHORTEST:
        look = min(left, LOOK)
        began = clock()
        yield look
        left -= min(max(clock() - began, 0.0), look)
    yield 0.0
