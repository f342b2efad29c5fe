"""A packet of a region, walked through the rules as they are written before anybody is shown it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from bailiwick.dataplane.interpreter import End, Header, Interpreter, Walk
from bailiwick.dataplane.interpreter.oracle import nearest
from bailiwick.dataplane.model import Device, Route
from bailiwick.dataplane.rules import Accept, Continue, Drop, Target, Unknown, Verdict, Whatever
from bailiwick.dataplane.symbolic.interfaces import NONE
from bailiwick.dataplane.symbolic.witness import as_header, before_doors
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.header import Status
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.likely import likely
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.region import Region
from bailiwick.proof.audit.finding import Undecided, Unreplayed
from bailiwick.proof.audit.view import LINK, View

_SOMEBODY = {4: int(ip_address("203.0.113.10")), 6: int(ip_address("2001:db8::10"))}
"""Kept for examples (RFC 5737, RFC 3849)."""
_TENTH = 10
_NAMES = {TCP: "tcp", UDP: "udp", ICMP: "icmp", 58: "icmpv6"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A packet, and what became of it. ``sure`` False: only where some unknown test says so."""

    sent: Header
    walk: Walk
    sure: bool = True

    @property
    def decided(self) -> Line | None:
        return self.walk.decided

    def __str__(self) -> str:
        return f"{packet_words(self.sent)}: {end_words(self.walk)}" + ("" if self.sure else ", perhaps")


class Replay:
    """Packets of one view. Regions are in the coordinates of the filter."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._interpreters: dict[tuple[str | None, int | None, frozenset[str]], Interpreter] = {}

    def passing(
        self, region: Region, prefer: Mapping[str, IntervalSet] | None = None, down: frozenset[str] = frozenset()
    ) -> Seen:
        """A packet of the region that passes, by the interface that the region says. Raises Unreplayed, and ValueError
        where nothing is in the region."""
        fields = self.example(region, prefer)
        egress = None if fields[header.OIF] == NONE else self._label(fields[header.OIF])
        return self.walked(
            fields, lambda walk: walk.accepted and (walk.local if egress is None else walk.egress == egress), down
        )

    def stopped(self, region: Region, prefer: Mapping[str, IntervalSet] | None = None) -> Seen:
        """A packet of the region that is dropped or refused. Raises as ``passing``."""
        return self.walked(self.example(region, prefer), lambda walk: walk.end in (End.DROP, End.REJECT))

    def met(self, region: Region, lines: frozenset[Line]) -> Seen:
        """A packet of the region that none of the rules on these lines does anything to, whatever becomes of it."""
        return self.walked(
            self.example(region),
            lambda walk: walk.end is not End.UNKNOWN and not any(s.matched and s.line in lines for s in walk.steps),
        )

    def example(self, region: Region, prefer: Mapping[str, IntervalSet] | None = None) -> dict[str, int]:
        wanted = {field: [values] for field, values in (prefer or {}).items()}
        numbers = IntervalSet.of((number, number) for number in self.view.interfaces.dynamic.values())
        if numbers and self._from_outside(region):
            wanted.setdefault(header.DYNAMIC, [numbers])
        wanted.setdefault(header.SOURCE, [self._hosts, IntervalSet.single(_SOMEBODY[self.view.family])])
        wanted.setdefault(header.DESTINATION, [self.view.pipeline.routes().addresses.local, self._hosts, self._another])
        named = [self.view.numbers[zone.id] for zone in self.view.zones.all if "*" not in zone.interfaces]
        known = self.view.space.among(header.IIF, IntervalSet.union(named))
        for better in (self.view.honest, self.view.space.among(header.IIF, self.view.interfaces.every), known):
            region = region & better or region
        return likely(self.view.space, region, wanted)

    def _from_outside(self, region: Region) -> bool:
        inside = IntervalSet.union(self.view.numbers[zone.id] for zone in self.view.zones.inside)
        return not region & self.view.space.among(header.IIF, inside | IntervalSet.single(NONE))

    @property
    def _another(self) -> IntervalSet:
        return IntervalSet.single(_SOMEBODY[self.view.family] + 10)

    @cached_property
    def _hosts(self) -> IntervalSet:
        """An address of each subnet that looks like somebody's."""
        found = []
        for zone in self.view.zones.all:
            for first, last in zone.homes.get(self.view.family, IntervalSet()).spans:
                found.append(first + _TENTH if last - first > _TENTH else first)
        return IntervalSet.of((number, number) for number in found)

    def walked(
        self, fields: Mapping[str, int], wanted: Callable[[Walk], bool], down: frozenset[str] = frozenset()
    ) -> Seen:
        """The way of a packet that does what is ``wanted``. Raises Unreplayed."""
        sent = self._before(fields)
        egress = None if fields[header.OIF] == NONE else self._label(fields[header.OIF])
        interpreter = self._interpreter(egress, fields, down)
        bound = egress if self.view.guessed else None
        walk = interpreter.walk(sent, egress=bound)
        if wanted(walk):
            return Seen(sent, walk)
        for saying in _SAYINGS:
            one = interpreter.walk(sent, egress=bound, oracle=_Saying(*saying, bound))
            if wanted(one):
                return Seen(sent, one, sure=False)
        outcomes = interpreter.outcomes(sent, egress=bound)
        for one in outcomes.walks:
            if wanted(one):
                return Seen(sent, one, sure=False)
        unclear = not outcomes.complete or any(one.end is End.UNKNOWN for one in outcomes.walks)
        raise (Undecided if unclear else Unreplayed)(f"{sent}: {end_words(walk)}")

    def _interpreter(self, egress: str | None, fields: Mapping[str, int], down: frozenset[str]) -> Interpreter:
        """Where routes were guessed, and where its link-local address was not written: of a device that sends the
        packet the way that is asked about."""
        near = egress is None and self.view.family == 6 and fields[header.DESTINATION] in LINK
        if self.view.guessed or near:
            key = (egress, fields[header.DESTINATION] if egress is None else None, down)
        else:
            key = (None, None, down)
        if key not in self._interpreters:
            device = self._sending(egress, fields) if self.view.guessed or near else self.view.device
            self._interpreters[key] = Interpreter(device, down)
        return self._interpreters[key]

    def _sending(self, egress: str | None, fields: Mapping[str, int]) -> Device:
        device, family = self.view.device, self.view.family
        routing = device.routing
        if egress is None:
            if fields[header.DYNAMIC] or fields[header.DESTINATION] in self.view.pipeline.routes().addresses.local:
                return device
            number = fields[header.DESTINATION]
            text = f"{_address(number, family)}/{32 if family == 4 else 128}"
            here = Route(ip_network(text), "local", "lo", table="local")
            return replace(device, routing=replace(routing, routes=(*routing.routes, here)))
        if not routing.known:
            return device
        kept = tuple(r for r in routing.routes if r.line is not None or r.interface == egress)
        return replace(device, routing=replace(routing, routes=kept))

    def _before(self, fields: Mapping[str, int]) -> Header:
        """The packet that a destination NAT makes into this one."""
        if not fields[header.STATUS] & Status.DNAT:
            return self.wire(fields)
        changing = IntervalSet.of((number, number) for number in self.view.interfaces.dynamic.values())
        for region in before_doors(self.view.pipeline, fields):
            if before := region & self.view.headers:
                return self.wire(likely(self.view.space, before, {header.DYNAMIC: [changing]} if changing else None))
        return self.wire({**fields, header.STATUS: 0})

    def wire(self, fields: Mapping[str, int]) -> Header:
        """A header of the interpreter's from a region's fields, as it comes to the device."""
        label = self._label(fields[header.IIF]) if fields[header.IIF] else None
        return replace(
            as_header({**fields, header.STATUS: 0, header.MARK: 0}, self.view.interfaces, self.view.family), iif=label
        )

    def _label(self, number: int) -> str:
        """A name of an interface; one of a pattern alone gets a number that no listed one has."""
        name = self.view.interfaces.label(number)
        if not name.endswith("*"):
            return name
        begin = name[:-1] or "other"
        return next(one for one in (f"{begin}{n}" for n in range(1000)) if one not in self.view.device.interfaces)


_SAYINGS: tuple[tuple[bool, Verdict], ...] = (
    (False, Continue()),
    (True, Continue()),
    (True, Accept()),
    (False, Accept()),
    (True, Drop()),
    (False, Drop()),
)


@dataclass(frozen=True, slots=True)
class _Saying:
    """One answer to all that is unknown: where very much is, not every combination can be walked."""

    test: bool
    said: Verdict
    way: str | None

    def holds(self, test: Unknown) -> bool:  # noqa: ARG002  # one answer for all
        return self.test

    def verdict(self, whatever: Whatever) -> Verdict:  # noqa: ARG002
        return self.said

    def egress(self, interfaces: Sequence[str]) -> str:
        return self.way or next(iter(interfaces), "")

    def target(
        self, target: Target, address: IPv4Address | IPv6Address, port: int
    ) -> tuple[IPv4Address | IPv6Address, int]:
        return nearest(target, address, port)


def _address(number: int, family: int) -> str:
    return str(ip_network((number, 32 if family == 4 else 128)).network_address)


def packet_words(sent: Header) -> str:
    """ "by ether1 from 203.0.113.9 to 192.168.10.5, tcp/22"; a changing address is said by its interface."""
    to = f"the address of {sent.dynamic}" if sent.dynamic else str(sent.destination)
    name = _NAMES.get(sent.protocol, f"protocol {sent.protocol}")
    if sent.protocol in (TCP, UDP):
        name += f"/{sent.destination_port}"
    elif sent.protocol in (ICMP, 58):
        name += f" type {sent.icmp_type}"
    state = "" if sent.state == 0 else f", {sent.state.name.lower()}"
    return f"by {sent.iif or 'the router itself'} from {sent.source} to {to}, {name}{state}"


def end_words(walk: Walk) -> str:
    """Where it ends up."""
    match walk.end:
        case End.ACCEPT if walk.local:
            return "the router itself takes it"
        case End.ACCEPT:
            where = str(walk.left.destination)
            turned = f", turned to {where}" if walk.left.destination != walk.packet.destination else ""
            return f"it leaves by {walk.egress}{turned}"
        case End.DROP:
            return "it is dropped"
        case End.REJECT:
            return "it is refused"
        case End.UNROUTABLE:
            return f"it goes nowhere ({walk.reason})"
    return f"it hangs on what is unknown ({walk.reason})"
