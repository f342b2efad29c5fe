"""What a compromised host reaches, directly and by way of what it then holds: one SVG, a column for each step.

Every edge ends in a slot of its own beside its target, with its label on the last, level stretch: labels cannot lie on
each other, however many there are. The lines of the file stand below, by the edges' numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bailiwick.report.explanation import Quote
from bailiwick.report.plain import xml
from bailiwick.report.sections import Drawing

NODE, BEND, LABEL, SLOT, TALL, GAP, MARGIN, HEAD, LINE, LANE = 170, 56, 170, 22, 44, 18, 16, 40, 20, 8
LETTER = 6.6
"""Width of a letter in pixels, on average."""

STYLE = """
.blast text { font: 12px system-ui, sans-serif; fill: #1d2733; }
.blast .name { font-weight: 600; font-size: 14px; } .blast .soft { fill: #55636f; }
.blast .paper { fill: #ffffff; } .blast .node { fill: #f3f6f8; stroke: #7c8a97; }
.blast .start { fill: #fde4e2; stroke: #9d1c17; stroke-width: 2; } .blast .world { fill: #e8f0f8; stroke: #4f7aa3; }
.blast .edge { fill: none; stroke: #7c8a97; stroke-width: 1.5; } .blast .back { stroke-dasharray: 4 4; }
.blast .tip { fill: #7c8a97; } .blast .badge { fill: #155a9c; } .blast text.number { fill: #ffffff; font-weight: 600; }
@media (prefers-color-scheme: dark) {
  .blast text { fill: #e3e9ef; } .blast .soft { fill: #a9b6c2; }
  .blast .paper { fill: #12181f; } .blast .node { fill: #1c252e; stroke: #7c8a97; }
  .blast .start { fill: #4d1a1b; stroke: #ffa69f; } .blast .world { fill: #1c2b3a; stroke: #6f9cc7; }
  .blast .badge { fill: #8fc3f7; } .blast text.number { fill: #12181f; }
}
"""


@dataclass(frozen=True, slots=True)
class Reached:
    """A host, a zone or a place beyond an uplink. ``depth`` 0 is where it starts; ``kind`` "host", "zone", "world"."""

    id: str
    name: str
    depth: int
    kind: str = "host"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """One way from what is held to what it reaches: the services' words, and the sentence that allows it."""

    source: str
    target: str
    services: str
    sentence: str = ""
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class _Box:
    x: int
    y: int
    height: int

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


def blast_picture(nodes: Sequence[Reached], edges: Sequence[Reach], title: str) -> str:
    """An SVG document; the same input gives the same bytes. Raises KeyError for an edge whose node is not given."""
    arriving: dict[str, list[int]] = defaultdict(list)
    for number, edge in enumerate(edges):
        arriving[edge.target].append(number)
    boxes = _placed(nodes, edges, arriving)
    depths = sorted({node.depth for node in nodes})
    width = max((box.x + NODE for box in boxes.values()), default=0) + MARGIN
    bottom = max((box.y + box.height for box in boxes.values()), default=HEAD) + GAP
    width = max(width, 480, MARGIN * 2 + int(max((len(line) for line in _legend(edges)), default=0) * LETTER) + 30)
    body = [*_heads(depths, nodes, boxes)]
    for number, edge in enumerate(edges):
        slot = arriving[edge.target].index(number)
        start, end = boxes[edge.source], boxes[edge.target]
        if end.x <= start.x:
            bottom += LANE
        body += _edge(number + 1, edge, (start, end), slot, bottom - LANE)
    for node in nodes:
        body += _node(node, boxes[node.id])
    for number, line in enumerate(_legend(edges)):
        body += _badge(number + 1, MARGIN + 9, bottom + LINE * number + 10)
        body.append(_text("", MARGIN + 26, bottom + LINE * number + 14, line))
    height = bottom + LINE * len(edges) + MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="blast" role="img" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}">',
            f"<title>{xml(title)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" x="0" y="0" width="{width}" height="{height}"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def blast_drawing(nodes: Sequence[Reached], edges: Sequence[Reach], title: str) -> Drawing:
    """The picture as a part of a page."""
    return Drawing(title, blast_picture(nodes, edges, title), STYLE)


def _placed(nodes: Sequence[Reached], edges: Sequence[Reach], arriving: Mapping[str, list[int]]) -> dict[str, _Box]:
    """A column for each depth; in it each node near the middle of those that lead to it, so that few edges cross."""
    columns: dict[int, list[Reached]] = defaultdict(list)
    for node in nodes:
        columns[node.depth].append(node)
    boxes: dict[str, _Box] = {}
    first = min(columns, default=0)
    x = MARGIN + (LABEL + GAP if any(arriving.get(node.id) for node in columns[first]) else 0)
    for depth in sorted(columns):

        def wanted(node: Reached) -> float:
            before = [boxes[edges[at].source].middle for at in arriving.get(node.id, ()) if edges[at].source in boxes]
            return sum(before) / len(before) if before else 0

        y = HEAD
        for node in sorted(columns[depth], key=wanted):
            tall = max(TALL, SLOT * len(arriving.get(node.id, ())) + 8)
            boxes[node.id] = _Box(x, y, tall)
            y += tall + GAP
        x += NODE + BEND + LABEL
    return boxes


def _heads(depths: Sequence[int], nodes: Sequence[Reached], boxes: Mapping[str, _Box]) -> Iterator[str]:
    for depth in depths:
        x = next(boxes[node.id].x for node in nodes if node.depth == depth)
        word = "compromised" if depth == 0 else "reached directly" if depth == 1 else f"in {depth} steps"
        yield _text("soft", x, HEAD - 12, word)


def _node(node: Reached, box: _Box) -> Iterator[str]:
    kind = "start" if node.depth == 0 else "world" if node.kind == "world" else "node"
    round_ = {"zone": 2, "world": 20}.get(node.kind, 8)
    yield f"<g><title>{xml(' '.join((node.name, node.detail)).strip())}</title>"
    yield f'<rect class="{kind}" x="{box.x}" y="{box.y}" width="{NODE}" height="{box.height}" rx="{round_}"/>'
    room = int((NODE - 20) / LETTER)
    yield _text("name", box.x + 10, box.middle + (-2 if node.detail else 5), _cut(node.name, room - 2))
    if node.detail:
        yield _text("soft", box.x + 10, box.middle + 14, _cut(node.detail, room))
    yield "</g>"


def _edge(number: int, edge: Reach, ends: tuple[_Box, _Box], slot: int, lane: int) -> Iterator[str]:
    """A bend from the source, then a level stretch that bears the label. One that leads back is dashed, and goes round
    by its ``lane`` below everything."""
    start, end = ends
    y = end.y + 4 + SLOT * slot + SLOT // 2
    x = end.x - LABEL
    yield f"<g><title>{xml(f'{edge.services}: {edge.sentence}')}</title>"
    if end.x <= start.x:
        way = f"M {start.x + NODE // 2} {start.y + start.height} V {lane} H {x - 8} V {y} H {end.x - 6}"
        yield f'<path class="edge back" d="{way}"/>'
    else:
        middle = (start.x + NODE + x) // 2
        bend = f"C {middle} {start.middle} {middle} {y} {x} {y}"
        yield f'<path class="edge" d="M {start.x + NODE} {start.middle} {bend} H {end.x - 6}"/>'
    yield f'<path class="tip" d="M {end.x} {y} l -8 -4 v 8 z"/>'
    yield from _badge(number, x + 14, y)
    yield _text("", x + 28, y - 4, _cut(edge.services, int((LABEL - 44) / LETTER)))
    yield "</g>"


def _badge(number: int, x: int, y: int) -> Iterator[str]:
    yield f'<circle class="badge" cx="{x}" cy="{y}" r="9"/>'
    yield f'<text class="number" x="{x}" y="{y + 4}" text-anchor="middle">{number}</text>'


def _legend(edges: Sequence[Reach]) -> list[str]:
    """A line for each edge, in words: the sentence to take out, and where it stands."""
    return [f"{edge.sentence or edge.services}{f'  ({edge.quote.place})' if edge.quote else ''}" for edge in edges]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(room - 1, 1)]}…"


def _text(kind: str, x: int, y: int, text: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{xml(text)}</text>'
