"""One thing that is wrong with a home file: what, where, and what to write instead. Rendering lives apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    ``code`` names a page in ``language/pages/`` (kebab-case, say ``subnet-overlap``);
    ``help`` says what to write instead.
    """

    code: str
    message: str
    span: Span
    help: str = ""
    labels: tuple[Label, ...] = ()
    severity: Severity = Severity.ERROR


class Problems(Exception):
    """Every error of one stage, in file order. The stage after it does not run.

    ``sources`` holds the text of every file read so far, by the name that spans carry, so that whoever shows the
    errors can quote it; empty where the raiser has a ``Document`` that holds the same.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{len(diagnostics)} problem(s)")
        self.sources: Mapping[str, str] = sources or {}
        self.diagnostics: tuple[Diagnostic, ...] = tuple(sorted(diagnostics, key=lambda d: (d.span, d.code)))
