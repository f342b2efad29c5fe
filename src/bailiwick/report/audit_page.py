"""An audit as a page: summary, findings, matrix, and the account of every line."""

from __future__ import annotations

from collections.abc import Sequence

from bailiwick.claims.matrix import Matrix
from bailiwick.proof.audit import finding
from bailiwick.report.explanation import Quote
from bailiwick.report.html_page import render
from bailiwick.report.openness import axis_words, cell_words
from bailiwick.report.sections import Finding, Listing, Page, Severity
from bailiwick.workflow.auditing import Audited


def audit_page(audits: Sequence[Audited]) -> str:
    """HTML, self-contained. The first device has the matrix that can be clicked; those of others are tables."""
    first = audits[0]
    names = ", ".join(one.loaded.device.name for one in audits)
    return render(
        Page(
            heading=f"{names}: what reaches what, as it is configured",
            matrix=first.audit.matrix,
            verdict=_verdict(audits),
            holds=not any(f.severity <= finding.Severity.MEDIUM for one in audits for f in one.audit.findings),
            summary=tuple(s for one in audits for s in (*one.audit.summary, *one.loaded.assumed)),
            findings=tuple(_finding(f) for one in audits for f in one.audit.findings),
            trial=tuple(_others(audits)),
            reading=tuple(file for one in audits for file in one.loaded.files),
        )
    )


def _verdict(audits: Sequence[Audited]) -> str:
    found = [one.severity.word for each in audits for one in each.audit.findings]
    words = [f"{found.count(word)} {word}" for word in ("high", "medium", "low", "note") if word in found]
    return f"Findings: {', '.join(words)}." if words else "Nothing stands out."


def _finding(one: finding.Finding) -> Finding:
    lines = tuple(Quote.of_line(line) for line in one.lines)
    return Finding(one.code, Severity(one.severity.word), one.title, one.text, one.witness, lines, one.remedy)


def _others(audits: Sequence[Audited]) -> list[Listing]:
    found = []
    for at, one in enumerate(audits):
        if at:
            found.append(_listing(f"{one.loaded.device.name}: who reaches what", one.audit.matrix))
        if one.audit.matrix6 is not None:
            found.append(_listing(f"{one.loaded.device.name}: who reaches what by IPv6", one.audit.matrix6))
    return found


def _listing(title: str, matrix: Matrix) -> Listing:
    rows = tuple(
        (
            axis_words(row),
            *(cell_words(cell) if (cell := matrix.cells.get((row, column))) else "" for column in matrix.columns),
        )
        for row in matrix.rows
    )
    return Listing(title, ("from \\ to", *map(axis_words, matrix.columns)), rows)
