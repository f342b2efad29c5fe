"""Fewer packets than there are: of each kind some, so that what is left out is only more of the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bailiwick.twin.script import Probe


def thinned(probes: Sequence[Probe], most: int) -> tuple[Probe, ...]:
    """The same in the same order, ``most`` of them at the most.

    First comes one for each pair of places and fate, then one for each of their protocols and sentences, then one for
    each port; then the ports in turns, what a sentence accepts before the rest, and earlier ones before later ones.
    """
    if len(probes) <= most:
        return tuple(probes)
    turns: Counter[tuple[object, ...]] = Counter()
    ranked: list[tuple[int, int, int]] = []
    for at, probe in enumerate(probes):
        packet = probe.packet
        pair = packet.ingress, packet.egress, probe.expected
        kind = *pair, packet.protocol, packet.translated, probe.claims
        service = *kind, probe.port
        # Coarse kinds before fine ones, where not even one of each fine kind has room.
        coarse = 0 if not turns[pair] else 1 if not turns[kind] else 2 + turns[service]
        for key in (pair, kind, service):
            turns[key] += 1
        ranked.append((coarse, 0 if probe.claims else 1, at))
    kept = sorted(at for _, _, at in sorted(ranked)[:most])
    return tuple(probes[at] for at in kept)
