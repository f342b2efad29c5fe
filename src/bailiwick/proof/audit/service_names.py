"""Names of services, and the ports that each stands for."""

from __future__ import annotations

from collections.abc import Set
from functools import cache

from bailiwick.network.catalogue import CATALOGUE
from bailiwick.network.inline_services import inline
from bailiwick.network.model import Match
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import TCP, UDP

ANY = "any"
VAGUE = frozenset({"unifi-stun", "unifi-inform", "airplay", "grafana", "matrix", "irc"})
"""Names of programs on ports that many others use."""
_WIDE = 3
"""A longer range is said as a range, and not by the names of what is in it."""


def matches(name: str) -> tuple[Match, ...]:
    """Raises ValueError (``Unmatched``) for what is no service."""
    if name == ANY:
        return (Match(None),)
    if name in CATALOGUE:
        return tuple(match for part in CATALOGUE[name] for match in matches(part))
    return (inline(name),)


def named(
    tcp: IntervalSet, udp: IntervalSet, vague: Set[str] = VAGUE
) -> tuple[tuple[str, ...], IntervalSet, IntervalSet]:
    """The services of which all ports are there, those of most ports first, and the ports of TCP and UDP that none of
    them stands for. ``vague`` are names that say too little."""
    found: list[str] = []
    few_tcp, few_udp = _sparse(tcp), _sparse(udp)
    for name, (tcps, udps) in _of_ports().items():
        if name not in vague and few_tcp.covers(tcps) and few_udp.covers(udps):
            found.append(name)
            tcp, udp, few_tcp, few_udp = tcp - tcps, udp - udps, few_tcp - tcps, few_udp - udps
    return tuple(found), tcp, udp


def _sparse(ports: IntervalSet) -> IntervalSet:
    return IntervalSet.of(span for span in ports.spans if span[1] - span[0] < _WIDE)


@cache
def _of_ports() -> dict[str, tuple[IntervalSet, IntervalSet]]:
    """Names of the catalogue that stand for ports alone, those of most ports first."""
    found: dict[str, tuple[IntervalSet, IntervalSet]] = {}
    for name in CATALOGUE:
        its = matches(name)
        if all(match.protocol in (TCP, UDP) and match.ports is not None for match in its):
            by = {p: IntervalSet.of(m.ports for m in its if m.protocol == p and m.ports) for p in (TCP, UDP)}
            found[name] = (by[TCP], by[UDP])
    return dict(sorted(found.items(), key=lambda pair: -pair[1][0].size() - pair[1][1].size()))
