"""A region in words, a line for each of a few boxes: "lan 192.168.40.0/24 to wan anywhere: tcp/443"."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address

from bailiwick.packets.header import (
    CT_MARK,
    DESTINATION,
    DESTINATION_PORT,
    DIRECTION,
    DYNAMIC,
    ICMP_CODE,
    ICMP_TYPE,
    IIF,
    MARK,
    OIF,
    PROTOCOL,
    SOURCE,
    SOURCE_PORT,
    STATE,
    STATUS,
    TCP_FLAGS,
    Direction,
    State,
    Status,
)
from bailiwick.packets.interval import EVERY_PORT, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.possible import DCCP, ICMPV6, SCTP, UDPLITE, loosened
from bailiwick.packets.region import Box, Region, Space
from bailiwick.packets.wording import numbers

_PROTOCOLS = {ICMP: "icmp", TCP: "tcp", UDP: "udp", DCCP: "dccp", ICMPV6: "icmpv6", SCTP: "sctp", UDPLITE: "udplite"}
_MARKS = ((MARK, "mark"), (CT_MARK, "connection mark"))
_SHOWN = 4


def describe(
    space: Space, region: Region, interfaces: Mapping[int, str] | None = None, limit: int = 20
) -> tuple[str, ...]:
    """The possible packets of a region over ``header.widths``, ``interfaces`` by their numbers.

    Disjoint lines; after ``limit`` of them a last one that says "…". A field that may be anything is left out.
    Raises TooWide where a mark is looked at by a mask of many holes: project it away first (``without``).
    """
    found = [_line(box, interfaces or {}, space.widths) for box in loosened(space, region).boxes(limit=limit + 1)]
    return (*found[:limit], "…") if len(found) > limit else tuple(found)


def addresses(values: IntervalSet, width: int) -> str:
    """Prefixes and ranges, the first few, or what they are not where that is shorter."""
    everything = IntervalSet.span(0, (1 << width) - 1)
    if values == everything:
        return "anywhere"
    others = everything - values
    if len(others.spans) < len(values.spans):
        return f"anywhere but {_listed(others, width)}"
    return _listed(values, width)


def _listed(values: IntervalSet, width: int) -> str:
    shown = [_span(first, last, width) for first, last in values.spans[:_SHOWN]]
    return ", ".join(shown + ["…"] * (len(values.spans) > _SHOWN))


def _span(first: int, last: int, width: int) -> str:
    size = last - first + 1
    kind = IPv4Address if width == 32 else IPv6Address
    if size == 1:
        return str(kind(first))
    if size & (size - 1) == 0 and first % size == 0:
        return f"{kind(first)}/{width - size.bit_length() + 1}"
    return f"{kind(first)}-{kind(last)}"


def _line(box: Box, interfaces: Mapping[int, str], widths: Mapping[str, int]) -> str:
    source = _side(box, IIF, SOURCE, interfaces, widths)
    target = _side(box, OIF, DESTINATION, interfaces, widths)
    return f"{source} to {target}: {', '.join([_service(box), *_circumstances(box, interfaces)])}"


def _side(box: Box, interface: str, address: str, interfaces: Mapping[int, str], widths: Mapping[str, int]) -> str:
    words = []
    if interface in box:
        words.append(_interfaces(box[interface], interfaces, widths[interface]))
    if address in box or not words:
        every = IntervalSet.span(0, (1 << widths[address]) - 1)
        words.append(addresses(box.get(address, every), widths[address]))
    return " ".join(words)


def _interfaces(values: IntervalSet, names: Mapping[int, str], width: int) -> str:
    others = IntervalSet.span(0, (1 << width) - 1) - values
    if others.size() < values.size():
        return f"any interface but {_named(others, names)}"
    return _named(values, names)


def _service(box: Box) -> str:
    protocols = box.get(PROTOCOL)
    words = ["any" if protocols is None else _protocols(protocols)]
    if DESTINATION_PORT in box:
        words[0] += f"/{_ports(box[DESTINATION_PORT])}"
    if ICMP_TYPE in box:
        words.append(f"type {numbers(box[ICMP_TYPE])}")
    if ICMP_CODE in box:
        words.append(f"code {numbers(box[ICMP_CODE])}")
    if TCP_FLAGS in box:
        words.append(f"flags {_hexadecimal(box[TCP_FLAGS])}")
    if SOURCE_PORT in box:
        words.append(f"from port {_ports(box[SOURCE_PORT])}")
    return " ".join(words)


def _ports(values: IntervalSet) -> str:
    others = EVERY_PORT - values
    return f"any but {numbers(others)}" if len(others.spans) < len(values.spans) else numbers(values)


def _protocols(values: IntervalSet) -> str:
    others = IntervalSet.span(0, 255) - values
    if others.size() < values.size():
        return f"any but {_named(others, _PROTOCOLS)}"
    return _named(values, _PROTOCOLS)


def _circumstances(box: Box, interfaces: Mapping[int, str]) -> list[str]:
    """What conntrack, marks and symbols add."""
    words = []
    if STATE in box:
        states = box[STATE] & IntervalSet.span(0, max(State))
        words.append(_named(states, {state: state.name.lower() for state in State}))
    if DIRECTION in box:
        words.append(_named(box[DIRECTION], {direction: direction.name.lower() for direction in Direction}))
    if STATUS in box:
        words.append(_status(box[STATUS]))
    words.extend(f"{name} {_hexadecimal(box[field])}" for field, name in _MARKS if field in box)
    if DYNAMIC in box:
        words.append(_dynamic(box[DYNAMIC], interfaces))
    return words


def _status(values: IntervalSet) -> str:
    """``Status.DNAT`` alone has a word of its own; the rest is rare."""
    flags = range(1 << len(Status))
    translated = IntervalSet.of((n, n) for n in flags if n & Status.DNAT)
    if values == translated:
        return "translated"
    if values == IntervalSet.span(0, flags[-1]) - translated:
        return "not translated"
    return f"status {numbers(values)}"


def _dynamic(values: IntervalSet, interfaces: Mapping[int, str]) -> str:
    if values == IntervalSet.single(0):
        return "to no changing address"
    if 0 not in values:
        return f"to the changing address of {_named(values, interfaces)}"
    return f"not to the changing address of {_named(IntervalSet.span(0, 15) - values, interfaces)}"


def _hexadecimal(values: IntervalSet) -> str:
    shown = [f"{first:#x}" if first == last else f"{first:#x}-{last:#x}" for first, last in values.spans[:_SHOWN]]
    return ",".join(shown + ["…"] * (len(values.spans) > _SHOWN))


def _named(values: IntervalSet, names: Mapping[int, str]) -> str:
    """Numbers by name where they have one, a short stretch one by one if that names any."""
    words: list[str] = []
    for first, last in values.spans:
        stretch = range(first, min(last, first + _SHOWN) + 1)
        if len(stretch) <= _SHOWN and any(number in names for number in stretch):
            words.extend(names.get(number, str(number)) for number in stretch)
        else:
            words.append(numbers(IntervalSet.span(first, last), names))
    return ",".join(words)
