"""Services of a set of packets in the fewest words: "ssh, tcp/8000-8010, ping"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bailiwick.network.catalogue import PROTOCOLS
from bailiwick.network.model import Match
from bailiwick.packets import header
from bailiwick.packets.interval import EVERY_PORT, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.possible import ICMPV6, PORTED, TYPED, possible
from bailiwick.packets.region import Box, Region, Space
from bailiwick.proof.audit.service_names import ANY, VAGUE, matches, named

FIELDS = (header.PROTOCOL, header.DESTINATION_PORT, header.ICMP_TYPE)
_ECHO = {ICMP: 8, ICMPV6: 128}
_NAMES = {number: name for name, number in PROTOCOLS.items()} | {ICMPV6: "icmpv6", 33: "dccp", 136: "udplite"}
_FEW = 12
_REST = "other protocols"
_TYPES = IntervalSet.span(0, 255)
_PORTS = EVERY_PORT - IntervalSet.single(0)
_VAGUE = VAGUE | {"web", "mail", "proxmox"}
"""Names of many services, and ports that as many others use."""


def words(space: Space, region: Region) -> tuple[str, ...]:
    """Of a region of possible headers; every field but the service's is left out of account.

    ``("any",)`` where it has every service there is; ICMP comes as ``ping`` where that is all of it.
    """
    every = possible(space).without(*_others(space))
    found = region.without(*_others(space)) & every
    if not found:
        return ()
    whole = space.box({header.DESTINATION_PORT: _PORTS}) | ~space.among(header.PROTOCOL, PORTED)
    missing = (every & whole) - found
    if not missing:
        return (ANY,)
    said = box_words(found.boxes(FIELDS))
    if len(said) <= 3 or _REST not in said:
        return said
    lacking = box_words(missing.boxes(FIELDS))
    return (f"any but {' and '.join(lacking)}",) if len(lacking) < 3 else said


def box_words(boxes: Iterable[Box]) -> tuple[str, ...]:
    """Of boxes of possible headers."""
    return tuple(_words(boxes))


def of_service(space: Space, name: str) -> Region:
    """The packets of a named service, or of a form such as ``tcp/8080``. Raises ValueError for what is none."""
    return space.union(_region(space, match) for match in matches(name))


def _region(space: Space, match: Match) -> Region:
    box: dict[str, IntervalSet] = {}
    if match.protocol is not None:
        numbers = [match.protocol, ICMPV6] if match.protocol == ICMP else [match.protocol]
        box[header.PROTOCOL] = IntervalSet.of((number, number) for number in numbers)
    if match.ports is not None:
        box[header.DESTINATION_PORT] = IntervalSet.span(*match.ports)
    if match.icmp_type is not None:
        box[header.ICMP_TYPE] = IntervalSet.of((n, n) for n in {match.icmp_type, 128 if match.icmp_type == 8 else 8})
    return space.box(box)


def _others(space: Space) -> tuple[str, ...]:
    return tuple(field for field in space.widths if field not in FIELDS)


def _words(boxes: Iterable[Box]) -> Iterator[str]:
    whole: list[int] = []
    ports: dict[int, IntervalSet] = {}
    types: dict[int, IntervalSet] = {}
    for box in boxes:
        for first, last in box.get(header.PROTOCOL, IntervalSet.span(0, 255)).spans:
            for number in range(first, last + 1):
                if number in PORTED:
                    held = ports.get(number, IntervalSet())
                    ports[number] = held | box.get(header.DESTINATION_PORT, EVERY_PORT)
                elif number in TYPED:
                    types[number] = types.get(number, IntervalSet()) | box.get(header.ICMP_TYPE, _TYPES)
                else:
                    whole.append(number)
    tcp, udp = ports.pop(TCP, IntervalSet()), ports.pop(UDP, IntervalSet())
    yield from _port_words(tcp, udp)
    yield from (_icmp(number, types[number]) for number in sorted(types))
    for number, its in sorted(ports.items()):
        yield from _listed(_NAMES.get(number, f"proto/{number}"), its)
    if len(whole) > _FEW:
        yield _REST
    else:
        yield from (_NAMES.get(number, f"proto/{number}") for number in whole)


def _port_words(tcp: IntervalSet, udp: IntervalSet) -> Iterator[str]:
    """Services that have a name by that name, each of which is there in full."""
    names, tcp, udp = named(tcp, udp, _VAGUE)
    yield from names
    yield from _listed("tcp", tcp)
    yield from _listed("udp", udp)


def _listed(name: str, ports: IntervalSet) -> Iterator[str]:
    if not ports:
        return
    missing = _PORTS - ports
    if not missing:
        yield name
    elif len(missing.spans) < len(ports.spans) or (len(missing.spans) == 1 and missing.size() < ports.size() // 8):
        yield f"{name} but {_numbers(missing)}"
    else:
        for first, last in ports.spans[:_FEW]:
            yield f"{name}/{first}" if first == last else f"{name}/{first}-{last}"
        if len(ports.spans) > _FEW:
            yield f"{name}/…"


def _numbers(ports: IntervalSet) -> str:
    shown = [f"{first}" if first == last else f"{first}-{last}" for first, last in ports.spans[:_FEW]]
    return "+".join(shown + ["…"] * (len(ports.spans) > _FEW))


def _icmp(number: int, types: IntervalSet) -> str:
    if types.size() > 200:
        return "icmp"
    if types == IntervalSet.single(_ECHO[number]):
        return "ping"
    name = _NAMES[number]
    return ", ".join(f"{name}/{first}" if first == last else f"{name}/{first}-{last}" for first, last in types.spans)
