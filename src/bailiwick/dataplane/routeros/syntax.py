"""The words of a RouterOS script: text to statements, each a row of words and ``name=value`` pairs.

The console's syntax as exports use it (manual page "Scripting", "Command line structure"), read leniently: a
statement that breaks the rules carries its fault, and reading goes on with the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.dataplane.routeros.source import Source

_GAP = re.compile(r"(?:[ \t]|\\[ \t]*\n[ \t]*)+")
_BETWEEN = re.compile(r"(?:[ \t\n;]|\\[ \t]*\n)+")
_NAME = re.compile(r"""([!A-Za-z0-9_.*@/:<>-]+?)=""")
_BARE = re.compile(r"""(?:[^\s;"\\\[\](){}]|\\[ \t]*\n[ \t]*|\\[^\n])+""")
_PLAIN = re.compile(r'[^"\\$\n]+')
_WRAP = re.compile(r"\\[ \t]*\n[ \t]*")
_BYTE = re.compile(r"\\([0-9A-F]{2})")
_ESCAPE = re.compile(r"\\([ \t]*\n[ \t]*|.)", re.DOTALL)
_COMMAND_AHEAD = re.compile(r"\n(?:/[a-z]|add[ \n]|set[ \n])")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "_": " "}
_CLOSING = {"[": "]", "(": ")", "{": "}"}


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a statement, or a pair when it has a ``name``.

    ``kind``: ``word``, ``string``, ``command`` (in brackets), ``expression``, ``block``, or ``variable`` (its value is
    known to the running router alone). ``start`` and ``end`` are offsets; of a bracket's inside where it is one.
    """

    value: str
    kind: str
    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """``first`` and ``last`` are lines; ``note`` a comment's text; ``fault`` a sentence where the text is broken."""

    parts: tuple[Part, ...]
    start: int
    end: int
    first: int
    last: int
    note: str | None = None
    fault: str = ""


class _Broken(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def statements(source: Source, start: int = 0, end: int | None = None) -> Iterator[Statement]:
    """The statements between two offsets, in order; together they cover every line that is not blank."""
    scanner = _Scanner(source.text, start, len(source.text) if end is None else end)
    while (at := scanner.begin()) is not None:
        parts: list[Part] = []
        note, fault = None, ""
        if source.text[at] == "#":
            note = scanner.rest_of_line()
        else:
            try:
                while scanner.more():
                    parts.append(scanner.part())
            except _Broken as broken:
                fault = broken.sentence
                scanner.skip_line(at)
        last = source.number(max(at, scanner.at - 1))
        yield Statement(tuple(parts), at, scanner.at, source.number(at), last, note, fault)


class _Scanner:
    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.at, self.end = text, start, end

    def begin(self) -> int | None:
        """The offset where the next statement begins."""
        if gap := _BETWEEN.match(self.text, self.at, self.end):
            self.at = gap.end()
        return self.at if self.at < self.end else None

    def rest_of_line(self) -> str:
        stop = self.text.find("\n", self.at, self.end)
        start, self.at = self.at, self.end if stop < 0 else stop
        return self.text[start : self.at]

    def skip_line(self, start: int) -> None:
        """To the end of the broken statement's line, with the lines that it wraps onto."""
        self.at = start
        self.rest_of_line()
        while self.at < self.end and self.text[self.at - 1] == "\\":
            self.at += 1
            self.rest_of_line()

    def more(self) -> bool:
        if gap := _GAP.match(self.text, self.at, self.end):
            self.at = gap.end()
        return self.at < self.end and self.text[self.at] not in "\n;"

    def part(self) -> Part:
        start = self.at
        name = ""
        if pair := _NAME.match(self.text, self.at, self.end):
            name = pair[1]
            self.at = pair.end()
            while wrap := _WRAP.match(self.text, self.at, self.end):
                self.at = wrap.end()
            if self.at >= self.end or self.text[self.at] in " \t\n;":
                return Part("", "word", start, self.at, name)
        return self._value(start, name)

    def _value(self, start: int, name: str) -> Part:
        opening = self.text[self.at]
        if opening == '"':
            value, fixed = self._string()
            if self.at < self.end and self.text[self.at] not in " \t\n;\\":
                raise _Broken("there is no space after a quoted text")
            return Part(value, "string" if fixed else "variable", start, self.at, name)
        if opening in _CLOSING:
            inner = self.at + 1
            self._balance()
            kind = {"[": "command", "(": "expression", "{": "block"}[opening]
            return Part(self.text[inner : self.at - 1], kind, inner, self.at - 1, name)
        if opening in ")]}":
            raise _Broken("a bracket is closed that was never opened")
        return self._bare(start, name)

    def _bare(self, start: int, name: str) -> Part:
        out: list[str] = []
        kind = "word"
        while self.at < self.end:
            if piece := _BARE.match(self.text, self.at, self.end):
                plain = "\\" not in piece[0]
                out.append(piece[0] if plain else _ESCAPE.sub(_unescaped, piece[0]))
                if "$" in (piece[0] if plain else piece[0].replace("\\$", "")):
                    kind = "variable"
                self.at = piece.end()
            elif self.text[self.at] == '"':
                value, fixed = self._string()
                out.append(value)
                kind = kind if fixed else "variable"
            elif self.text[self.at] in "[({":
                before = self.at
                self._balance()
                out.append(self.text[before : self.at])
                kind = "variable"
            else:
                break
        if self.at < self.end and self.text[self.at] not in " \t\n;":
            raise _Broken("there is a bracket or a backslash out of place")
        return Part("".join(out), kind, start, self.at, name)

    def _string(self) -> tuple[str, bool]:
        """What a quoted text says, and whether it says it without a variable in it."""
        out: list[bytes] = []
        fixed = True
        self.at += 1
        while self.at < self.end:
            if plain := _PLAIN.match(self.text, self.at, self.end):
                out.append(plain[0].encode("utf-8", "surrogatepass"))
                self.at = plain.end()
                continue
            letter = self.text[self.at]
            if letter == '"':
                self.at += 1
                return _decoded(b"".join(out)), fixed
            if letter == "\\":
                if wrap := _WRAP.match(self.text, self.at, self.end):
                    self.at = wrap.end()
                elif byte := _BYTE.match(self.text, self.at, self.end):
                    out.append(bytes([int(byte[1], 16)]))
                    self.at = byte.end()
                else:
                    escaped = self.text[self.at + 1 : self.at + 2]
                    out.append(_ESCAPES.get(escaped, escaped).encode("utf-8", "surrogatepass"))
                    self.at += 2
                continue
            if letter == "\n" and _COMMAND_AHEAD.match(self.text, self.at, self.end):
                break
            fixed = fixed and letter != "$"
            out.append(letter.encode())
            self.at += 1
        raise _Broken("a quote is never closed")

    def _balance(self) -> None:
        """Past the bracket that closes the one here; strings and comments within hide theirs."""
        awaited: list[str] = []
        fresh = False
        while self.at < self.end:
            letter = self.text[self.at]
            if letter == '"':
                self._string()
                continue
            if letter == "#" and fresh:
                self.rest_of_line()
                continue
            self.at += 2 if letter == "\\" else 1
            if letter in _CLOSING:
                awaited.append(_CLOSING[letter])
            elif letter in ")]}":
                if not awaited or letter != awaited.pop():
                    raise _Broken("a bracket is closed that was never opened")
                if not awaited:
                    return
            fresh = letter in "\n{;" or (fresh and letter in " \t")
        raise _Broken("a bracket is never closed")


def _decoded(data: bytes) -> str:
    """UTF-8, or what WinBox writes on Windows; two different names never become one."""
    for encoding in ("utf-8", "cp1251"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _unescaped(match: re.Match[str]) -> str:
    escaped = match[1]
    return "" if "\n" in escaped else _ESCAPES.get(escaped, escaped)
