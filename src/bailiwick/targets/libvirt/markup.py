"""The syntax of XML: elements, attributes, text and comments, printed one element a line (W3C XML 1.0)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape  # xml.sax brings a whole HTTP client along

from bailiwick.targets.lines import Line


@dataclass(frozen=True, slots=True)
class Element:
    """``content`` is text, or elements within. ``why`` is a comment above it."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    content: str | tuple[Element, ...] = ""
    ids: tuple[str, ...] = ()
    why: str = ""


def element(name: str, /, *content: Element, ids: tuple[str, ...] = (), why: str = "", **attributes: str) -> Element:
    """An element around others. A keyword's final underscore is not part of the attribute's name."""
    named = tuple((key.removesuffix("_"), value) for key, value in attributes.items())
    return Element(name, named, content, ids, why)


def text(name: str, value: str, /, *, ids: tuple[str, ...] = (), why: str = "", **attributes: str) -> Element:
    """An element around text."""
    return Element(name, tuple(attributes.items()), value, ids, why)


def lines(root: Element, head: Iterable[str] = ()) -> tuple[Line, ...]:
    """``head`` is a comment above the root. Raises ValueError for what XML cannot hold."""
    return (*map(_comment, head), *_lines(root, 0))


def _comment(said: str) -> Line:
    if "--" in said or said.endswith("-"):
        raise ValueError(f"an XML comment cannot hold {said!r}")
    return Line(f"<!-- {said} -->")


def _lines(given: Element, depth: int) -> Iterator[Line]:
    indent = "  " * depth
    if given.why:
        yield Line(indent + _comment(given.why).text)
    attributes = "".join(f' {key}="{escape(_legal(value))}"' for key, value in given.attributes)
    opening = f"{indent}<{given.name}{attributes}"
    if not given.content:
        yield Line(f"{opening}/>", given.ids)
    elif isinstance(given.content, str):
        yield Line(f"{opening}>{escape(_legal(given.content), quote=False)}</{given.name}>", given.ids)
    else:
        yield Line(f"{opening}>", given.ids)
        for inner in given.content:
            yield from _lines(inner, depth + 1)
        yield Line(f"{indent}</{given.name}>")


def _legal(value: str) -> str:
    if any(ord(letter) < 32 or ord(letter) in (0xFFFE, 0xFFFF) for letter in value):
        raise ValueError(f"XML cannot hold {value!r}")
    return value
