"""The files of one home: read once, decoded, kept for the messages that quote them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from bailiwick.language.diagnostic import Diagnostic
from bailiwick.language.span import Span

_LARGEST = 16 << 20
"""Bytes of one file: no home needs more, and a device file has no end."""


class Unopened(Exception):
    """A file cannot be read; ``code`` and ``message`` say why, ``at`` where in the file if it was opened at all."""

    def __init__(self, code: str, message: str, at: Span | None = None, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at
        self.help = help

    def diagnostic(self, asked: Span) -> Diagnostic:
        """``asked``: the place that named the file, for a file that was never opened."""
        return Diagnostic(self.code, self.message, self.at or asked, self.help)


def disk_reader(name: str) -> bytes:
    """Raises OSError."""
    with Path(name).open("rb") as file:
        return file.read(_LARGEST + 1)


def memory_reader(files: Mapping[str, str]) -> Callable[[str], bytes]:
    """Reads from texts by name, as ``disk_reader`` does from the disk."""

    def read(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(2, "No such file", name)
        return files[name].encode("utf-8", "surrogatepass")

    return read


_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
"""All that YAML 1.1 takes for the end of a line: one kind is left, so that every reader counts the same lines."""


class Sources:
    """``texts`` holds every file read so far, by its name."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self.texts: dict[str, str] = {}

    @staticmethod
    def beside(file: str, name: str) -> str:
        """The name of a file that is named in another, relative to it."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(file), name))

    def text(self, name: str) -> str:
        """The file's text without a byte order mark; raises Unopened."""
        if name in self.texts:
            return self.texts[name]
        try:
            raw = self._read(name)
        except OSError as why:
            reason = why.strerror or "it cannot be opened"
            raise Unopened("file-missing", f"`{name}` cannot be read: {reason.lower()}.") from None
        except ValueError:  # a NUL byte in the name
            raise Unopened("file-missing", "The file's name cannot be a name.") from None
        if len(raw) > _LARGEST:
            raise Unopened("file-size", f"`{name}` is larger than 16 MiB.")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as why:
            before = raw[: why.start].decode("utf-8-sig")
            self.texts[name] = raw.decode("utf-8-sig", "replace")
            line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
            raise Unopened(
                "file-encoding",
                f"`{name}` is not UTF-8: the byte 0x{raw[why.start]:02X} stands here.",
                Span(name, line, column, line, column + 1),
                "save it as UTF-8",
            ) from None
        text = self.texts[name] = _LINE_END.sub("\n", text)
        return text
