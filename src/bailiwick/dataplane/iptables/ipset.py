"""``ipset save``: the sets that a dump's rules ask for, as they were when it was written (ipset(8))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bailiwick.dataplane.iptables.tokens import Token, Unclosed, tokens
from bailiwick.dataplane.tally import Line, Tally

_FLAGS = frozenset({"counters", "comment", "skbinfo", "forceadd", "nomatch", "wildcard", "exist"})
"""Words that take no value."""


@dataclass(frozen=True, slots=True)
class Entry:
    """``parts`` are the dimensions as written. ``lasting`` False: it goes by itself, after its timeout."""

    parts: tuple[str, ...]
    line: Line
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def lasting(self) -> bool:
        return self.options.get("timeout", "0") == "0"


@dataclass(slots=True)
class IpSet:
    """``kind`` is ``hash:net,port`` and the like; ``family`` is 4 or 6.

    ``broken`` says why more or less may stand in it than ``entries``: a line that is not understood.
    """

    name: str
    kind: str
    line: Line
    family: int = 4
    options: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    broken: str = ""

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(self.kind.partition(":")[2].split(","))


@dataclass(frozen=True, slots=True)
class Sets:
    """By name, with the account of the lines."""

    by_name: Mapping[str, IpSet] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)


def read_sets(text: str, file: str = "ipset") -> Sets:
    """Read ``ipset save``. Raises nothing: a line that is not understood is unknown in the tally, and breaks the set
    that it speaks of, or every set where it speaks of none that is known."""
    found: dict[str, IpSet] = {}
    unknown: list[tuple[Line, str]] = []
    ignored: list[tuple[Line, str]] = []
    understood = 0
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, raw in enumerate(lines, 1):
        line = Line(file, number, raw.strip())
        if not line.text or line.text.startswith("#"):
            ignored.append((line, "a comment" if line.text else "an empty line"))
            continue
        problem = _read(line, found)
        if problem:
            unknown.append((line, problem))
            words = line.text.split()
            for one in [found[words[1]]] if len(words) > 1 and words[1] in found else found.values():
                one.broken = f"{line} is not understood"
        else:
            understood += 1
    return Sets(found, Tally(len(lines), understood, tuple(unknown), tuple(ignored)))


def _read(line: Line, found: dict[str, IpSet]) -> str:
    """Take one line into ``found``; what is wrong with it, or nothing."""
    try:
        words = [word for word in tokens(line.text) if word.quoted or word.text not in ("-exist", "-!")]
    except Unclosed as error:
        return str(error)
    if len(words) < 3:
        return "not a line of `ipset save`"
    command, name, what = (word.text for word in words[:3])
    options = _options(words[3:])
    if options is None:
        return "an option without its value"
    if command in ("create", "-N", "n"):
        family = {"inet": 4, "inet6": 6}.get(options.get("family", "inet"))
        if family is None:
            return f"family {options['family']}"
        found.setdefault(name, IpSet(name, what, line, family, options))
        return ""
    if command in ("add", "-A"):
        if name not in found:
            return f"an entry of set {name}, which is not created"
        parts = (what,) if found[name].kind == "list:set" else tuple(what.split(","))
        # An entry without a timeout of its own has that of its set.
        forgotten = {"timeout": found[name].options.get("timeout", "0")}
        found[name].entries.append(Entry(parts, line, forgotten | options))
        return ""
    return f"not a line of `ipset save`: {command}"


def _options(words: list[Token]) -> dict[str, str] | None:
    options: dict[str, str] = {}
    at = 0
    while at < len(words):
        name = words[at].text
        at += 1
        # In the line of a set `comment` is a flag, in that of an entry it has a value, always quoted.
        if name in _FLAGS and not (name == "comment" and at < len(words) and words[at].quoted):
            options[name] = ""
            continue
        if at == len(words):
            return None
        options[name] = words[at].text
        at += 1
    return options
