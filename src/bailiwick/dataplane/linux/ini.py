"""systemd's configuration files: sections of keys, both of which may come again (systemd.syntax(7))."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bailiwick.dataplane.linux.draft import Ledger, hidden
from bailiwick.dataplane.tally import Line


@dataclass(frozen=True, slots=True)
class Entry:
    key: str
    value: str
    line: Line


@dataclass(slots=True)
class Section:
    name: str
    line: Line
    entries: list[Entry] = field(default_factory=list)

    def last(self, key: str) -> Entry | None:
        """The last assignment wins."""
        return next((entry for entry in reversed(self.entries) if entry.key == key), None)

    def value(self, key: str, default: str = "") -> str:
        entry = self.last(key)
        return default if entry is None else entry.value

    def values(self, key: str) -> list[Entry]:
        """Every assignment since the last empty one, which takes all earlier back."""
        found: list[Entry] = []
        for entry in self.entries:
            if entry.key == key:
                found = [] if not entry.value else [*found, entry]
        return found


def sections(file: str, text: str, ledger: Ledger) -> list[Section]:
    """The headers are counted as understood; the caller accounts for the entries."""
    found: list[Section] = []
    pending, start = "", 0
    for number, raw in enumerate(text.split("\n"), 1):
        stripped = raw.strip()
        if stripped.startswith(("#", ";")) or (not stripped and not pending):
            continue
        start = start or number
        pending += stripped
        if pending.endswith("\\"):
            pending = pending[:-1] + " "
            continue
        _statement(found, pending, Line(file, start, hidden(pending)), ledger)
        pending, start = "", 0
    if pending:
        _statement(found, pending, Line(file, start, hidden(pending)), ledger)
    return found


def _statement(found: list[Section], text: str, line: Line, ledger: Ledger) -> None:
    if text.startswith("[") and text.endswith("]"):
        ledger.understood()
        found.append(Section(text[1:-1], line))
        return
    key, equals, value = text.partition("=")
    if not equals or not found:
        ledger.unknown(line, "neither a section nor an assignment in one")
        return
    found[-1].entries.append(Entry(key.strip(), value.strip(), line))


def assigned(found: Iterable[Section], section: str, key: str) -> list[str]:
    """The values of a key in every section of that name, in the order of the file."""
    return [entry.value for one in found if one.name == section for entry in one.values(key)]


def yes(value: str) -> bool | None:
    """systemd's booleans; None for what is none."""
    lowered = value.lower()
    if lowered in ("1", "yes", "y", "true", "t", "on"):
        return True
    return False if lowered in ("0", "no", "n", "false", "f", "off") else None
