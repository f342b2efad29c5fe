"""Where in a text each rule, chain and element stands: a light scan, never a grammar of nft.

The JSON has no line numbers. Rules are counted in their chain; where the count is not the listing's (rules added by
commands, by variables, by other files) the places of that chain are not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bailiwick.dataplane.tally import Line

Chain = tuple[str, str, str]
"""Family, table, chain (or set)."""
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|\\\n|[{};,\n]|[^"#{};,\n\\]+|.', re.DOTALL)
_BASE = re.compile(r"^(type|policy|comment|devices?|flags|hook)\b")
_ATTRIBUTE = re.compile(r"\s(comment|timeout|expires|counter|limit|quota|last)\s.*$")
_FAMILIES = ("ip", "ip6", "inet", "bridge", "arp", "netdev")


@dataclass(slots=True)
class Places:
    """``devices`` and ``dormant`` hold what nft 1.0.6 leaves out of its JSON, or writes wrongly into it."""

    tables: dict[tuple[str, str], Line] = field(default_factory=dict)
    chains: dict[Chain, Line] = field(default_factory=dict)
    rules: dict[Chain, list[Line]] = field(default_factory=dict)
    elements: dict[Chain, dict[str, Line]] = field(default_factory=dict)
    devices: dict[Chain, str] = field(default_factory=dict)
    dormant: set[tuple[str, str]] = field(default_factory=set)
    flagged: set[tuple[str, str]] = field(default_factory=set)
    """Tables whose flags the text says, whatever they are."""


@dataclass(slots=True)
class _Block:
    kind: str
    name: str
    statement: str = ""
    start: int = 0


@dataclass(slots=True)
class _Scan:
    file: str
    lines: list[str]
    places: Places
    stack: list[_Block] = field(default_factory=lambda: [_Block("file", "")])
    number: int = 1

    def line(self, number: int) -> Line:
        return Line(self.file, number, self.lines[number - 1].strip())

    @property
    def table(self) -> tuple[str, str] | None:
        if len(self.stack) < 2 or self.stack[1].kind != "table":
            return None
        family, _, name = self.stack[1].name.partition(" ")
        return family, name

    def here(self) -> Chain | None:
        named = next((block for block in self.stack if block.kind in ("chain", "set", "map")), None)
        return None if named is None or self.table is None else (*self.table, named.name)

    def token(self, token: str) -> None:
        top = self.stack[-1]
        if token == "{":
            self.open(top)
        elif token == "}":
            self.close()
        elif token in ("\n", ";"):
            if top.kind not in ("inner", "elements"):
                self.end()
        elif token == "," and top.kind == "elements":
            self.element()
        elif token == "\\\n" or token.startswith("#"):
            pass
        else:
            if not top.statement.strip():
                top.statement, top.start = "", self.number
            top.statement += token
        self.number += token.count("\n")

    def open(self, top: _Block) -> None:
        header = top.statement.split()
        if top.kind == "file" and header[:1] == ["table"]:
            family = header[1] if len(header) > 2 and header[1] in _FAMILIES else "ip"
            block = _Block("table", f"{family} {header[-1]}", start=top.start)
            self.stack.append(block)
            self.places.tables.setdefault((family, header[-1]), self.line(top.start))
            top.statement = ""
        elif top.kind == "table" and header:
            kind = header[0] if header[0] in ("chain", "set", "map") else "other"
            self.stack.append(_Block(kind, header[-1], start=top.start))
            here = self.here()
            if here is not None:
                self.places.chains.setdefault(here, self.line(top.start))
            top.statement = ""
        elif top.kind in ("set", "map") and header[:1] == ["elements"]:
            self.stack.append(_Block("elements", ""))
        else:
            self.stack.append(_Block("inner", ""))

    def close(self) -> None:
        if len(self.stack) == 1:
            return
        top = self.stack[-1]
        if top.kind == "elements":
            self.element()
        elif top.kind != "inner":
            self.end()
        self.stack.pop()
        if top.kind == "inner" and self.stack[-1].statement:
            self.stack[-1].statement += " {…}"

    def element(self) -> None:
        top, here = self.stack[-1], self.here()
        text = _ATTRIBUTE.sub("", " " + re.sub(r"\s+", " ", top.statement).split(" : ")[0] + " ").strip()
        if text and here is not None:
            self.places.elements.setdefault(here, {})[text.replace('"', "")] = self.line(top.start)
        top.statement = ""

    def end(self) -> None:
        top = self.stack[-1]
        text, top.statement = top.statement.strip(), ""
        here, table = self.here(), self.table
        if not text or table is None:
            return
        if top.kind == "table" and text.startswith("flags"):
            self.places.flagged.add(table)
            if "dormant" in text:
                self.places.dormant.add(table)
        elif top.kind == "chain" and here is not None:
            if not _BASE.match(text):
                self.places.rules.setdefault(here, []).append(self.line(top.start))
            elif (device := re.search(r"\bdevice \"?([^\s\";]+)", text)) is not None:
                self.places.devices[here] = device[1]


def scan(texts: Iterable[tuple[str, str]]) -> Places:
    """``texts`` are names of files and what they hold. Never fails: what it does not see has no place."""
    places = Places()
    for file, text in texts:
        one = _Scan(file, text.split("\n"), places)
        for token in _TOKEN.findall(text):
            one.token(token)
    return places
