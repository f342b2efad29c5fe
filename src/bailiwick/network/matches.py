"""Set arithmetic over what services look like on the wire, as far as checking the text needs it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bailiwick.network.model import Match
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import ICMP

Shape = dict[int, IntervalSet]
"""Protocol to destination ports, to ICMP types for protocol 1, and to {0} for protocols that have neither."""

PROTOCOL_MAX = 255
_WIDTH = {ICMP: 255, 6: 65535, 17: 65535}


def distinct(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Each once, in the order written."""
    return tuple(dict.fromkeys(matches))


def shape(matches: Iterable[Match]) -> Shape:
    """The union of the matches."""
    pairs: dict[int, list[tuple[int, int]]] = {}
    for match in matches:
        for protocol in range(PROTOCOL_MAX + 1) if match.protocol is None else (match.protocol,):
            span = match.ports or (0, _WIDTH.get(protocol, 0))
            if match.icmp_type is not None:
                span = (match.icmp_type, match.icmp_type)
            pairs.setdefault(protocol, []).append(span)
    return {protocol: IntervalSet.of(found) for protocol, found in pairs.items()}


def subtract(matches: Sequence[Match], but: Sequence[Match]) -> Shape:
    """What the matches cover and ``but`` does not; empty when nothing is left."""
    taken = shape(but)
    left = {p: spans - taken.get(p, IntervalSet()) for p, spans in shape(matches).items()}
    return {protocol: spans for protocol, spans in left.items() if spans}


def overlap(one: Sequence[Match], other: Sequence[Match]) -> bool:
    """Whether some packet fits both."""
    second = shape(other)
    return any(protocol in second and spans.overlaps(second[protocol]) for protocol, spans in shape(one).items())
