"""What has been done on the stage, told while it lasts: lines through a pipe that the first process inherits."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

VARIABLE = "BAILIWICK_PROGRESS"
Listener = Callable[[str], None]
"""Is given the name of each part of the trial when it is done."""


def tell(part: str) -> None:
    """On the stage: this part is done. Nothing where nobody listens."""
    if VARIABLE in os.environ:
        os.write(int(os.environ[VARIABLE]), f"{part}\n".encode())


@dataclass(slots=True)
class Channel:
    """What the process on the stage must be given: descriptors to inherit, and variables."""

    descriptors: tuple[int, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)


@contextmanager
def told(listener: Listener | None) -> Iterator[Channel]:
    """While this is entered, the listener is called, from a thread of its own."""
    if listener is None:
        yield Channel()
        return
    reading, writing = os.pipe()

    def read() -> None:
        with os.fdopen(reading) as lines:
            for line in lines:
                listener(line.rstrip("\n"))

    thread = Thread(target=read, daemon=True)
    thread.start()
    try:
        yield Channel((writing,), {VARIABLE: str(writing)})
    finally:
        os.close(writing)
        thread.join()
