"""The syntax of systemd's files: units, drop-ins, .link, .netdev, .network (systemd.syntax(7))."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bailiwick.targets.lines import Line, comments, paragraphs


@dataclass(frozen=True, slots=True)
class Entry:
    """``Key=value`` as it stands; an empty value clears a list."""

    key: str
    value: str
    ids: tuple[str, ...] = ()
    why: str = ""  # a comment line above it


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    entries: tuple[Entry, ...]


def literal(text: str) -> str:
    """``text`` with its percent signs kept from being read as specifiers (systemd.unit(5), SPECIFIERS)."""
    return text.replace("%", "%%")


def flag(value: bool) -> str:
    """A boolean as systemd.syntax(7) writes it."""
    return "yes" if value else "no"


def lines(sections: Iterable[Section]) -> tuple[Line, ...]:
    """Raises ValueError for a value that would not be read back as it was given."""
    return paragraphs(*map(_section, sections))


def _section(section: Section) -> Iterator[Line]:
    yield Line(f"[{section.name}]")
    for entry in section.entries:
        if entry.why:
            yield from comments(entry.why)
        yield Line(f"{entry.key}={_checked(entry)}", entry.ids)


def _checked(entry: Entry) -> str:
    value = entry.value
    if value != value.strip() or value.endswith("\\") or any(ord(letter) < 32 for letter in value):
        raise ValueError(f"{entry.key}= cannot hold {value!r}: outer blanks, control characters and a final backslash")
    return value
