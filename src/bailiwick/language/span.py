"""Where a piece of text stands in a home file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""The way from the document's root to a value: keys and list positions."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a file; lines and columns count from 1, the end is exclusive in columns."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Spans:
    """The place of every key and every value of one document, by path.

    A path that was never written (a default) answers with its nearest written ancestor,
    so that a message about a default still points somewhere a person can look.
    """

    keys: Mapping[Path, Span] = field(default_factory=dict)
    values: Mapping[Path, Span] = field(default_factory=dict)

    def key(self, *path: str | int) -> Span:
        """Raises KeyError when not even the document's root has a place."""
        return self.keys.get(path) or self.value(*path)

    def value(self, *path: str | int) -> Span:
        """Raises KeyError when not even the document's root has a place."""
        while path not in self.values and path:
            path = path[:-1]
        return self.values[path]
