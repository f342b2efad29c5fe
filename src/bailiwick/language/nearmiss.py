"""What was probably meant by a line that is nearly a sentence."""

from __future__ import annotations

import re

from bailiwick.language.diagnostic import Diagnostic
from bailiwick.language.names import names_in
from bailiwick.language.span import Span

_ARROW = re.compile(r"\s*(?:[-–—]+>|==?>|→|⇒)\s*|\s+to\s+")
_VERDICT = re.compile(r"^(?:allow|permit|accept|pass)\s+(?:from\s+)?", re.IGNORECASE)
_SERVICES_LAST = re.compile(r"(?P<target>.*[^\s,])\s+(?P<services>[^\s,]+)")
_BRACKETS = re.compile(r"[\[\]{}()\"'!*]")


def right_form(text: str) -> str:
    """The sentence as it should be written, from anything with an arrow; empty when no form can be guessed."""
    parts = _ARROW.split(_VERDICT.sub("", text.strip().removeprefix("- ")), maxsplit=1)
    if len(parts) != 2:
        return ""
    target, colon, services = parts[1].partition(":")
    last = _SERVICES_LAST.fullmatch(target.strip())
    if not colon and last and not last["target"].endswith("except"):
        target, colon, services = last["target"], ":", last["services"]
    sides = [_names(parts[0]), _names(target)]
    if not all(sides):
        return ""
    return f"{sides[0]} -> {sides[1]}: {(_names(services) if colon else '') or 'any'}"


def _names(text: str) -> str:
    out = ""
    for word in names_in(_BRACKETS.sub(" ", text)):
        if word == "except":
            out += " except "
        else:
            out += word if not out or out.endswith(" ") else f", {word}"
    return out.strip()


_LISTED = re.compile(r"^\s*-\s+(?P<bad>[\[\"'*!])[^#]*(?:->|=>)")


def yaml_near_miss(line: str, at: Span) -> Diagnostic | None:
    """A sentence that YAML itself cannot read: a list, a quote, a ``*`` before the arrow."""
    match = _LISTED.match(line)
    if not match:
        return None
    column = match.start("bad") + 1
    end = len(line.rstrip())
    words = {"[": "Names in a sentence stand without brackets.", "*": "A sentence cannot start with `*`."}
    form = right_form(line.partition("#")[0])
    return Diagnostic(
        "sentence-form",
        words.get(match["bad"], "Names in a sentence stand without quotes."),
        Span(at.file, at.line, column, at.line, max(end, column) + 1),
        f"write `- {form}`" if form else "write `- lan, iot -> internet: web`",
    )
