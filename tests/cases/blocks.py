"""A golden case as it is written: Markdown with fenced blocks, some of them input files, the others expectations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

INPUTS = frozenset({"yaml", "text"})
"""The kinds of block that hold an input file; their argument is its name."""

_BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?P<kind>[a-z-]+)(?: (?P<argument>\S+))?\n(?P<body>.*?)^(?P=fence)$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    kind: str
    argument: str
    body: str


def blocks(text: str) -> Iterator[Block]:
    for match in _BLOCK.finditer(text):
        yield Block(match["kind"], match["argument"] or "", match["body"])


def input_files(text: str) -> dict[str, str]:
    """The input files by name."""
    return {b.argument: b.body for b in blocks(text) if b.kind in INPUTS and b.argument}


def rewritten(text: str, body_of: Callable[[Block], str]) -> str:
    """The text with the body of each expectation replaced."""

    def replaced(match: re.Match[str]) -> str:
        if match["kind"] in INPUTS:
            return match[0]
        body = body_of(Block(match["kind"], match["argument"] or "", match["body"]))
        head = f"{match['fence']}{match['kind']}" + (f" {match['argument']}" if match["argument"] else "")
        return f"{head}\n{body}{match['fence']}"

    return _BLOCK.sub(replaced, text)
