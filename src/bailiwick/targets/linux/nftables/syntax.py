"""The nftables language as text: quoting, comments, and the objects that a table is made of.

Source: nft(8), and the scanner and parser of nftables 1.0.6 (Debian 12), whose accepted language 1.1.3
(Debian 13) includes. Everything that this file can print is known to both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

COMMENT_MAX = 120
"""Bytes in a comment. nft refuses more than 128 (NFTNL_UDATA_COMMENT_MAXLEN), its quoting counted by some versions."""
PREFIX_MAX = 127
"""Bytes in a log prefix: NF_LOG_PREFIXLEN is 128 with the final NUL."""

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_./-]*", re.ASCII)
_UNQUOTABLE = re.compile(r'["\x00-\x1f\x7f]')

Line = tuple[str, tuple[str, ...]]
"""A line of the file without its newline, and the ids that it carries out."""


def quote(text: str) -> str:
    """A quoted string. nft knows no escape inside quotes, so what cannot stand there raises ValueError."""
    if _UNQUOTABLE.search(text):
        raise ValueError(f"nft cannot quote {text!r}")
    return f'"{text}"'


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` bytes of UTF-8: what is cut off is replaced by eight digits of the whole text's hash."""
    text = _UNQUOTABLE.sub("'", text)
    data = text.encode()
    if len(data) <= limit:
        return text
    tail = "~" + sha256(data).hexdigest()[:8]
    return data[: limit - len(tail)].decode(errors="ignore") + tail


def comment(ids: tuple[str, ...]) -> str:
    """`` comment "…"`` that names the ids, or nothing when there are none."""
    return f" comment {quote(shorten(', '.join(ids), COMMENT_MAX))}" if ids else ""


def identifier(text: str) -> str:
    """A name for a chain, set or map. A dot in it keeps it apart from every keyword; without one: ValueError."""
    if not _IDENTIFIER.fullmatch(text) or "." not in text or len(text) > 200:
        raise ValueError(f"not a name that nft reads as one: {text!r}")
    return text


def braces(items: list[str]) -> str:
    """An anonymous set, or the bare item when there is only one."""
    return items[0] if len(items) == 1 else "{ " + ", ".join(items) + " }"


@dataclass(frozen=True, slots=True)
class Rule:
    """``statement`` is everything but the comment."""

    statement: str
    ids: tuple[str, ...] = ()

    def lines(self) -> Iterator[Line]:
        yield f"\t\t{self.statement}{comment(self.ids)}", self.ids


@dataclass(frozen=True, slots=True)
class Heading:
    """A remark above the rules of one purpose."""

    text: str

    def lines(self) -> Iterator[Line]:
        yield f"\t\t# {self.text}", ()


@dataclass(frozen=True, slots=True)
class Chain:
    """A regular chain, or a base chain when ``hook`` says where it hangs."""

    name: str
    rules: tuple[Rule | Heading, ...]
    hook: str = ""
    remark: str = ""

    def lines(self) -> Iterator[Line]:
        yield from _remark(self.remark)
        yield f"\tchain {self.name if self.hook else identifier(self.name)} {{", ()
        if self.hook:
            yield f"\t\t{self.hook}", ()
        for rule in self.rules:
            yield from rule.lines()
        yield "\t}", ()


@dataclass(frozen=True, slots=True)
class Element:
    """``value`` is a map's right side, empty in a set."""

    key: str
    ids: tuple[str, ...] = ()
    value: str = ""

    def text(self) -> str:
        return f"{self.key}{comment(self.ids)}" + (f" : {self.value}" if self.value else "")


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A named set, or a map when ``data`` names the type of its right sides. ``interval``: keys may be ranges.

    Of single values the kernel is told how many there are, rounded up to a power of two: it then takes the hash that
    never grows, which is the faster (net/netfilter/nft_set_hash.c, nft_hash_select_ops), and a set that changes by a
    few keeps its place when the rules are loaded again (load-firewall).
    """

    name: str
    type: str
    elements: tuple[Element, ...]
    interval: bool = False
    data: str = ""
    remark: str = ""

    def lines(self) -> Iterator[Line]:
        yield from _remark(self.remark)
        yield f"\t{'map' if self.data else 'set'} {identifier(self.name)} {{", ()
        yield f"\t\ttype {self.type}" + (f" : {self.data}" if self.data else ""), ()
        if self.interval:
            yield "\t\tflags interval", ()
        elif self.elements:
            yield f"\t\tsize {1 << (len(self.elements) - 1).bit_length()}", ()
        if self.elements:
            yield "\t\telements = {", ()
            for element in self.elements:
                yield f"\t\t\t{element.text()},", element.ids
            yield "\t\t}", ()
        yield "\t}", ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table. Raises ValueError when two of its parts have one name."""

    family: str
    name: str
    parts: tuple[NamedSet | Chain, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for part in self.parts:
            if part.name in seen:
                raise ValueError(f"two parts of the table are called {part.name!r}")
            seen.add(part.name)

    def lines(self) -> Iterator[Line]:
        yield f"table {self.family} {self.name} {{", ()
        for number, part in enumerate(self.parts):
            if number:
                yield "", ()
            yield from part.lines()
        yield "}", ()


def _remark(text: str) -> Iterator[Line]:
    if text:
        yield f"\t# {text}", ()
