"""The proof as a witness: what it says of each claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bailiwick.claims.claim import Claim, Evidence, Outcome, Verdict, Witness
from bailiwick.proof.difference import Difference, Kind
from bailiwick.proof.prove import Proof

AGAINST = {
    Verdict.DENY: frozenset({Kind.MORE, Kind.REPLY}),
    Verdict.ACCEPT: frozenset({Kind.LESS, Kind.WAY, Kind.DOOR}),
}


def evidence(proof: Proof, claims: Iterable[Claim]) -> Iterator[Evidence]:
    """Every claim holds where nothing differs. A difference that has no packet leaves all of them open."""
    blind = [one for one in proof.differences if one.packet is None]
    for claim in claims:
        against = next((one for one in proof.differences if _speaks_against(one, claim)), None)
        if against is not None:
            outcome = Outcome.REFUTED if against.certain else Outcome.INCONCLUSIVE
            yield Evidence(claim.id, Witness.PROOF, outcome, against.packet, against.sentence)
        elif blind:
            yield Evidence(claim.id, Witness.PROOF, Outcome.INCONCLUSIVE, note=blind[0].sentence)
        else:
            yield Evidence(claim.id, Witness.PROOF, Outcome.CONFIRMED)


def _speaks_against(difference: Difference, claim: Claim) -> bool:
    packet = difference.packet
    return packet is not None and difference.kind in AGAINST[claim.verdict] and packet in claim.packets
