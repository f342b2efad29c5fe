"""What one stage finds wrong, gathered so that a person sees all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bailiwick.language.diagnostic import Diagnostic, Label, Problems, Severity
from bailiwick.language.span import Path, Span, Spans


@dataclass(slots=True)
class Findings:
    """Errors and warnings of one run. ``at`` is a span, or the path of the value that is meant."""

    spans: Spans
    found: list[Diagnostic] = field(default_factory=list)

    def error(
        self, code: str, message: str, at: Span | Path, help: str = "", labels: Sequence[tuple[Span | Path, str]] = ()
    ) -> None:
        self._add(Severity.ERROR, code, message, at, help, labels)

    def warn(
        self, code: str, message: str, at: Span | Path, help: str = "", labels: Sequence[tuple[Span | Path, str]] = ()
    ) -> None:
        self._add(Severity.WARNING, code, message, at, help, labels)

    def raise_errors(self) -> None:
        """Raises Problems with every error so far, when there is one."""
        errors = [d for d in self.found if d.severity is Severity.ERROR]
        if errors:
            raise Problems(errors)

    def warnings(self) -> tuple[Diagnostic, ...]:
        """In file order."""
        found = (d for d in self.found if d.severity is Severity.WARNING)
        return tuple(sorted(found, key=lambda d: (d.span, d.code)))

    def _add(
        self,
        severity: Severity,
        code: str,
        message: str,
        at: Span | Path,
        help: str,
        labels: Sequence[tuple[Span | Path, str]],
    ) -> None:
        marks = tuple(Label(self._span(place), text) for place, text in labels)
        self.found.append(Diagnostic(code, message, self._span(at), help, marks, severity))

    def _span(self, at: Span | Path) -> Span:
        return at if isinstance(at, Span) else self.spans.value(*at)

    def failed(self, code: str) -> bool:
        return any(d.code == code for d in self.found)
