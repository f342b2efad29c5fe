"""A device while its files are read, and the account of every line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from bailiwick.dataplane.model import Interface, Listener, Route, RoutingRule
from bailiwick.dataplane.tally import Line, Tally

_SECRET = re.compile(
    r"(?i)^(\s*(?:password|privatekey|presharedkey|sharedkey|key|passphrase|secret|pap-secret|userpassword)\b[\s=:]*)\S.*$"
)


def hidden(text: str) -> str:
    """The line as it may be shown: without what follows the name of a secret."""
    return _SECRET.sub(r"\1…", text.strip())


@dataclass(slots=True)
class Ledger:
    """Counts the lines that say something; blank lines and comments say nothing and are none."""

    lines: int = 0
    unknowns: list[tuple[Line, str]] = field(default_factory=list)
    passed: list[tuple[Line, str]] = field(default_factory=list)

    def understood(self, count: int = 1) -> None:
        self.lines += count

    def unknown(self, line: Line, why: str) -> None:
        self.lines += 1
        self.unknowns.append((line, why))

    def ignored(self, line: Line, why: str) -> None:
        self.lines += 1
        self.passed.append((line, why))

    def tally(self) -> Tally:
        return Tally(
            self.lines,
            self.lines - len(self.unknowns) - len(self.passed),
            tuple(self.unknowns),
            tuple(self.passed),
        )


@dataclass(slots=True)
class Draft:
    """What is known of a device so far. ``forwarding`` None: nobody said. ``said`` are keys of ``settings`` that the
    file which makes an interface gives itself."""

    interfaces: dict[str, Interface] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    rules: list[RoutingRule] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    forwarding: bool | None = None
    said: set[str] = field(default_factory=set)

    def interface(self, name: str, **known: Any) -> Interface:
        """The interface of that name with these facts added; it is made when it is new."""
        one = replace(self.interfaces.get(name) or Interface(name), **known)
        self.interfaces[name] = one
        return one

    def add_address(self, name: str, address: Any) -> None:
        """One more address of an interface; one that is there already stays once."""
        known = self.interface(name).addresses
        if address not in known:
            self.interface(name, addresses=(*known, address))


def spoken(file: str, text: str, comments: str = "#") -> Iterator[tuple[Line, str]]:
    """The lines that say something, with their places; a comment starts a line with one of the given characters."""
    for number, raw in enumerate(text.split("\n"), 1):
        stripped = raw.strip()
        if stripped and stripped[0] not in comments:
            yield Line(file, number, hidden(stripped)), stripped
