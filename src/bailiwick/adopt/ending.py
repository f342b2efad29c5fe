"""What stands at the end of an adopted file: where it and the router differ, as comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bailiwick.claims.wording import place_words
from bailiwick.language.diagnostic import Diagnostic
from bailiwick.proof.comparison import Change, Comparison

SHUT = "what every home file shuts: forged sources, private addresses beyond an uplink, interfaces that nobody named"


def ending(comparison: Comparison, kept: Comparison) -> str:
    """Lines of comment, the first one empty; nothing where the two are equal."""
    parts: list[str] = []
    for title, changes in (
        ("This file lets pass what the router did not:", (*comparison.allowed, *kept.allowed)),
        ("The router lets pass what no line above says:", comparison.denied),
        (f"The router lets pass {SHUT}:", kept.denied),
    ):
        if changes:
            parts += [f"# {title}", *_lines(changes)]
    return "".join(f"{line}\n" for line in ("", *parts)) if parts else ""


def uncompiled(problems: Sequence[Diagnostic]) -> str:
    """The same for a file that does not compile as it stands."""
    lines = ["", "# This file does not compile as it stands, so nothing was compared:"]
    lines += [f"#   [{one.code}] {one.message}" for one in problems]
    return "".join(f"{line}\n" for line in lines)


def _lines(changes: Iterable[Change]) -> Iterator[str]:
    for one in changes:
        yield f"#   {place_words(one.ingress)} -> {place_words(one.egress)}"
        yield from (f"#     {words}" for words in one.words)
