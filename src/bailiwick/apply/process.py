"""One process of this machine: bytes in, lines out as they come, and its end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from threading import Thread, Timer
from typing import IO

from bailiwick.apply.transport.way import Cut, Ended, Unreachable

LARGEST = 64 << 20
"""Bytes of one line, and of a whole standard error: more is no agent's."""


def run(argv: Sequence[str], given: bytes, hear: Callable[[str], None], patience: float) -> Ended:
    """Gives ``given`` to the process's standard input and each line of its output to ``hear``, in order.

    Raises Unreachable where the process cannot be started, Cut where it is not over within ``patience`` seconds, and
    whatever ``hear`` raises; the process is over then.
    """
    try:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except FileNotFoundError:
        raise Unreachable(f"There is no program {argv[0]} here.") from None
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    late: list[bool] = []

    def kill() -> None:
        late.append(True)
        process.kill()

    errors: list[bytes] = []
    feed = Thread(target=_feed, args=(process.stdin, given), daemon=True)
    drain = Thread(target=lambda pipe: errors.append(pipe.read(LARGEST)), args=(process.stderr,), daemon=True)
    timer = Timer(patience, kill)
    timer.daemon = True
    lines = 0
    try:
        for thread in (feed, drain, timer):
            thread.start()
        while line := process.stdout.readline(LARGEST):
            lines += 1
            hear(line.decode("utf-8", "replace"))
        status = process.wait()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        for thread in (feed, drain):
            thread.join()
        process.stdout.close()
        process.stderr.close()
    if late:
        raise Cut(f"There was no answer within {patience:.0f} seconds.")
    return Ended(status, lines, b"".join(errors).decode("utf-8", "replace"))


def _feed(pipe: IO[bytes], given: bytes) -> None:
    """A process that does not want to hear it all says so by its status."""
    left = memoryview(given)
    try:
        while left:
            left = left[os.write(pipe.fileno(), left) :]
    except BrokenPipeError:
        pass
    finally:
        pipe.close()
