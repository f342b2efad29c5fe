"""An audit for a terminal: what a worried owner asks first, the matrix, what stands out, and what could not be read."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from bailiwick.dataplane.tally import Line
from bailiwick.proof.audit.finding import Finding
from bailiwick.report.matrix_table import matrix_table
from bailiwick.report.plain import plain
from bailiwick.report.terminal import Terminal
from bailiwick.workflow.auditing import Audited

_LINES = 6
_UNKNOWN = 12
_WIDEST = 160


def audit_text(audited: Audited, terminal: Terminal) -> str:
    """Without a line break at the end."""
    audit = audited.audit
    parts = [
        "\n".join(_wrapped(plain(sentence), terminal, "") for sentence in (*audit.summary, *audited.loaded.assumed))
    ]
    parts.append(matrix_table(audit.matrix, terminal))
    if audit.matrix6 is not None and any(c.services or c.possibly for c in audit.matrix6.cells.values()):
        parts.append(f"IPv6:\n{matrix_table(audit.matrix6, terminal)}")
    parts += [_finding(one, terminal) for one in audit.findings]
    parts.append(_count(audit.findings))
    parts.append("\n".join(_reading(audited)))
    if audit.undecided:
        parts.append("More may stand out: what could not be read leaves open what becomes of some packets.")
    if audit.defects:
        count = f"{len(audit.defects)} finding" + ("s are" if len(audit.defects) > 1 else " is")
        parts.append(f"{count} not shown: their packets did otherwise when they were walked. That is our mistake.")
    return "\n\n".join(part for part in parts if part)


def _finding(one: Finding, terminal: Terminal) -> str:
    lines = [f"{one.severity.word}[{one.code}] {plain(one.title)}"]
    lines += [f"  {_wrapped(plain(one.text), terminal)}"] if one.text else []
    lines += [f"  packet: {_wrapped(plain(one.witness), terminal)}"] if one.witness else []
    lines += [f"  {_line(line)}" for line in one.lines[:_LINES]]
    if len(one.lines) > _LINES:
        lines.append(f"  … and {len(one.lines) - _LINES} more lines")
    if one.remedy:
        first, *rest = plain(one.remedy).split("\n")
        lines += [f"  remedy: {first}", *(f"          {line}" for line in rest)]
    return "\n".join(lines)


def _line(line: Line) -> str:
    text = plain(line.text.strip())
    return f"{line}: {text[:_WIDEST]}{'…' if len(text) > _WIDEST else ''}"


def _wrapped(text: str, terminal: Terminal, indent: str = "    ") -> str:
    return textwrap.fill(text, max(terminal.width - 4, 20), subsequent_indent=indent, break_long_words=False)


def _count(findings: tuple[Finding, ...]) -> str:
    if not findings:
        return "Nothing stands out."
    words = [
        f"{n} {s}" for s in ("high", "medium", "low", "note") if (n := sum(f.severity.word == s for f in findings))
    ]
    return f"Findings: {', '.join(words)}. `bailiwick explain-error CODE` says more of each."


def _reading(audited: Audited) -> Iterator[str]:
    for name, tally in audited.loaded.files:
        yield (
            f"{plain(name)}: {tally.lines} lines, {tally.understood} understood, {len(tally.unknown)} unknown, "
            f"{len(tally.ignored)} ignored"
        )
        reasons: dict[str, list[Line]] = {}
        for line, why in tally.unknown:
            reasons.setdefault(why, []).append(line)
        for why, lines in list(reasons.items())[:_UNKNOWN]:
            numbers = ", ".join(str(line.number) for line in lines[:_LINES]) + (", …" if len(lines) > _LINES else "")
            yield f"  unknown: {plain(why)} (line {numbers})"
        if len(reasons) > _UNKNOWN:
            yield f"  … and {len(reasons) - _UNKNOWN} more reasons"
