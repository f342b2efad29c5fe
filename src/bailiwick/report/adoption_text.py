"""What an adoption found, for a terminal and for programs: what was left unsaid, and where the two differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bailiwick.adopt.ending import door_words, pairs
from bailiwick.claims.wording import packet_words, place_words
from bailiwick.proof.comparison import Comparison
from bailiwick.report.comparison_text import comparison_record, comparison_text
from bailiwick.workflow.adopting import Adoption


def adoption_text(adoption: Adoption, name: str) -> str:
    """``name`` is the file that was written. No line break at the end."""
    return "\n\n".join(_parts(adoption, name))


def adoption_record(adoption: Adoption) -> dict[str, Any]:
    """``same`` says whether the file means what the router does. ``shut`` is what no sentence could open."""
    return {
        "same": adoption.same,
        "compiled": not adoption.problems,
        "left": [
            {"section": one.section, "line": one.number, "text": one.text, "why": one.why}
            for one in adoption.adopted.left
        ],
        "differences": comparison_record(adoption.comparison) if adoption.comparison else None,
        "doors": [
            {"from": one.ingress, "to": one.egress, "services": list(one.words), "in_file": one.newly}
            for one in adoption.doors
        ],
        "shut": comparison_record(adoption.kept) if adoption.kept else None,
    }


def _parts(adoption: Adoption, name: str) -> Iterator[str]:
    left = len(adoption.adopted.left)
    said = f" {left} lines of the router's it cannot say stand in it as comments." if left else ""
    if left == 1:
        said = " One line of the router's it cannot say stands in it as a comment."
    yield f"{name} is written.{said}"
    if adoption.comparison is None or adoption.kept is None:
        yield "It does not compile as it stands, so nothing was compared: mend it, then `bailiwick check` and `diff`."
        return
    if adoption.same:
        yield "Compiled, it lets pass exactly the new connections that the router does."
        return
    if not adoption.comparison.same:
        shown = comparison_text(adoption.comparison, adoption.before, adoption.after)
        yield f"Where it differs from the router (before: the router, now: the file):\n\n{shown}"
    if adoption.doors:
        lines = [f"  {door_words(one)}" for one in adoption.doors]
        yield "\n".join(["What is sent to an uplink's own address leads inside otherwise:", *lines])
    if not adoption.kept.same:
        yield "\n".join(_kept(adoption.kept))
    if adoption.comparison.same and not adoption.doors:
        yield "Beside that, it lets pass exactly the new connections that the router does."


def _kept(kept: Comparison) -> Iterator[str]:
    yield "The router lets pass what every home file shuts: forged sources, private addresses beyond an uplink,"
    yield "interfaces that nobody named, what a tunnel brings, a zone's way to itself, an uplink's to uplinks:"
    yield from (f"  {pair}" for pair in pairs(kept.denied))
    for change in kept.allowed:
        places = f"{place_words(change.ingress)} -> {place_words(change.egress)}"
        yield f"  and the file what the router does not: {places}, for example {packet_words(change.packet)}"
