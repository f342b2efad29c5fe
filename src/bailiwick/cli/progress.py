"""A line on the terminal that says how far something has come; nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

WIDTH = 78
_BACK, _CLEAR = "\r", "\x1b[K"


@contextmanager
def live(title: str, stream: TextIO | None = None) -> Iterator[Callable[[str], None] | None]:
    """Gives what is to be called with each part that is done, None where ``stream`` (stderr) is no terminal.

    The line is taken away in the end.
    """
    out = stream or sys.stderr
    if not out.isatty():
        yield None
        return
    began = time.monotonic()
    done: list[str] = []

    def show(part: str) -> None:
        done.append(part)
        words = f"{title} {time.monotonic() - began:4.1f} s, {len(done)} done: {part}"
        out.write(f"{_BACK}{words[:WIDTH]}{_CLEAR}")
        out.flush()

    out.write(f"{title} …")
    out.flush()
    try:
        yield show
    finally:
        out.write(f"{_BACK}{_CLEAR}")
        out.flush()
