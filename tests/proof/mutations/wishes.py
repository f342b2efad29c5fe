"""What a packet needs to match one rule of a text: told by its words, for a packet that comes to it.

It need not be exact: the packets are walked, and who does not match is as good a neighbour as who does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.proof.mutations.tokens import ADDRESS

_KEY = r"(?:iifname|oifname|ip [sd]addr|meta l4proto|(?:th|tcp|udp) [sd]port|icmp type)"
_ASKED = re.compile(
    rf"({_KEY}(?: & [\d.]+)?(?: \. {_KEY})*) "
    rf'(?:vmap |map |== )?(\{{[^}}]*\}}|"[^"]*"|@[\w.-]+|{ADDRESS}[\d./-]*|[\w-]+)'
)
_BLOCK = re.compile(r"^\t(set|map|chain) ([\w.-]+) \{\n(.*?)^\t\}", re.DOTALL | re.MULTILINE)
_CALL = re.compile(r"(?:jump|goto) ([\w.-]+)")
_COMMENT = re.compile(r' (?:comment|log prefix) "[^"]*"')


@dataclass(slots=True)
class Wish:
    """Key to the value that is asked, as it is written; ``hook`` where the rule is, ``dnat``: only behind a door."""

    values: dict[str, str] = field(default_factory=dict)
    hook: str = ""
    dnat: bool = False


class Rules:
    """A text of rules, by name of its sets, maps and chains."""

    def __init__(self, text: str) -> None:
        blocks = _BLOCK.findall(text)
        self._elements = {name: _elements(body) for kind, name, body in blocks if kind != "chain"}
        self._chains = {
            name: [_COMMENT.sub("", line).strip() for line in body.split("\n")]
            for kind, name, body in blocks
            if kind == "chain"
        }

    def wish(self, line: str, chain: str, random: Random, element: tuple[str, str] | None = None) -> Wish:
        """For a rule of a chain. ``element``: a set or map, and the entry of it to be taken."""
        wish = Wish()
        self._to(chain, wish, random)
        self._read(_COMMENT.sub("", line), wish, random, element)
        return wish

    def _to(self, chain: str, wish: Wish, random: Random, depth: int = 0) -> None:
        """The way to the chain: its hook, or the rule or entry that calls it."""
        body = self._chains.get(chain, [])
        hook = next((found[1] for line in body if (found := re.match(r"type \w+ hook (\w+)", line))), "")
        wish.hook = hook or wish.hook
        if hook or depth > 3:
            return
        calls = list(self._calls(chain))
        if calls:
            caller, line, element = random.choice(calls)
            self._to(caller, wish, random, depth + 1)
            self._read(line, wish, random, element, follow=False)

    def _calls(self, chain: str) -> Iterator[tuple[str, str, tuple[str, str] | None]]:
        for caller, lines in self._chains.items():
            for line in lines:
                if chain in _CALL.findall(line):
                    yield caller, line, None
                for name, elements in self._elements.items():
                    if f"@{name}" in line.split():
                        yield from ((caller, line, (name, one)) for one in elements if chain in _CALL.findall(one))

    def _read(
        self, line: str, wish: Wish, random: Random, element: tuple[str, str] | None, follow: bool = True
    ) -> None:
        wish.dnat = wish.dnat or "ct status dnat" in line
        for keys, value in _ASKED.findall(line):
            names = [key.split(" & ")[0] for key in keys.split(" . ")]
            if " & " in keys:
                continue  # the list of first octets stands before the list itself
            entry = self._entry(value, random, element)
            entry, _, target = entry.partition(" : ")
            wish.values |= dict(zip(names, (part.strip(' "') for part in entry.split(" . ")), strict=False))
            for called in _CALL.findall(target) if follow else ():
                inner = [one for one in self._chains.get(called, []) if one and not one.startswith("#")]
                if inner:
                    self._read(random.choice(inner), wish, random, element)

    def _entry(self, value: str, random: Random, element: tuple[str, str] | None) -> str:
        if value.startswith("@"):
            if element is not None and element[0] == value[1:]:
                return element[1]
            return random.choice(self._elements.get(value[1:]) or [""])
        if value.startswith("{"):
            return random.choice(value.strip("{} ").split(", "))
        return value


def elements_of(line: str) -> str:
    """An element's line without its comment and comma."""
    return _COMMENT.sub("", line).strip().rstrip(",")


def _elements(body: str) -> list[str]:
    _, _, inner = body.partition("elements = {\n")
    return [elements_of(line) for line in inner.split("\n") if line.strip(" \t}")]
