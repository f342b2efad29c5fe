"""What was done on this device, one JSON object a line, the oldest first."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

from bailiwick.agent.disk import durable
from bailiwick.agent.places import Places


def append(places: Places, **what: Any) -> None:
    """Adds ``at`` (UTC, ISO 8601). On the disk when this returns. Raises durable.NotWritten."""
    durable.directory(places.state)
    line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **what}, sort_keys=True).encode() + b"\n"
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with durable.opened(places.state) as parent:
            new = not places.history.exists()
            file = os.open(places.history.name, flags, 0o600, dir_fd=parent)
            try:
                size = os.fstat(file).st_size
                if size and os.pread(file, 1, size - 1) != b"\n":
                    line = b"\n" + line  # a power cut left half a line; it stays one of its own
                while line:
                    line = line[os.write(file, line) :]
                os.fsync(file)
            finally:
                os.close(file)
            if new:
                os.fsync(parent)
    except OSError as error:
        raise durable.NotWritten(f"{places.history}: {error.strerror}") from error


def entries(places: Places) -> tuple[dict[str, Any], ...]:
    """A line that a power cut left in half is ``{"unreadable": its text}``. Raises durable.NotWritten."""
    try:
        text = durable.read(places.history).decode(errors="replace")
    except FileNotFoundError:
        return ()
    return tuple(_entry(line) for line in text.splitlines() if line.strip("\0 "))


def _entry(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {"unreadable": line}
    return entry if isinstance(entry, dict) else {"unreadable": line}
