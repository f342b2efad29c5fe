"""Services as matches that never overlap: what is meant, less what ``except`` takes away."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bailiwick.network.model import Match
from bailiwick.packets.interval import EVERY_PORT, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP

EVERY_BYTE = IntervalSet.span(0, 255)
"""Protocol numbers, and ICMP types."""

_INNER = {TCP: EVERY_PORT, UDP: EVERY_PORT, ICMP: EVERY_BYTE}
"""The protocols that a match may cut finer, each with all its ports or types."""

_ALONE = tuple(Match(protocol) for protocol in range(256))

_WHOLE = EVERY_BYTE - IntervalSet.of((p, p) for p in _INNER)


@lru_cache(maxsize=4096)
def disjoint(matches: tuple[Match, ...], but: tuple[Match, ...] = ()) -> tuple[Match, ...]:
    """Matches that fit the same packets as some of ``matches`` and none of ``but``, each packet one of them.

    Whole protocols first, by number, then TCP and UDP by port and ICMP by type; equal sets of packets give equal
    tuples. What ``any except …`` leaves over is named protocol by protocol: no reader can take it for ``any``.
    """
    whole, inner = _spread(matches)
    without, without_inner = _spread(but)
    whole = whole - without
    inner = {protocol: inner[protocol] - without_inner[protocol] for protocol in _INNER}
    complete = [protocol for protocol, every in _INNER.items() if inner[protocol] == every]
    whole = whole | IntervalSet.of((p, p) for p in complete)
    if whole == EVERY_BYTE:
        return (Match(),)
    found = [_ALONE[protocol] for first, last in whole.spans for protocol in range(first, last + 1)]
    for protocol in (TCP, UDP):
        if protocol not in complete:
            found += [Match(protocol, ports=span) for span in inner[protocol].spans]
    if ICMP not in complete:
        found += [Match(ICMP, icmp_type=t) for first, last in inner[ICMP].spans for t in range(first, last + 1)]
    return tuple(found)


def shifted(match: Match, to_port: int | None) -> Match:
    """The match as the host behind a destination NAT sees it: its first port is ``to_port``."""
    if to_port is None or match.ports is None:
        return match
    first, last = match.ports
    return Match(match.protocol, ports=(to_port, to_port + last - first))


def overlap(one: Iterable[Match], other: Iterable[Match]) -> bool:
    """Whether some packet fits both."""
    whole, inner = _spread(one)
    other_whole, other_inner = _spread(other)
    return whole.overlaps(other_whole) or any(inner[p].overlaps(other_inner[p]) for p in _INNER)


def _spread(matches: Iterable[Match]) -> tuple[IntervalSet, dict[int, IntervalSet]]:
    """The protocols that are meant whole (TCP, UDP and ICMP never among them), and the inside of those three."""
    whole: list[tuple[int, int]] = []
    inner: dict[int, list[tuple[int, int]]] = {protocol: [] for protocol in _INNER}
    for match in matches:
        if match.protocol is None:
            first, last = match.protocols or (0, 255)
            whole.append((first, last))
            for protocol, every in _INNER.items():
                if first <= protocol <= last:
                    inner[protocol] += every.spans
        elif match.protocol == ICMP and match.icmp_type is not None:
            inner[ICMP].append((match.icmp_type, match.icmp_type))
        elif match.protocol in (TCP, UDP) and match.ports is not None:
            inner[match.protocol].append(match.ports)
        elif match.protocol in _INNER:
            inner[match.protocol] += _INNER[match.protocol].spans
        else:
            whole.append((match.protocol, match.protocol))
    return IntervalSet.of(whole) & _WHOLE, {p: IntervalSet.of(pairs) for p, pairs in inner.items()}
