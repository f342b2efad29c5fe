"""The three standard streams as the command line needs them, however the program was started."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_AGAINST = (os.O_WRONLY, os.O_RDONLY, os.O_RDONLY)
"""How each is opened that was closed: against its use, so that reading or writing fails as it would have (EBADF)."""


def hold() -> None:
    """Take the numbers 0, 1 and 2, and see to it that a word on stderr which cannot be written ends nothing.

    A number that is free would be given to the next file or connection that is opened, and what is printed would go
    there. Python makes no stream for one that was closed (sys, ``__stdout__``).
    """
    for number, flags in enumerate(_AGAINST):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, flags), True)  # the lowest that is free: this one
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as the program lives
    sys.stdout = _text(_Answer(1, "w", closefd=False), sys.stdout, "strict")
    sys.stderr = _text(_Beside(2, "w", closefd=False), sys.stderr, "backslashreplace")


class Unwritten(OSError):
    """Of stdout, for another reason than that its reader has gone; strerror is a sentence's worth of words."""


def _text(raw: io.FileIO, before: TextIO | None, errors: str) -> TextIO:
    """In the encoding that Python has found for it; by lines where somebody looks on, and always on stderr (sys)."""
    encoding, errors = ("utf-8", errors) if before is None else (before.encoding, before.errors or errors)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors, line_buffering=raw.fileno() == 2 or raw.isatty())


class _Answer(io.FileIO):
    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise Unwritten(error.errno, f"the answer could not be written: {why}") from error


class _Beside(io.FileIO):
    """What is said beside the answer may be lost, as when its reader goes away: the exit status says how it ended."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


@contextmanager
def read_or_not() -> Iterator[None]:
    """For what is printed when it is done: a reader who has gone changes nothing of that."""
    try:
        yield
    except BrokenPipeError:
        let_go()


def let_go() -> None:
    """What is still buffered for stdout goes nowhere, so that it does not fail once more at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
