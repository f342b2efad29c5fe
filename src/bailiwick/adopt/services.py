"""A set of services in words that mean exactly that, or a little less where no word says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from bailiwick.network.catalogue import CATALOGUE, PROTOCOLS
from bailiwick.packets import header
from bailiwick.packets.interval import EVERY_PORT, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.possible import ICMPV6, PORTED
from bailiwick.packets.region import Region
from bailiwick.proof.audit.services import matches

FIELDS = (header.PROTOCOL, header.DESTINATION_PORT, header.ICMP_TYPE)
_TYPES = IntervalSet.span(0, 255)
_SAID_PORTS = EVERY_PORT - IntervalSet.single(0)
_NAMES = {number: name for name, number in PROTOCOLS.items()}
_VAGUE = frozenset({"unifi-stun", "unifi-inform", "airplay", "grafana", "matrix", "irc"})
"""Names of programs on ports that many others use."""
_WIDE = 3
"""A longer range is said as a range, and not by the names of what is in it."""


@dataclass(frozen=True, slots=True)
class Services:
    """``whole`` protocols, and ports and types of those that have any; a protocol in two places counts once."""

    whole: frozenset[int] = frozenset()
    ports: Mapping[int, IntervalSet] = field(default_factory=dict)
    types: IntervalSet = field(default_factory=IntervalSet)


def words(region: Region) -> tuple[str, ...]:
    """Of a region over ``FIELDS``; ``("any",)`` for all. A last word ``any except …`` holds what is taken away.

    Never says more than the region holds: a part of SCTP's ports, or of another protocol that no word parts, goes
    unsaid. Empty: nothing can be said.
    """
    found = _gathered(region)
    missing = Services(
        frozenset(n for n in range(1, 256) if n not in found.whole and n not in found.ports and n != ICMP),
        {n: _SAID_PORTS - ports for n, ports in found.ports.items()},
        _TYPES - found.types,
    )
    present, absent = tuple(_said(found)), tuple(_said(missing, generous=True))
    if not absent:
        return ("any",)
    if len(absent) < len(present):
        return (f"any except {', '.join(absent)}",)
    return present


def _gathered(region: Region) -> Services:
    whole: set[int] = set()
    ports: dict[int, IntervalSet] = {}
    types = {ICMP: IntervalSet(), ICMPV6: IntervalSet()}
    for box in region.boxes(FIELDS):
        for first, last in box.get(header.PROTOCOL, IntervalSet.span(0, 255)).spans:
            for number in range(first, last + 1):
                if number in PORTED:
                    ports[number] = ports.get(number, IntervalSet()) | box.get(header.DESTINATION_PORT, EVERY_PORT)
                elif number in types:
                    types[number] |= box.get(header.ICMP_TYPE, _TYPES)
                else:
                    whole.add(number)
    whole |= {number for number, those in ports.items() if those.covers(_SAID_PORTS)}
    whole |= {number for number, those in types.items() if number != ICMP and those == _TYPES}
    return Services(frozenset(whole), {n: p for n, p in ports.items() if n not in whole}, types[ICMP])


def _said(its: Services, generous: bool = False) -> Iterator[str]:
    """``generous``: what is taken away; there, more may be said than is meant, and never less."""
    tcp = _SAID_PORTS if TCP in its.whole else its.ports.get(TCP, IntervalSet())
    udp = _SAID_PORTS if UDP in its.whole else its.ports.get(UDP, IntervalSet())
    yield from _ports(tcp, udp)
    if its.types == _TYPES:
        yield "icmp"
    else:
        yield from ("ping" if n == 8 else f"icmp/{n}" for low, high in its.types.spans for n in range(low, high + 1))
    for number in sorted(its.whole - {TCP, UDP}):
        if number:
            yield _NAMES.get(number, f"proto/{number}")
    for number in sorted(its.ports):
        if number not in (TCP, UDP) and generous and its.ports[number]:
            yield _NAMES.get(number, f"proto/{number}")


def _ports(tcp: IntervalSet, udp: IntervalSet) -> Iterator[str]:
    few_tcp, few_udp = _sparse(tcp), _sparse(udp)
    for name, (tcps, udps) in _named().items():
        if few_tcp.covers(tcps) and few_udp.covers(udps):
            yield name
            tcp, udp, few_tcp, few_udp = tcp - tcps, udp - udps, few_tcp - tcps, few_udp - udps
    yield from _ranges("tcp", tcp)
    yield from _ranges("udp", udp)


def _sparse(ports: IntervalSet) -> IntervalSet:
    return IntervalSet.of(span for span in ports.spans if span[1] - span[0] < _WIDE)


def _ranges(name: str, ports: IntervalSet) -> Iterator[str]:
    if ports.covers(_SAID_PORTS):
        yield name
        return
    for first, last in (ports & _SAID_PORTS).spans:
        yield f"{name}/{first}" if first == last else f"{name}/{first}-{last}"


@cache
def _named() -> dict[str, tuple[IntervalSet, IntervalSet]]:
    """Names of the catalogue that stand for ports alone, those of most ports first."""
    found: dict[str, tuple[IntervalSet, IntervalSet]] = {}
    for name in CATALOGUE:
        its = matches(name)
        if name not in _VAGUE and all(m.protocol in (TCP, UDP) and m.ports is not None for m in its):
            by = {p: IntervalSet.of(m.ports for m in its if m.protocol == p and m.ports) for p in (TCP, UDP)}
            found[name] = (by[TCP], by[UDP])
    return dict(sorted(found.items(), key=lambda pair: -pair[1][0].size() - pair[1][1].size()))


def ports_words(protocol: int, ports: IntervalSet) -> str:
    """One stretch of ports of TCP or UDP: the service's name where it has one of its own, else ``tcp/8080``."""
    said = list(_ports(ports, IntervalSet()) if protocol == TCP else _ports(IntervalSet(), ports))
    return said[0] if len(said) == 1 else next(_ranges(_NAMES[protocol], ports))
