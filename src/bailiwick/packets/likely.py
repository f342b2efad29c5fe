"""The packet of a region that somebody is most likely to meet: what a person is shown, and what is replayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bailiwick.packets.header import (
    DESTINATION,
    DESTINATION_PORT,
    DIRECTION,
    DYNAMIC,
    ICMP_CODE,
    ICMP_TYPE,
    PROTOCOL,
    SOURCE,
    SOURCE_PORT,
    STATE,
    STATUS,
    TCP_FLAGS,
    State,
)
from bailiwick.packets.interval import PORT_MAX, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.possible import ICMPV6, possible
from bailiwick.packets.region import Region, Space

_SYN, _ACK = 0x02, 0x10  # RFC 9293, section 3.1
_ECHO_REQUESTS = {4: 8, 6: 128}  # RFC 792; RFC 4443, section 4.1
_PORTS = (443, 53, 22, 123)
_EPHEMERAL = IntervalSet.span(49152, PORT_MAX)  # RFC 6335, section 6
_UNICAST = {
    4: IntervalSet.of([(1 << 24, (127 << 24) - 1), (128 << 24, (224 << 24) - 1)]),
    6: IntervalSet.span(1 << 125, (1 << 126) - 1),  # 2000::/3, all that is given out so far
}


def likely(space: Space, region: Region, prefer: Mapping[str, Sequence[IntervalSet]] | None = None) -> dict[str, int]:
    """A possible packet of a region over ``header.widths``, every field given, the same on every run.

    New, of TCP before UDP before ICMP, to a well-known port from an ephemeral one. ``prefer`` is asked first, for
    each field the best values first (the addresses of real hosts). Raises ValueError when no packet can be in it.
    """
    left = region & possible(space)
    if not left:
        raise ValueError("no packet that can be is in the set")
    family = 4 if space.widths[SOURCE] == 32 else 6
    new = bool(left & space.among(STATE, IntervalSet.single(State.NEW)))
    for field, choices in _table(family, new):
        for values in (*(prefer or {}).get(field, ()), *choices):
            narrowed = left & space.among(field, values)
            if narrowed:
                left = narrowed
                break
    for field in (SOURCE, DESTINATION):  # the first of a subnet is no host's
        value = left.pick()[field]
        second = left & space.among(field, IntervalSet.single(value + 1)) if not value & 0xFF else None
        left = second or left
    return left.pick()


def _table(family: int, new: bool) -> Iterable[tuple[str, tuple[IntervalSet, ...]]]:
    """Fields, what matters most first, each with its likely values. Of equal likelihood: the least."""
    echo = ICMP if family == 4 else ICMPV6
    return (
        (STATE, _each(State.NEW, State.ESTABLISHED)),
        (DIRECTION, _each(0)),
        (STATUS, _each(0)),
        (PROTOCOL, _each(TCP, UDP, echo)),
        (TCP_FLAGS, _each(_SYN, _ACK) if new else _each(_ACK)),
        (ICMP_TYPE, _each(_ECHO_REQUESTS[family])),
        (ICMP_CODE, _each(0)),
        (DESTINATION_PORT, (*_each(*_PORTS), IntervalSet.span(1, PORT_MAX))),
        (SOURCE_PORT, (_EPHEMERAL, IntervalSet.span(1, PORT_MAX))),
        (DYNAMIC, _each(0)),
        (DESTINATION, (_UNICAST[family],)),
        (SOURCE, (_UNICAST[family],)),
    )


def _each(*values: int) -> tuple[IntervalSet, ...]:
    return tuple(IntervalSet.single(value) for value in values)
