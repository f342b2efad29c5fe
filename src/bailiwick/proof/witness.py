"""A packet out of a region in which two things differ, sent through the rules as they are written, one by one.

Nothing is shown that the interpreter does not confirm: the sets and the interpreter share no code for rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address

from bailiwick.dataplane.interpreter import Header, Interpreter, Walk
from bailiwick.dataplane.symbolic.effect import Spread, Value
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.pipeline import Translation
from bailiwick.packets import header
from bailiwick.packets.header import State, Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import Packet
from bailiwick.packets.region import Region
from bailiwick.proof.universe import Universe


@dataclass(frozen=True, slots=True)
class Example:
    """``packet`` as the filter sees it, ``sent`` as it comes, ``walk`` what becomes of it."""

    packet: Packet
    sent: Header
    walk: Walk

    @property
    def sent_to(self) -> str:
        """Where it was aimed, when a door takes it elsewhere."""
        if not self.packet.translated:
            return ""
        where = self.sent.dynamic or str(self.sent.destination)
        return f"the address of {where}" if self.sent.dynamic else where


class Witnesses:
    """Of one device, all its interfaces up but those in ``down``."""

    def __init__(self, universe: Universe, down: frozenset[str] = frozenset()) -> None:
        self.universe = universe
        self.down = down

    @cached_property
    def interpreter(self) -> Interpreter:
        return Interpreter(self.universe.pipeline.device, self.down)

    def example(self, region: Region) -> Example:
        """Of a region in the filter's coordinates. Raises ValueError when it is empty."""
        fields = self.universe.example(region)
        sent = self._before(fields)
        return Example(self.universe.packet(fields), sent, self.interpreter.walk(sent))

    def knock(self, region: Region) -> Example:
        """Of a region of packets as they come, before any translation."""
        fields = {**self.universe.example(region), header.STATUS: 0}
        sent = self.wire(fields)
        return Example(self.universe.packet({**fields, header.OIF: NONE}), sent, self.interpreter.walk(sent))

    def _before(self, fields: Mapping[str, int]) -> Header:
        """The packet that a door makes into this one."""
        if not fields[header.STATUS] & Status.DNAT:
            return self.wire(fields)
        space = self.universe.space
        known = (header.IIF, header.SOURCE, header.SOURCE_PORT, header.PROTOCOL)
        here = space.box({field: IntervalSet.single(fields[field]) for field in known}) & self.universe.possible
        for made in self.universe.pipeline.translations("prerouting").made:
            if not _leads(made, fields):
                continue
            before = made.region & here
            if made.effect.of(header.DESTINATION_PORT) is None:
                before &= space.among(header.DESTINATION_PORT, IntervalSet.single(fields[header.DESTINATION_PORT]))
            if before:
                return self.wire({**self.universe.example(before), header.STATUS: 0})
        return self.wire(fields)

    def wire(self, fields: Mapping[str, int]) -> Header:
        """A header of the interpreter's from a region's fields."""
        interfaces = self.universe.pipeline.interfaces
        name = interfaces.label(fields[header.IIF]).replace("*", "0")
        changing = {number: interface for interface, number in interfaces.dynamic.items()}
        return Header(
            source=IPv4Address(fields[header.SOURCE]),
            destination=IPv4Address(fields[header.DESTINATION]),
            iif=name or None,
            protocol=fields[header.PROTOCOL],
            source_port=fields[header.SOURCE_PORT],
            destination_port=fields[header.DESTINATION_PORT],
            icmp_type=fields[header.ICMP_TYPE],
            icmp_code=fields[header.ICMP_CODE],
            tcp_flags=fields[header.TCP_FLAGS],
            state=State(fields[header.STATE]),
            dynamic=changing.get(fields[header.DYNAMIC]),
        )


def _leads(made: Translation, fields: Mapping[str, int]) -> bool:
    """Whether it may make a packet into this one. One that changes nothing leaves no trace in conntrack's status."""
    status = made.effect.of(header.STATUS)
    if not isinstance(status, Value) or not status.value & Status.DNAT:
        return False
    for field in (header.DESTINATION, header.DESTINATION_PORT):
        assigned = made.effect.of(field)
        if isinstance(assigned, Value) and assigned.value != fields[field] & assigned.mask:
            return False
        if isinstance(assigned, Spread) and fields[field] not in assigned.values:
            return False
    return True
