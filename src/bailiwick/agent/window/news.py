"""What the running apply has to say, a line for each thing done, for whoever asks how it goes (``progress.jsonl``)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bailiwick.agent.disk import durable
from bailiwick.agent.model import Probe
from bailiwick.agent.places import Places

Tell = Callable[[str], None]


def begin(places: Places) -> None:
    """What the apply before had to say goes. Raises durable.NotWritten."""
    durable.write(places.progress, b"", owner=durable.own())


def tell(places: Places, at: float, step: str, text: str, probe: dict[str, Any] | None = None) -> None:
    """``at`` in seconds of CLOCK_BOOTTIME. It is for people: a full disk must not keep a generation from coming back,
    so what cannot be written is left unsaid."""
    line = json.dumps({"at": round(at, 3), "step": step, "text": text, "probe": probe})
    with suppress(OSError):
        file = os.open(places.progress, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.write(file, f"{line}\n".encode())
        finally:
            os.close(file)


def of_probe(probe: Probe, holds: bool) -> dict[str, Any]:
    """As it stands in a line."""
    return {"kind": probe.kind, "what": probe.what, "holds": holds}


def lines(places: Places, after: int) -> list[dict[str, Any]]:
    """Those that came after the first ``after``, each with its number (``line``, from 1). Raises durable.NotWritten."""
    try:
        text = durable.read(places.progress).decode(errors="replace")
    except FileNotFoundError:
        return []
    whole = text[: text.rfind("\n") + 1].splitlines()
    return [{"line": number, **_line(line)} for number, line in enumerate(whole, 1) if number > after]


def _line(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    return line if isinstance(line, dict) else {"at": 0.0, "step": "", "text": "(a line that was cut)", "probe": None}
