"""A packet out of a region in which two things differ, sent through the rules as they are written, one by one.

Nothing is shown that the interpreter does not confirm: the sets and the interpreter share no code for rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bailiwick.dataplane.interpreter import Header, Interpreter, Walk
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.witness import as_header, before_doors
from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.header import Status
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

    def passes(self, example: Example) -> bool:
        """Whether the packet, walked alone, gets where the region has it."""
        walk = example.walk
        if not walk.accepted:
            return False
        if example.packet.egress == Place.ROUTER:
            return walk.local
        return self.universe.places.of(walk.egress) == example.packet.egress

    def knock(self, region: Region) -> Example:
        """Of a region of packets as they come, before any translation."""
        fields = {**self.universe.example(region), header.STATUS: 0}
        sent = self.wire(fields)
        return Example(self.universe.packet({**fields, header.OIF: NONE}), sent, self.interpreter.walk(sent))

    def _before(self, fields: Mapping[str, int]) -> Header:
        """The packet that a door makes into this one."""
        if fields[header.STATUS] & Status.DNAT:
            for region in before_doors(self.universe.pipeline, fields):
                if real := region & self.universe.possible:
                    return self.wire(self.universe.example(real))
        return self.wire(fields)

    def wire(self, fields: Mapping[str, int]) -> Header:
        """A header of the interpreter's from a region's fields, as it comes; nobody marked it yet."""
        bare = {**fields, header.STATUS: 0, header.DIRECTION: 0, header.MARK: 0, header.CT_MARK: 0}
        one = as_header(bare, self.universe.pipeline.interfaces, 4)
        return replace(one, iif=one.iif.replace("*", "0")) if one.iif else one
