"""Diagnostics as text: for a person, for an editor's one-line matcher, for a program."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from bailiwick.language.diagnostic import Diagnostic, Severity
from bailiwick.language.span import Span

SECRET = "secret-inline"
_TAB = "    "
_WIDEST = 140
_MARGIN = 40

_RED, _YELLOW, _BLUE, _BOLD, _PLAIN = "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m"


def human(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], color: bool = False) -> str:
    """Each finding with the line it is about, underlined. ``sources`` maps a span's file to its text.

    Empty for no diagnostics; ends with a newline otherwise.
    """
    found = tuple(diagnostics)
    lines_of = {file: text.split("\n") for file, text in sources.items()}
    for diagnostic in found:
        if diagnostic.code == SECRET:
            _mask(lines_of, diagnostic.span)
    return "\n".join(_one(d, lines_of, color) for d in found)


def concise(diagnostics: Iterable[Diagnostic]) -> str:
    """``file:line:column: severity[code] message`` for each, one line each."""
    return "".join(f"{_head(d)}\n" for d in diagnostics)


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """``{"version": 1, "diagnostics": [{code, severity, message, help, span, labels: [{span, text}]}]}``.

    A span is ``{file, line, column, end_line, end_column}``: lines and columns count characters from 1, the end is
    exclusive. Keys are only ever added within a version.
    """
    found = []
    for diagnostic in diagnostics:
        entry = asdict(diagnostic)
        entry["severity"] = diagnostic.severity.value
        found.append(entry)
    return json.dumps({"version": 1, "diagnostics": found}, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _mask(lines_of: Mapping[str, list[str]], span: Span) -> None:
    """A message about a secret goes to screens and logs: it does not repeat it."""
    lines = lines_of.get(span.file, [])
    for number in range(span.line, min(span.end_line, len(lines)) + 1):
        text = lines[number - 1]
        start = span.column - 1 if number == span.line else 0
        end = span.end_column - 1 if number == span.end_line else len(text)
        lines[number - 1] = text[:start] + "*" * (end - start) + text[end:]


def _head(d: Diagnostic) -> str:
    return visible(f"{d.span}: {d.severity.value}[{d.code}] {d.message}")


def _one(d: Diagnostic, lines_of: Mapping[str, list[str]], color: bool) -> str:
    tint = _RED if d.severity is Severity.ERROR else _YELLOW
    gutter = len(str(max([d.span.line, *(label.span.line for label in d.labels)])))
    sheet = _Sheet(lines_of, gutter, color)
    title = sheet.paint(tint, f"{d.severity.value}[{d.code}]")
    out = [f"{sheet.paint(_BOLD, visible(str(d.span)) + ':')} {title} {visible(d.message)}"]
    out += sheet.snippet(d.span, "^", "", tint)
    for label in d.labels:
        if label.span.file != d.span.file:
            out.append(f"{' ' * gutter} {sheet.paint(_BLUE, '::')} {visible(str(label.span))}")
        out += sheet.snippet(label.span, "-", label.text, _BLUE)
    if d.help:
        out.append(f"{' ' * gutter} {sheet.paint(_BLUE, '=')} {sheet.paint(_BOLD, 'help:')} {visible(d.help)}")
    return "\n".join(out) + "\n"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the lines of one finding share: the texts, the width of the line numbers, colours or none."""

    lines_of: Mapping[str, list[str]]
    gutter: int
    color: bool

    def paint(self, tint: str, text: str) -> str:
        return f"{tint}{text}{_PLAIN}" if self.color else text

    def snippet(self, span: Span, mark: str, word: str, tint: str) -> list[str]:
        """The span's first line and what underlines it; nothing for a line that is not there or is blank."""
        lines = self.lines_of.get(span.file)
        if lines is None or span.line > len(lines):
            return []
        line = lines[span.line - 1].rstrip("\r")
        if not line.strip():
            return []
        first = min(span.column - 1, len(line))
        end = span.end_column - 1 if span.end_line == span.line else len(line)
        end = max(first + 1, min(end, len(line)))
        before, marked, after = visible(line[:first]), visible(line[first:end]), visible(line[end:])
        if len(before) + len(marked) + len(after) > _WIDEST:
            before = f"…{before[-_MARGIN:]}" if len(before) > _MARGIN else before
            marked = marked[:_WIDEST]
            after = f"{after[:_MARGIN]}…" if len(after) > _MARGIN else after
        under = f"{' ' * width(before)}{mark * max(1, width(marked))} {visible(word)}".rstrip()
        bar = self.paint(_BLUE, "|")
        return [
            f"{self.paint(_BLUE, f'{span.line:>{self.gutter}}')} {bar} {before}{marked}{after}".rstrip(),
            f"{' ' * self.gutter} {bar} {self.paint(tint, under)}",
        ]


def visible(text: str) -> str:
    """Tabs as spaces, and whatever could move a terminal's cursor or reorder its text written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(c) for c in text)


def _shown(character: str) -> str:
    if character == "\t":
        return _TAB
    if character == "\u200d" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return character
    return f"\\u{ord(character):04x}"


def width(text: str) -> int:
    """Columns on a terminal (Unicode annex 11): wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(c) or unicodedata.category(c) in {"Mn", "Me", "Cf"}
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )
