"""One packet through a network of devices: from each to the next along the links, to whoever has its destination.

A hypervisor that routes for its containers, a host with two legs, the provider's box before the router: each is a
device with rules and routes of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bailiwick.dataplane.interpreter.oracle import Assume
from bailiwick.dataplane.interpreter.packet import Address, Header
from bailiwick.dataplane.interpreter.trace import End, Walk
from bailiwick.dataplane.interpreter.walk import Interpreter
from bailiwick.dataplane.model import Wiring
from bailiwick.dataplane.segments import Segments
from bailiwick.packets.header import Direction, State, Status

HOPS = 32
"""Devices that a packet may meet; a real one has a time to live."""


@dataclass(frozen=True, slots=True)
class Hop:
    device: str
    walk: Walk


@dataclass(frozen=True, slots=True)
class Journey:
    """``hops`` in order. ``left`` is None where the last device took it, or stopped it; else the port by which it left
    for somebody that is no device here."""

    hops: tuple[Hop, ...]
    left: tuple[str, str] | None = None
    looped: bool = False

    @property
    def end(self) -> End:
        return End.UNROUTABLE if self.looped else self.hops[-1].walk.end

    @property
    def accepted(self) -> bool:
        return self.end is End.ACCEPT


def journey(wiring: Wiring, device: str, packet: Header, *, assume: Assume | None = None) -> Journey:
    """From ``device``, which ``packet`` comes to by its ``iif``, or which sends it where that is None.

    Each device has its own conntrack and its own marks: to the next the packet is a new one. Raises KeyError for a
    device that is not there, and BrokenRules.
    """
    segments = Segments(wiring)
    hops: list[Hop] = []
    while len(hops) < HOPS:
        walk = Interpreter(wiring.devices[device]).walk(packet, assume=assume)
        hops.append(Hop(device, walk))
        if not walk.accepted or walk.local or walk.egress is None:
            return Journey(tuple(hops))
        following = _next(wiring, segments, (device, walk.egress), walk.gateway or walk.left.destination)
        if following is None:
            return Journey(tuple(hops), (device, walk.egress))
        device, interface = following
        packet = replace(
            walk.left,
            iif=interface,
            state=State.NEW,
            status=Status(0),
            direction=Direction.ORIGINAL,
            mark=0,
            ct_mark=0,
            dynamic=None,
            dynamic_source=None,
        )
    return Journey(tuple(hops), looped=True)


def _next(wiring: Wiring, segments: Segments, leaving: tuple[str, str], toward: Address) -> tuple[str, str] | None:
    """Who answers for the address (ARP) among those that hear; None: nobody that is a device here."""
    for device, name in segments.hearing(*leaving):
        interface = wiring.devices[device].interfaces[name]
        if any(one.ip == toward for one in interface.addresses):
            return device, name
    return None
