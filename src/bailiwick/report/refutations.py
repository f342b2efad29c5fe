"""A refuted claim in words: what was sent, what became of it, and the lines to look at."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.claims.claim import Verdict
from bailiwick.claims.wording import packet_words, place_words
from bailiwick.twin.result import Fate, Observation, Refutation


def refutation_lines(one: Refutation) -> Iterator[str]:
    """The claim with its lines first, then one line for each thing to know."""
    asked = ", ".join(str(span) for span in one.asked)
    meant = "accepted" if one.claim.verdict is Verdict.ACCEPT else "denied"
    yield f"{one.claim.text} ({meant}; {asked})"
    yield f"  {sent_words(one.observation)}: {one.observation.seen}, {one.observation.detail}"
    for line in one.lines:
        yield f"  {line}{f'  {line.text}' if line.text else ''}"
    if one.why:
        yield f"  {one.why}"
    if one.took and one.took != one.foretold:
        yield f"  the files foretell {one.foretold}; the kernel took {one.took}"


def sent_words(one: Observation) -> str:
    """``zone.lan.a sends lan 192.168.40.2 -> services 192.168.20.5 tcp/443``."""
    words = packet_words(one.packet, one.sent_to)
    return f"{one.station} sends {words}" if one.station else words


def awaited_words(one: Observation) -> str:
    """Where the packet should come out."""
    if one.expected is Fate.ARRIVED:
        return f"should arrive at {place_words(one.packet.egress)}"
    return "should come out nowhere"
