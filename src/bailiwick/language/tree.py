"""YAML text to PyYAML's node tree, every node with its place, nothing interpreted; or one clear error with a place."""

from __future__ import annotations

import io
from typing import TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bailiwick.language.diagnostic import Diagnostic
from bailiwick.language.span import Span
from bailiwick.language.yaml_faults import control_character, syntax_error

try:
    from yaml import CBaseLoader as _Loader
except ImportError:  # a PyYAML built without libyaml: the same nodes, slower
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]  # no common base, the same methods

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
    except yaml.reader.ReaderError:
        raise NotYaml(control_character(text, file)) from None
    except yaml.MarkedYAMLError as fault:
        raise NotYaml(syntax_error(text, file, fault)) from None
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
