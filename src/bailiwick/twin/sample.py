"""A few packets for each claim and each pair of places: those whose way is looked at rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from bailiwick.claims.claim import Claim
from bailiwick.twin.script import Probe
from bailiwick.twin.tried import Tried

MOST = 300


def sample_of(probes: Sequence[Probe], claims: Iterable[Claim], most: int = MOST) -> tuple[int, ...]:
    """Serials: the first packet of each claim, then one for each pair of places, fate and protocol: ``most``."""
    tried = Tried((probe.packet for probe in probes), limit=1)
    of_claims = (probes[at].serial for claim in claims for at in tried.of(claim))
    of_pairs: dict[tuple[object, ...], int] = {}
    for probe in probes:
        packet = probe.packet
        of_pairs.setdefault((packet.ingress, packet.egress, probe.expected, packet.protocol), probe.serial)
    return tuple(dict.fromkeys(chain(of_claims, of_pairs.values())))[:most]


def about(probes: Sequence[Probe], claims: Iterable[Claim], places: Sequence[str]) -> tuple[Probe, ...]:
    """Those that speak of one of the claims; of one that no packet is aimed at, those that may come out at it.

    ``places`` are where packets are seen to come out.
    """
    index = Tried(probe.packet for probe in probes)
    wanted: set[int] = set()
    for claim in claims:
        wanted |= set(index.of(claim) or index.elsewhere(claim, places, MOST))
    return tuple(probe for at, probe in enumerate(probes) if at in wanted)
