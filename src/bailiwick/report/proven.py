"""What the proof says of each cell, and the way of one of its packets through the files as written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from bailiwick.claims.matrix import Matrix
from bailiwick.claims.wording import packet_words
from bailiwick.intent import Intent
from bailiwick.network.model import Place
from bailiwick.packets.packet import Packet
from bailiwick.proof.difference import Difference
from bailiwick.proof.examples import examples
from bailiwick.proof.explanation import Explanation
from bailiwick.proof.prove import Proof as WholeProof
from bailiwick.report.explanation import CellExplanation, Proof, Quote, Standing, Step, Way
from bailiwick.report.openness import axis_words

Pair = tuple[str, str]

PROVEN = "The rules as written let exactly this pass, and nothing else: proven for every packet."


def with_proof(
    explanations: Mapping[Pair, CellExplanation],
    intent: Intent,
    proof: WholeProof,
    matrix: Matrix,
    texts: Mapping[str, str],
) -> dict[Pair, CellExplanation]:
    """The explanations with the proof's word, and with the way by the rules in place of one by the sentences alone.

    ``texts`` are the written files, to quote their lines.
    """
    contrary: dict[Pair, list[Difference]] = defaultdict(list)
    for difference in proof.differences:
        if difference.packet is not None:
            contrary[_pair(difference.packet, matrix)].append(difference)
    ways = {pair: _way(followed, texts) for pair, followed in examples(intent, proof, matrix)}
    found = {}
    for pair, one in explanations.items():
        standing = _standing(contrary.get(pair, ()), proof, texts)
        found[pair] = replace(one, proof=standing, way=ways.get(pair, one.way))
    return found


def verdict(proof: WholeProof) -> str:
    """One sentence."""
    if proof.holds:
        said = "Proven: for every packet, the files as written do what the home file says, no more and no less"
        if proof.machines:
            said += f"; and each zone is a network of its own, whatever tags are sent through {_listed(proof.machines)}"
        return f"{said}."
    count = len(proof.differences)
    return f"Not proven: the files as written differ from the home file in {count} place{'s' if count > 1 else ''}."


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _standing(contrary: list[Difference] | tuple[()], proof: WholeProof, texts: Mapping[str, str]) -> Proof:
    if contrary:
        first = contrary[0]
        words = packet_words(first.packet, first.sent_to) if first.packet else ""
        lines = (_quote(str(first.line), first.line.file, first.line.number, texts),) if first.line else ()
        standing = Standing.DIFFERS if first.certain else Standing.UNDECIDED
        return Proof(standing, f"{first.sentence[0].upper()}{first.sentence[1:]}.", words, lines)
    if any(one.packet is None for one in proof.differences):
        return Proof(Standing.UNDECIDED, f"{verdict(proof)} See there.")
    return Proof(Standing.PROVEN, PROVEN)


def _way(followed: Explanation, texts: Mapping[str, str]) -> Way:
    packet = followed.packet
    knocked = packet.translated or followed.header.dynamic
    aimed = f"the address of {followed.header.dynamic}" if followed.header.dynamic else str(followed.header.destination)
    steps = [Step(axis_words(packet.ingress), f"{packet.source} sends it to {aimed}")]
    for station in followed.stations:
        line = station.line
        steps.append(
            Step(station.where, station.deed, _quote(str(line), line.file, line.number, texts) if line else None)
        )
    return Way(packet_words(packet, aimed if knocked else ""), tuple(steps))


def _quote(place: str, file: str, number: int, texts: Mapping[str, str]) -> Quote:
    lines = texts.get(file, "").split("\n")
    text = lines[number - 1] if 0 < number <= len(lines) else ""
    return Quote(place, text.strip().split(' comment "')[0])


def _pair(packet: Packet, matrix: Matrix) -> Pair:
    """The cell that the packet belongs to, as far as the matrix has one."""

    def axis(place: str, names: tuple[str, ...], beyond: str) -> str:
        return place if place in names or not place.startswith("uplink:") else beyond

    row = axis(packet.ingress, matrix.rows, Place.OUTSIDE)
    column = axis(packet.egress, matrix.columns, Place.INTERNET)
    return row, column
