"""The sentence form, ``from, from -> to, to: services``, as written: names with their places, nothing looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bailiwick.language.span import Span


@dataclass(frozen=True, slots=True)
class Name:
    """One word of a sentence: a zone, host, group, service or keyword, not yet resolved."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Side:
    """``a, b except c``: one side of an arrow, or the services after the colon."""

    names: tuple[Name, ...]
    excepts: tuple[Name, ...] = ()

    def __str__(self) -> str:
        text = ", ".join(n.text for n in self.names)
        return f"{text} except {', '.join(n.text for n in self.excepts)}" if self.excepts else text


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of ``policy`` or ``tests``. ``services.names`` is never empty."""

    source: Side
    target: Side
    services: Side
    span: Span
    log: bool = False
    expires: date | None = None
    comment: str = ""

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}: {self.services}"
