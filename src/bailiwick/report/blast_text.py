"""What a lost host reaches, as a table for a terminal, a picture, and records for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from rich import box
from rich.table import Table

from bailiwick.proof.blast_radius import BlastRadius, How, Reached
from bailiwick.report import blast_picture
from bailiwick.report.explanation import Quote
from bailiwick.report.terminal import Terminal

HOW = {
    How.ITSELF: "by itself",
    How.NEIGHBOUR: "with a neighbour's address",
    How.SAME_ZONE: "beside it",
}


def blast_text(found: BlastRadius, terminal: Terminal) -> str:
    """Each step in the order in which it can be taken, with the line of the home file that allows it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("step", justify="right", min_width=4)
    for title in ("from", "reaches", "services", "how", "allowed by"):
        table.add_column(title, overflow="fold")
    for one in found.reached:
        lines = "\n".join(f"{PurePath(line.span.file).name}:{line.span.line} {line.text}" for line in one.lines)
        table.add_row(str(one.depth), one.origin, one.target, ", ".join(one.services), _how(one), lines)
    spared = ", ".join(found.spared)
    ending = f"Nothing of {spared} is reached." if spared else "No zone is spared."
    return f"{terminal.print(table).strip(chr(10))}\n\n{ending}"


def blast_svg(found: BlastRadius, sources: Mapping[str, str]) -> str:
    """The same as a picture."""
    return blast_picture.blast_picture(*picture_of(found, sources), f"What {found.host} reaches")


def picture_of(
    found: BlastRadius, sources: Mapping[str, str]
) -> tuple[tuple[blast_picture.Reached, ...], tuple[blast_picture.Reach, ...]]:
    """Nodes and edges."""
    nodes = {found.host: blast_picture.Reached(found.host, found.host, 0)}
    for one in found.reached:
        kind = "host" if one.place.startswith("zone:") else "world"
        if one.target.startswith("others in "):
            kind = "zone"
        nodes.setdefault(one.target, blast_picture.Reached(one.target, one.target, one.depth, kind, _how(one)))
    return tuple(nodes.values()), tuple(_edges(found, sources))


def _edges(found: BlastRadius, sources: Mapping[str, str]) -> Iterator[blast_picture.Reach]:
    for one in found.reached:
        services = ", ".join(one.services) or _how(one)
        line = one.lines[0] if one.lines else None
        quote = Quote.of_span(line.span, sources) if line else None
        yield blast_picture.Reach(one.origin, one.target, services, line.text if line else "", quote)


def blast_record(found: BlastRadius) -> dict[str, Any]:
    """The steps in order; ``lines`` as ``file:line:column`` with their text."""
    return {
        "host": found.host,
        "reached": [
            {
                "step": one.depth,
                "from": one.origin,
                "target": one.target,
                "place": one.place,
                "how": one.how.value,
                "services": list(one.services),
                "lines": [{"text": line.text, "span": str(line.span)} for line in one.lines],
            }
            for one in found.reached
        ],
        "spared": list(found.spared),
    }


def _how(one: Reached) -> str:
    words = HOW[one.how]
    return f"{words}, though the zone keeps its clients apart" if one.isolated else words
