"""One claim tried again by hand: the text of what was sent and seen, and a script that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from bailiwick.report.refutations import awaited_words, refutation_lines, sent_words
from bailiwick.twin.result import Refutation, TwinResult

SHOWN = 20


def replay_text(result: TwinResult) -> str:
    """Of a trial of single claims: each packet, where it should come out, and where it did; then the verdicts."""
    return "\n".join(_lines(result))


def _lines(result: TwinResult) -> Iterator[str]:
    contrary_first = sorted(result.observations, key=lambda one: one.agrees)
    for one in contrary_first[:SHOWN]:
        yield f"{sent_words(one)}: {awaited_words(one)}; {one.seen}, {one.detail}"
    if len(contrary_first) > SHOWN:
        yield f"… and {len(contrary_first) - SHOWN} more packets"
    for evidence in result.evidence:
        yield ""
        yield f"{evidence.claim}: {evidence.outcome}{f', {evidence.note}' if evidence.note else ''}"
    for refutation in result.refutations:
        yield ""
        yield from refutation_lines(refutation)


def replay_script(home: Path, one: Refutation) -> str:
    """POSIX sh: what it is about as comments, then the one command. ``home`` is the home file's absolute path."""
    told = "\n".join(refutation_lines(one)).splitlines()
    about = "\n".join(f"# {line}".rstrip() for line in told)
    command = f"try {shlex.quote(str(home))} --only {shlex.quote(one.claim.id)}"
    return f'#!/bin/sh\n{about}\nexec "${{BAILIWICK:-bailiwick}}" {command} "$@"\n'
