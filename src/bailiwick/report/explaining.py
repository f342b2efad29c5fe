"""Explanations from what was meant and, after a trial, from what real packets did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bailiwick.claims.claim import Evidence, Outcome
from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.claims.wording import packet_words
from bailiwick.intent import Intent, Kind, Meant
from bailiwick.report.explanation import CellExplanation, Quote, Sentence, Step, Way
from bailiwick.report.openness import axis_words
from bailiwick.report.tally import Tally, cell_of, tally

if TYPE_CHECKING:
    from bailiwick.twin.result import Observation, TwinResult

SHOWN = 10
"""Contrary packets that one cell lists."""

_CLOSED = "No line asks for anything here: every packet is dropped."
_SAME = "As any other member of its zone."

Pair = tuple[str, str]


def explain(
    intent: Intent,
    matrix: Matrix,
    sources: Mapping[str, str],
    result: TwinResult | None = None,
    proven: Iterable[Evidence] = (),
) -> dict[Pair, CellExplanation]:
    """One for every cell of ``matrix``, and for every pair that a packet was sent between.

    ``proven`` is what the proof says of the claims. ``sources`` are the texts of the home file and all that it
    includes, by the name that spans carry.
    """
    meant = {one.id: one for one in (*intent.meant, *intent.hygiene)}
    observed: dict[Pair, list[Observation]] = defaultdict(list)
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    counts: Mapping[Pair, Tally] = {}
    if result is not None:
        counts = tally(result.observations, matrix)
        for seen in result.observations:
            observed[cell_of(seen, matrix)].append(seen)
        for one in result.evidence:
            evidence[one.claim].append(one)
    for one in proven:
        evidence[one.claim].append(one)
    pairs = dict.fromkeys((*matrix.cells, *counts))
    quoted = _Quotes(sources, evidence)
    return {
        pair: _cell(matrix.cells.get(pair, Cell()), meant, quoted, observed[pair], counts.get(pair, Tally()))
        for pair in pairs
    }


class _Quotes:
    """Sentences with their lines and evidence, each made once."""

    def __init__(self, sources: Mapping[str, str], evidence: Mapping[str, list[Evidence]]) -> None:
        self._sources, self._evidence = sources, evidence
        self._made: dict[str, Sentence] = {}

    def of(self, meant: Iterable[Meant]) -> tuple[Sentence, ...]:
        return tuple(self._of(one) for one in meant)

    def _of(self, one: Meant) -> Sentence:
        if one.id not in self._made:
            said = tuple(_evidence_words(seen) for seen in self._evidence.get(one.id, ()))
            self._made[one.id] = Sentence(one.text, Quote.of_span(one.span, self._sources), said)
        return self._made[one.id]


def _evidence_words(seen: Evidence) -> str:
    note = f": {seen.note}" if seen.note and seen.outcome is not Outcome.CONFIRMED else ""
    return f"{seen.witness}: {seen.outcome}{note}"


def _cell(
    cell: Cell, meant: Mapping[str, Meant], quoted: _Quotes, observed: list[Observation], count: Tally
) -> CellExplanation:
    behind = [meant[name] for name in cell.sentences if name in meant]
    contrary = [seen for seen in observed if seen.differs]
    return CellExplanation(
        asked=quoted.of(one for one in behind if one.kind in (Kind.POLICY, Kind.FORWARD)),
        derived=quoted.of(one for one in behind if one.kind in (Kind.DERIVED, Kind.ROUTER)),
        withheld=quoted.of(meant[name] for name in cell.withheld if name in meant),
        seen=tuple(_counted(count)),
        contrary=tuple(_contrary(seen) for seen in contrary[:SHOWN])
        + ((f"and {len(contrary) - SHOWN} more",) if len(contrary) > SHOWN else ()),
        way=_way(behind, quoted, contrary or [seen for seen in observed if seen.agrees]),
        note=_SAME if cell.as_zone else "" if behind or cell.possibly else _CLOSED,
    )


def _counted(count: Tally) -> Iterable[str]:
    if count.agreed:
        yield f"{_packets(count.agreed)} met the fate that was meant"
    if count.differed:
        yield f"{_packets(count.differed)} did not"
    if count.lost:
        yield f"of {_packets(count.lost)} nothing was learnt"


def _packets(count: int) -> str:
    return f"{count} packet" if count == 1 else f"{count} packets"


def _contrary(seen: Observation) -> str:
    detail = f": {seen.detail}" if seen.detail else ""
    return f"{packet_words(seen.packet, seen.sent_to)}: meant {seen.expected}, {seen.seen}{detail}"


def _way(behind: list[Meant], quoted: _Quotes, observed: list[Observation]) -> Way | None:
    """Of the first packet that a line asks for, where one was sent, else of the first at all."""
    lines = {one.id: one for one in sorted(behind, key=lambda one: one.kind in (Kind.DERIVED, Kind.ROUTER))}
    chosen = min(
        observed,
        key=lambda seen: next((at for at, name in enumerate(lines) if name in seen.claims), len(lines)),
        default=None,
    )
    if chosen is None:
        return None
    packet = chosen.packet
    steps = [Step(axis_words(packet.ingress), f"{packet.source} sends it to {chosen.sent_to or packet.destination}")]
    if chosen.sent_to:
        steps.append(Step("router", f"a forward turns it to {packet.destination}"))
    accepting = [lines[name] for name in chosen.claims if name in lines]
    if accepting:
        sentence = quoted.of(accepting[:1])[0]
        steps.append(Step("router", f"accepted: {sentence.text}", sentence.quote))
    elif not chosen.claims:
        steps.append(Step("router", "no line accepts it"))
    detail = f", {chosen.detail}" if chosen.detail else ""
    steps.append(Step(axis_words(packet.egress), f"seen by the trial: {chosen.seen}{detail}"))
    return Way(packet_words(packet, chosen.sent_to), tuple(steps))
