"""What stands at the end of an adopted file: where it and the router differ, as comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bailiwick.claims.wording import place_words
from bailiwick.language.diagnostic import Diagnostic
from bailiwick.proof.comparison import Change, Comparison
from bailiwick.proof.entrances import Entrance


def ending(comparison: Comparison, kept: Comparison, doors: Sequence[Entrance] = ()) -> str:
    """Lines of comment, the first one empty; nothing where the two are equal."""
    parts: list[str] = []
    if more := (*comparison.allowed, *kept.allowed):
        parts += ["# This file lets pass what the router did not:", *_lines(more, router=False)]
    if comparison.denied:
        parts += ["# The router lets pass what no line above says:", *_lines(comparison.denied, router=True)]
    if doors:
        parts += ["# What is sent to an uplink's own address leads inside otherwise:"]
        parts += [f"#   {door_words(door)}" for door in doors]
    if kept.denied:
        parts += KEPT
        parts += [f"#   {pair}" for pair in pairs(kept.denied)]
    return "".join(f"{line}\n" for line in ("", *parts)) if parts else ""


KEPT = (
    "# The router lets pass what every home file shuts: forged sources, private addresses beyond an",
    "# uplink, interfaces that nobody named, what a tunnel brings, a zone's way to itself, an uplink's to uplinks:",
)


def door_words(door: Entrance) -> str:
    """``wan -> lan: tcp/2222, in this file alone``."""
    who = "in this file alone" if door.newly else "at the router alone"
    return f"{place_words(door.ingress)} -> {place_words(door.egress)}: {', '.join(door.words)}, {who}"


def pairs(changes: Iterable[Change]) -> list[str]:
    """``lan -> wan, iot``: where such packets come from and go to."""
    found: dict[str, list[str]] = {}
    for one in changes:
        found.setdefault(place_words(one.ingress), []).append(place_words(one.egress))
    return [f"{source} -> {', '.join(targets)}" for source, targets in found.items()]


def uncompiled(problems: Sequence[Diagnostic]) -> str:
    """The same for a file that does not compile as it stands."""
    lines = ["", "# This file does not compile as it stands, so nothing was compared:"]
    lines += [f"#   [{one.code}] {one.message}" for one in problems]
    return "".join(f"{line}\n" for line in lines)


def _lines(changes: Iterable[Change], router: bool) -> Iterator[str]:
    """``router``: with a line of the router's that lets some of it pass."""
    for one in changes:
        yield f"#   {place_words(one.ingress)} -> {place_words(one.egress)}"
        yield from (f"#     {words}" for words in one.words)
        if router and one.before is not None and one.before.text:
            name = one.before.file.rpartition("/")[2]
            yield f"#     {name}:{one.before.number}: {' '.join(one.before.text.split())}"
