"""Services as cubes of protocols, ports and types, and their words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bailiwick.network.model import Match
from bailiwick.packets.cube import EVERY_ICMP_TYPE, EVERY_PROTOCOL
from bailiwick.packets.interval import EVERY_PORT, IntervalSet
from bailiwick.packets.space import Cube, PacketSet

_PROTOCOL_WORDS = {1: "icmp", 6: "tcp", 17: "udp"}


def meaning(matches: Iterable[Match], but: Iterable[Match] = ()) -> PacketSet:
    """From anywhere to anywhere, whatever fits one of ``matches`` and none of ``but``."""
    return PacketSet(_cubes(matches)) - PacketSet(_cubes(but))


def shifted(match: Match, to_port: int | None) -> Match:
    """A forward's match as the host sees it: the same number of ports, the first of them ``to_port``."""
    if to_port is None or match.ports is None:
        return match
    first, last = match.ports
    return Match(match.protocol, (to_port, to_port + last - first))


def words(matches: Iterable[Match]) -> str:
    """Matches without a name of their own: "tcp/443, udp/50000-50010"."""
    return ", ".join(_word(match) for match in matches)


def _word(match: Match) -> str:
    if match.protocol is None:
        return "any"
    name = _PROTOCOL_WORDS.get(match.protocol, f"protocol {match.protocol}")
    if match.ports:
        first, last = match.ports
        return f"{name}/{first}" if first == last else f"{name}/{first}-{last}"
    return name if match.icmp_type is None else f"{name} type {match.icmp_type}"


def _cubes(matches: Iterable[Match]) -> list[Cube]:
    """A cube for each protocol and type, whatever the number of its ports."""
    ports: dict[tuple[int, int, int | None], list[tuple[int, int]]] = defaultdict(list)
    for match in matches:
        protocols = match.protocols or EVERY_PROTOCOL.spans[0]
        first, last = protocols if match.protocol is None else (match.protocol, match.protocol)
        ports[first, last, match.icmp_type].append(match.ports or EVERY_PORT.spans[0])
    return [
        Cube(
            protocols=IntervalSet.span(first, last),
            destination_ports=IntervalSet.of(pairs),
            icmp_types=EVERY_ICMP_TYPE if icmp_type is None else IntervalSet.single(icmp_type),
        )
        for (first, last, icmp_type), pairs in ports.items()
    ]
