"""One thing that is wrong with a home file: what, where, and what to write instead. Rendering lives apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bailiwick.language.span import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that the message needs, with a word on why."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding about the text. ``message`` is one plain sentence that stands alone without the rest.

    ``code`` names a page under ``docs/errors/`` (kebab-case, say ``subnet-overlap``);
    ``help`` says what to write instead.
    """

    code: str
    message: str
    span: Span
    help: str = ""
    labels: tuple[Label, ...] = ()
    severity: Severity = Severity.ERROR


class Problems(Exception):
    """Every error of one stage, in file order. The stage after it does not run."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(f"{len(diagnostics)} problem(s)")
        self.diagnostics: tuple[Diagnostic, ...] = tuple(sorted(diagnostics, key=lambda d: (d.span, d.code)))
