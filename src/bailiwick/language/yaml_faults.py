"""What is wrong with a text that YAML cannot read, in our words."""

from __future__ import annotations

import re

import yaml

from bailiwick.language.diagnostic import Diagnostic, Label
from bailiwick.language.nearmiss import yaml_near_miss
from bailiwick.language.span import Span

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML 1.1 §5.1 does not let a stream hold."""


def control_character(text: str, file: str) -> Diagnostic:
    """For a text that the YAML reader refuses. (Its own position counts bytes or characters, as it was built.)"""
    match = _FORBIDDEN.search(text)
    position = match.start() if match else 0
    line, column = text.count("\n", 0, position) + 1, position - (text.rfind("\n", 0, position) + 1) + 1
    character = ord(text[position]) if text else 0
    return Diagnostic(
        "yaml-character",
        f"A control character (U+{character:04X}) stands here, which YAML forbids.",
        Span(file, line, column, line, column + 1),
        "remove it",
    )


_TAB = re.compile(r"[ ]*\t")


def syntax_error(text: str, file: str, fault: yaml.MarkedYAMLError) -> Diagnostic:
    """What a person can make of a scanner's or parser's error; its wording is libyaml's."""
    lines = text.split("\n")
    mark = fault.problem_mark or fault.context_mark
    line = min(mark.line, len(lines) - 1) if mark else 0
    column = min(mark.column, len(lines[line])) if mark else 0
    at = Span(file, line + 1, column + 1, line + 1, column + 2)
    problem, context = fault.problem or "", fault.context or ""

    for number in (line, line - 1):
        near = yaml_near_miss(lines[number], Span(file, number + 1, 1, number + 1, 2)) if number >= 0 else None
        if near:
            return near
    if _TAB.match(lines[line]):
        return Diagnostic("yaml-tab", "The line is indented with a tab.", at, "indent with spaces")
    if "another document" in problem:
        return Diagnostic(
            "yaml-documents",
            "A second document starts here; a home file is one.",
            at,
            "remove the `---`, or `include` a file",
        )
    if "undefined alias" in problem or "an alias" in context:
        return Diagnostic(
            "yaml-alias",
            "A `*` starts a YAML alias, and no anchor of that name is known.",
            at,
            "name it in full, or quote it",
        )
    if "duplicate anchor" in problem:
        return Diagnostic("yaml-alias", "Two YAML anchors have the same name.", at, "rename one")
    if "mapping values are not allowed" in problem:
        return Diagnostic(
            "yaml-syntax",
            "A second colon in one line cannot be read here.",
            at,
            "put the value into quotes, or start a new line for the next key",
        )
    if "cannot start any token" in problem:
        return Diagnostic(
            "yaml-syntax", f"Text cannot start with `{lines[line][column : column + 1]}`.", at, "put it into quotes"
        )
    if "quoted scalar" in context:
        start = fault.context_mark
        where = Span(file, start.line + 1, start.column + 1, start.line + 1, start.column + 2) if start else at
        if "escape" in problem:
            return Diagnostic(
                "yaml-quote", "After `\\` in double quotes stands no known escape.", at, "use single quotes"
            )
        return Diagnostic("yaml-quote", "A quote is opened here and not closed.", where, "close it")
    if "flow mapping" in context or "flow sequence" in context or "flow node" in context:
        opened = fault.context_mark
        labels: tuple[Label, ...] = ()
        if opened and (opened.line, opened.column) != (line, column):
            where = Span(file, opened.line + 1, opened.column + 1, opened.line + 1, opened.column + 2)
            labels = (Label(where, "opened here"),)
        message = "A `{` or `[` is not closed, or a comma is missing before this place."
        return Diagnostic("yaml-bracket", message, at, "close it", labels)
    if (
        "expected '-' indicator" in problem
        or "block mapping" in context
        or "simple key" in context
        or "expected" in problem
    ):
        return Diagnostic(
            "yaml-syntax",
            "The line does not fit the lines above it: its indentation or its colon is off.",
            at,
            "indent it as its neighbours, and write `key: value` with a space after the colon",
        )
    return Diagnostic("yaml-syntax", "The YAML cannot be read here.", at, "look at the line before it too")
