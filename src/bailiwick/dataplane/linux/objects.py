"""The objects of a JSON that ``ip -j`` or ``bridge -j`` printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bailiwick.dataplane.tally import Line
from bailiwick.dataplane.unreadable import Unreadable


def objects(file: str, text: str) -> Iterator[tuple[Line, Mapping[str, object]]]:
    """Each object that is not empty, by its place from 1. Raises Unreadable for what is no list of objects."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable(file, f"is no JSON: {wrong}") from None
    if not isinstance(found, list):
        raise Unreadable(file, "is no list as `ip -j` prints it")
    for at, one in enumerate(found, 1):
        if not isinstance(one, dict):
            raise Unreadable(f"{file}[{at - 1}]", "is no object")
        if one:
            yield Line(file, at, str(one.get("ifname", one.get("dst", one.get("priority", ""))))), one


def listed(value: object) -> list[object]:
    """One value or several, as a list; None is none."""
    return [] if value is None else value if isinstance(value, list) else [value]
