"""From packets and their fates to evidence for each claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bailiwick.claims.claim import Claim, Evidence, Outcome, Verdict, Witness
from bailiwick.twin.result import Fate, Observation

UNTRIED = "no packet of it was tried"


def _contrary(claim: Claim, observation: Observation) -> bool:
    if claim.verdict is Verdict.ACCEPT:
        return observation.seen in (Fate.DROPPED, Fate.REFUSED, Fate.STRAYED)
    # A packet that strays got through, only not where it was sent to.
    return observation.seen in (Fate.ARRIVED, Fate.STRAYED)


def _one(claim: Claim, tried: list[Observation]) -> Evidence:
    told = [observation for observation in tried if observation.seen is not Fate.LOST]
    for observation in told:
        if _contrary(claim, observation):
            return Evidence(claim.id, Witness.TWIN, Outcome.REFUTED, observation.packet, observation.detail)
    if not told:
        return Evidence(claim.id, Witness.TWIN, Outcome.INCONCLUSIVE, note=UNTRIED)
    note = f"{len(told)} packets tried"
    return Evidence(claim.id, Witness.TWIN, Outcome.CONFIRMED, told[0].packet, note)


def evidence_of(claims: Iterable[Claim], observations: Iterable[Observation]) -> tuple[Evidence, ...]:
    """One for each claim: confirmed by a packet and contradicted by none, refuted by one, or inconclusive."""
    by_pair: defaultdict[tuple[str, str], list[Observation]] = defaultdict(list)
    for observation in observations:
        by_pair[observation.packet.ingress, observation.packet.egress].append(observation)
    found: list[Evidence] = []
    for claim in claims:
        cubes = claim.packets.cubes()
        tried = [
            observation
            for (ingress, egress), those in by_pair.items()
            if any(ingress in cube.ingress and egress in cube.egress for cube in cubes)
            for observation in those
            if observation.packet in claim.packets
        ]
        found.append(_one(claim, tried))
    return tuple(found)
