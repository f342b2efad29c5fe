"""What one stage finds wrong, gathered so that a person sees all of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bailiwick.language.diagnostic import Diagnostic, Label, Problems, Severity
from bailiwick.language.span import Path, Span, Spans

Labels: TypeAlias = Sequence[tuple[Span | Path, str]]
"""Further places, each with a word on why."""


@dataclass(slots=True)
class Findings:
    """Errors and warnings of one run. ``at`` is a span, or the path of the value that is meant."""

    spans: Spans
    sources: Mapping[str, str] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, message: str, at: Span | Path, help: str = "", labels: Labels = ()) -> None:
        self.found.append(Diagnostic(code, message, self._span(at), help, self._labels(labels), Severity.ERROR))

    def warn(self, code: str, message: str, at: Span | Path, help: str = "", labels: Labels = ()) -> None:
        self.found.append(Diagnostic(code, message, self._span(at), help, self._labels(labels), Severity.WARNING))

    def raise_errors(self) -> None:
        """Raises Problems with every error so far, when there is one."""
        errors = [d for d in dict.fromkeys(self.found) if d.severity is Severity.ERROR]
        if errors:
            raise Problems(errors, self.sources)

    def warnings(self) -> tuple[Diagnostic, ...]:
        """In file order."""
        found = (d for d in self.found if d.severity is Severity.WARNING)
        return tuple(sorted(found, key=lambda d: (d.span, d.code)))

    def failed(self, code: str) -> bool:
        return any(d.code == code for d in self.found)

    def _span(self, at: Span | Path) -> Span:
        return at if isinstance(at, Span) else self.spans.value(*at)

    def _labels(self, labels: Labels) -> tuple[Label, ...]:
        return tuple(Label(self._span(at), text) for at, text in labels)
