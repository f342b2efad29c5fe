"""A set of services in words that mean exactly that, or a little less where no word says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bailiwick.network.catalogue import ICMP_TYPES, PROTOCOLS
from bailiwick.packets import header
from bailiwick.packets.interval import EVERY_PORT, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.possible import ICMPV6, PORTED
from bailiwick.packets.region import Region
from bailiwick.proof.audit.service_names import named

FIELDS = (header.PROTOCOL, header.DESTINATION_PORT, header.ICMP_TYPE)
_TYPES = IntervalSet.span(0, 255)
_SAID_PORTS = EVERY_PORT - IntervalSet.single(0)
_NAMES = {number: name for name, number in PROTOCOLS.items()}
_TYPE_NAMES = {number: name for name, number in ICMP_TYPES.items()}
_ECHO = ICMP_TYPES["echo-request"]


@dataclass(frozen=True, slots=True)
class Services:
    """``whole`` protocols, and ports and types of those that have any; a protocol in two places counts once."""

    whole: frozenset[int] = frozenset()
    ports: Mapping[int, IntervalSet] = field(default_factory=dict)
    types: IntervalSet = field(default_factory=IntervalSet)


def words(region: Region) -> tuple[str, ...]:
    """Of a region over ``FIELDS``; ``("any",)`` for all. Where something is taken away, the last word says it:
    ``icmp except icmp/redirect``.

    Never says more than the region holds: a part of SCTP's ports, say, goes unsaid. Empty: nothing can be said.
    """
    found = _gathered(region)
    names, excepts = _said(found)
    present = _joined(names, excepts)
    if not (0 in found.whole and all(0 in ports for ports in found.ports.values())):
        return present  # `any` holds port 0 and protocol 0, which no word takes away
    absent = tuple(_missing(found))
    if not absent:
        return ("any",)
    short = _joined(["any"], list(absent))
    return short if not present or len(", ".join(short)) < len(", ".join(present)) else present


def _joined(names: list[str], excepts: list[str]) -> tuple[str, ...]:
    return (*names[:-1], f"{names[-1]} except {', '.join(excepts)}") if excepts else tuple(names)


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
    whole |= {number for number, those in ports.items() if those.covers(EVERY_PORT)}
    whole |= {number for number, those in types.items() if number != ICMP and those == _TYPES}
    return Services(frozenset(whole), {n: p for n, p in ports.items() if n not in whole}, types[ICMP])


def _said(its: Services) -> tuple[list[str], list[str]]:
    """What is there, and what is to be taken away from that again: whichever is shorter, for each protocol."""
    names: list[str] = []
    excepts: list[str] = []
    tcp, udp = _held(its, TCP), _held(its, UDP)
    for number, held in ((TCP, tcp), (UDP, udp)):
        missing = EVERY_PORT - held
        if missing and 0 in held and len(missing.spans) < len(held.spans) and missing.size() < held.size():
            names.append(_NAMES[number])
            excepts += _ranges(_NAMES[number], missing)
    names += _ports(IntervalSet() if "tcp" in names else tcp, IntervalSet() if "udp" in names else udp)
    missing = _TYPES - its.types
    if missing.size() < its.types.size():
        names.append("icmp")
        excepts += _icmp(missing)
    else:
        names += _icmp(its.types)
    names += [_NAMES.get(number, f"proto/{number}") for number in sorted(its.whole - {0, TCP, UDP})]
    return names, excepts


def _missing(its: Services) -> Iterator[str]:
    """What ``any`` has and this has not; rather more than less."""
    yield from _ports(EVERY_PORT - _held(its, TCP), EVERY_PORT - _held(its, UDP))
    missing = _TYPES - its.types
    yield from ["icmp"] if missing == _TYPES else _icmp(missing)
    for number in range(1, 256):
        if number not in its.whole and number not in (TCP, UDP, ICMP):
            yield _NAMES.get(number, f"proto/{number}")


def _held(its: Services, number: int) -> IntervalSet:
    return EVERY_PORT if number in its.whole else its.ports.get(number, IntervalSet())


def _icmp(types: IntervalSet) -> list[str]:
    numbers = [number for low, high in types.spans for number in range(low, high + 1)]
    return ["ping" if number == _ECHO else f"icmp/{_TYPE_NAMES.get(number, number)}" for number in numbers]


def _ports(tcp: IntervalSet, udp: IntervalSet) -> Iterator[str]:
    names, tcp, udp = named(tcp, udp)
    yield from names
    yield from _ranges("tcp", tcp)
    yield from _ranges("udp", udp)


def _ranges(name: str, ports: IntervalSet) -> Iterator[str]:
    if ports.covers(EVERY_PORT):
        yield name
        return
    for first, last in (ports & _SAID_PORTS).spans:
        yield f"{name}/{first}" if first == last else f"{name}/{first}-{last}"


def ports_words(protocol: int, ports: IntervalSet) -> str:
    """One stretch of ports of TCP or UDP: the service's name where it has one of its own, else ``tcp/8080``."""
    said = list(_ports(ports, IntervalSet()) if protocol == TCP else _ports(IntervalSet(), ports))
    return said[0] if len(said) == 1 else next(_ranges(_NAMES[protocol], ports))
