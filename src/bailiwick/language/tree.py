"""YAML text to PyYAML's node tree, every node with its place, nothing interpreted; or one clear error with a place."""

from __future__ import annotations

import io
import re
from typing import TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bailiwick.language.diagnostic import Diagnostic, Label
from bailiwick.language.nearmiss import yaml_near_miss
from bailiwick.language.span import Span

try:
    from yaml import CBaseLoader as _Loader
except ImportError:  # a PyYAML built without libyaml: the same nodes, slower
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]

YamlNode: TypeAlias = Node

STR_TAG = "tag:yaml.org,2002:str"
MAP_TAG = "tag:yaml.org,2002:map"
SEQ_TAG = "tag:yaml.org,2002:seq"


class NotYaml(Exception):
    """The text is no YAML that a home file may be written in."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _NamedText(io.StringIO):
    """PyYAML takes the name in its marks from the stream."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.name = name


def compose(text: str, file: str) -> MappingNode:
    """The root mapping; raises NotYaml for anything else."""
    if _may_be_deep(text) and _depth_exceeded(text):
        raise NotYaml(_too_deep(file))
    try:
        root = yaml.compose(_NamedText(text, file), _Loader)
    except yaml.reader.ReaderError as fault:
        raise NotYaml(_control_character(text, file, int(fault.position))) from None
    except yaml.MarkedYAMLError as fault:
        raise NotYaml(_syntax(text, file, fault)) from None
    except RecursionError:
        raise NotYaml(_too_deep(file)) from None
    if root is None:
        raise NotYaml(
            Diagnostic(
                "file-empty",
                "The file is empty.",
                _first(file),
                "start with `name:`, `uplinks:` and `zones:`, or let `bailiwick init` write a first file",
            )
        )
    if not isinstance(root, MappingNode):
        raise NotYaml(
            Diagnostic(
                "file-shape", "The file is not a mapping of keys to values.", place(root), "start with `name: home`"
            )
        )
    return root


_DEEPEST = 100


def _may_be_deep(text: str) -> bool:
    """Brackets open a level each, and a block level takes a column at least: few of both, and no file is deep."""
    return text.count("[") + text.count("{") > 1000 or max(map(len, text.split("\n"))) > 1000


def _depth_exceeded(text: str) -> bool:
    """Whether levels nest deeper than any home needs. libyaml's composer recurses on the C stack, where some ten
    thousand levels end the process; its parser does not."""
    depth = 0
    try:
        for event in yaml.parse(text, _Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _DEEPEST:
                    return True
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:
        return False  # the composer stops at the same place, and its error is told
    return False


def _too_deep(file: str) -> Diagnostic:
    return Diagnostic("yaml-depth", "The file is nested too deeply to be read.", _first(file))


def _first(file: str) -> Span:
    return Span(file, 1, 1, 1, 2)


def place(node: YamlNode) -> Span:
    """Where the node's own text stands: a block collection ends with its last value, not with the next key."""
    start, last = node.start_mark, node
    if not isinstance(node, ScalarNode):
        depth = 0
        while not isinstance(last, ScalarNode) and not getattr(last, "flow_style", False) and last.value and depth < 50:
            last = last.value[-1][1] if isinstance(last, MappingNode) else last.value[-1]
            depth += 1
        if (last.start_mark.name, last.start_mark.line) < (start.name, start.line):  # an alias leads back up
            last = node
    end = last.end_mark
    if end.name != start.name or (end.line, end.column) <= (start.line, start.column):
        return Span(start.name, start.line + 1, start.column + 1, start.line + 1, start.column + 2)
    return Span(start.name, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _control_character(text: str, file: str, position: int) -> Diagnostic:
    before = text[:position]
    line, column = before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
    character = ord(text[position]) if position < len(text) else 0
    return Diagnostic(
        "yaml-character",
        f"A control character (U+{character:04X}) stands here, which YAML forbids.",
        Span(file, line, column, line, column + 1),
        "remove it",
    )


_TAB = re.compile(r"[ ]*\t")


def _syntax(text: str, file: str, fault: yaml.MarkedYAMLError) -> Diagnostic:
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


__all__ = [
    "MAP_TAG",
    "SEQ_TAG",
    "STR_TAG",
    "MappingNode",
    "NotYaml",
    "ScalarNode",
    "SequenceNode",
    "YamlNode",
    "compose",
    "place",
]
