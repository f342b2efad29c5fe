"""What importing a RouterOS script would change on a device, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from bailiwick.workflow.importing import Change, Comparison, Value

WIDEST = 110
"""Letters of one object's line."""


def import_text(device: str, export: str, found: Comparison) -> str:
    """Object by object; without a line break at the end."""
    release = f", RouterOS {'.'.join(map(str, found.release))}" if found.release else ""
    counts = (
        f"{len(found.added)} added, {len(found.changed)} changed, {len(found.removed)} removed, "
        f"{found.same} the same, {len(found.left)} left alone"
    )
    parts = [f"{device} against {export}{release}: {counts}."]
    if found.stops:
        rows = [f"  {one.line}: {one.why}" for one in found.stops]
        parts.append("\n".join(["The import would stop half-way", *rows]))
    if found.unread:
        rows = [f"  {one.line}: {one.why}" for one in found.unread]
        parts.append("\n".join(["Not understood, and so not compared", *rows]))
    if found.removed:
        parts.append("\n".join(["Removed", *_whole(found.removed, "-")]))
    if found.changed or found.moved:
        moved = [f"  {menu}: rules of ours change their order" for menu in found.moved]
        parts.append("\n".join(["Changed", *_changed(found.changed), *moved]))
    if found.added:
        parts.append("\n".join(["Added", *_whole(found.added, "+")]))
    if found.left:
        rows = [f"  {one.before}: {_short(one.before.text)}" for one in found.left if one.before]
        parts.append("\n".join(["Left alone: no comment of ours", *rows]))
    if found.earlier:
        parts.append(_first(found.earlier))
    return "\n\n".join(parts)


def _first(count: int) -> str:
    if count == 1:
        return "One rule that is left alone stands before ours, and decides first."
    return f"{count} rules that are left alone stand before ours, and decide first."


def _whole(changes: Sequence[Change], sign: str) -> Iterator[str]:
    for menu, rows in groupby(changes, key=lambda one: one.menu):
        yield f"  {menu}"
        for one in rows:
            said = (value.after if sign == "+" else value.before for value in one.values)
            values = [f"{value.name}={text}" for value, text in zip(one.values, said, strict=True)]
            where = f"{one.before}: " if one.before else ""
            yield f"    {sign} {where}{_short(' '.join(values))}"


def _changed(changes: Sequence[Change]) -> Iterator[str]:
    for one in changes:
        where = f"  {one.before}" if one.before else ""
        yield f"  {one.menu} {one.name}".rstrip() + where
        for value in one.values:
            yield f"    {value.name}: {_before(value)} -> {_after(value)}"


def _before(value: Value) -> str:
    if value.before is None:
        return "(not said)"
    return f"{value.before or '(none)'}{' (by default)' if value.assumed else ''}"


def _after(value: Value) -> str:
    return "(not said)" if value.after is None else value.after or "(none)"


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def import_record(found: Comparison) -> dict[str, Any]:
    """The same as data."""
    return {
        "added": [_record(one) for one in found.added],
        "changed": [_record(one) for one in found.changed],
        "removed": [_record(one) for one in found.removed],
        "left": [_record(one) for one in found.left],
        "same": found.same,
        "moved": list(found.moved),
        "earlier_rules": found.earlier,
        "stops": [{"line": str(one.line), "why": one.why} for one in found.stops],
        "unread": [{"line": str(one.line), "why": one.why} for one in found.unread],
    }


def _record(one: Change) -> dict[str, Any]:
    values = [{"name": value.name, "before": value.before, "after": value.after} for value in one.values]
    return {
        "menu": one.menu,
        "name": one.name,
        "before": str(one.before) if one.before else None,
        "after": str(one.after) if one.after else None,
        "values": values,
    }
