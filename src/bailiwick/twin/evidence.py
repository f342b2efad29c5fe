"""From packets and their fates to evidence for each claim."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from bailiwick.claims.claim import Claim, Evidence, Outcome, Verdict, Witness
from bailiwick.claims.wording import place_words
from bailiwick.network.model import Place
from bailiwick.twin.result import Fate, Observation
from bailiwick.twin.tried import Tried

UNTRIED = "no packet of it was tried"
ENOUGH = 200
"""Packets that came out nowhere else are counted up to this."""


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What the stage could see and how: ``listening`` are the places where every packet that comes out is seen,
    ``stand_ins`` what stands for a place's own kind of link, in words. ``preferred`` are serials of packets of which
    more is known: of several that refute a claim, one of these is shown."""

    listening: Collection[str] = ()
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    preferred: Collection[int] = ()


def _contrary(claim: Claim, observation: Observation) -> bool:
    if claim.verdict is Verdict.ACCEPT:
        return observation.seen in (Fate.DROPPED, Fate.REFUSED, Fate.STRAYED)
    # A packet that strays got through, only not where it was sent to.
    return observation.seen in (Fate.ARRIVED, Fate.STRAYED)


def _came_out(claim: Claim, observation: Observation) -> bool:
    """Whether it was seen at another place than its own, where the claim denies it."""
    others = (place for place in observation.places if place != observation.packet.egress)
    return any(replace(observation.packet, egress=place) in claim.packets for place in others)


def _refuting(claim: Claim, contrary: list[Observation], preferred: Collection[int]) -> Evidence:
    shown = next((one for one in contrary if one.serial in preferred), contrary[0])
    return Evidence(claim.id, Witness.TWIN, Outcome.REFUTED, shown.packet, shown.detail)


def _places(claim: Claim, listening: Collection[str]) -> list[str]:
    cubes = claim.packets.cubes()
    return [place for place in listening if any(place in cube.egress for cube in cubes)]


def _on_stand_ins(packet: Observation, stand_ins: Mapping[str, str]) -> str:
    ends = (packet.packet.ingress, packet.packet.egress)
    words = [stand_ins[place] for place in dict.fromkeys(ends) if place in stand_ins]
    return f"; {', '.join(words)}" if words else ""


def _untried(claim: Claim, tried: list[Observation], listening: Collection[str]) -> str:
    if tried:
        return f"none of its {len(tried)} packets was seen to enter the router"
    if claim.verdict is Verdict.DENY and listening and not _places(claim, listening):
        names = {place for cube in claim.packets.cubes() for place in cube.egress.members}
        return f"nobody listens at {', '.join(sorted(map(place_words, names)))}, which has no interface here"
    return UNTRIED


def _absent(claim: Claim, every: list[Observation], index: Tried, witnesses: Witnesses) -> Evidence | None:
    """A packet denied to a place where routing leads none: all that was sent, and not seen to come out there."""
    if claim.verdict is not Verdict.DENY:
        return None
    places = _places(claim, witnesses.listening)
    told = [every[at] for at in index.elsewhere(claim, places, ENOUGH)]
    told = [one for one in told if one.seen is not Fate.LOST]
    if not told:
        return None
    count = f"{len(told)} or more" if len(told) == ENOUGH else str(len(told))
    words = " or ".join(place_words(place) for place in places)
    words = words.replace(Place.UNKNOWN, "an interface that nobody named")
    note = f"{count} packets that lead elsewhere, none of them seen at {words}"
    return Evidence(claim.id, Witness.TWIN, Outcome.CONFIRMED, told[0].packet, note)


def evidence_of(
    claims: Iterable[Claim], observations: Iterable[Observation], witnesses: Witnesses | None = None
) -> tuple[Evidence, ...]:
    """One for each claim: confirmed by a packet and contradicted by none, refuted by one, or inconclusive and why."""
    witnesses = witnesses or Witnesses()
    every = list(observations)
    index = Tried(one.packet for one in every)
    strays = [one for one in every if one.seen is Fate.STRAYED]
    found: list[Evidence] = []
    for claim in claims:
        tried = [every[at] for at in index.of(claim)]
        told = [one for one in tried if one.seen is not Fate.LOST]
        contrary = [one for one in told if _contrary(claim, one)]
        if claim.verdict is Verdict.DENY:
            contrary += [one for one in strays if _came_out(claim, one)]
        if contrary:
            found.append(_refuting(claim, contrary, witnesses.preferred))
        elif told:
            note = f"{len(told)} packets tried{_on_stand_ins(told[0], witnesses.stand_ins)}"
            found.append(Evidence(claim.id, Witness.TWIN, Outcome.CONFIRMED, told[0].packet, note))
        elif not tried and (absent := _absent(claim, every, index, witnesses)):
            found.append(absent)
        else:
            why = _untried(claim, tried, witnesses.listening)
            found.append(Evidence(claim.id, Witness.TWIN, Outcome.INCONCLUSIVE, note=why))
    return tuple(found)
