"""One packet through one device: ingress, raw, conntrack, mangle, destination NAT, routing, filter, source NAT, out.

The device's own packets start at output; what it sends to itself comes back by the loopback interface with the
connection that it has (net/ipv4/ip_output.c, ip_input.c; Documentation of nft(8), "address families").
Bridge and ARP tables see other packets than these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bailiwick.dataplane.interpreter.arrival import Arrival, Way
from bailiwick.dataplane.interpreter.chains import Chains
from bailiwick.dataplane.interpreter.conditions import Conditions, settled
from bailiwick.dataplane.interpreter.departure import depart
from bailiwick.dataplane.interpreter.fib import LOOPBACK, Fib
from bailiwick.dataplane.interpreter.hooks import Base, Stations, at_device, stations
from bailiwick.dataplane.interpreter.oracle import Assume, Assuming, Exploring, Oracle, Undecided
from bailiwick.dataplane.interpreter.packet import Address, Connection, Header, answer
from bailiwick.dataplane.interpreter.passing import Passing
from bailiwick.dataplane.interpreter.trace import End, Outcomes, Step, Walk
from bailiwick.dataplane.interpreter.translation import SIDES, Translator, repeat, undecided
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import ENDS, Drop, Reject
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.header import Status

DECIDING = frozenset({"input", "forward", "output"})
BOUND = 256


class _Ended(Exception):
    """The packet goes no further."""

    def __init__(self, end: End, line: Line | None, by: Step | None = None, reason: str = "") -> None:
        self.end, self.line, self.by, self.reason = end, line, by, reason


class Interpreter:
    """A device, ready for many packets. ``down``: interfaces that are down or gone; ``leases``: the addresses that
    interfaces with changing ones have at the moment."""

    def __init__(
        self, device: Device, down: frozenset[str] = frozenset(), leases: Mapping[str, Address] | None = None
    ) -> None:
        self.device = device
        self.fib = Fib(device, down)
        self.leases = leases or {}
        self._arrival = Arrival(device, self.fib)
        self._stations: dict[tuple[int, str], Stations] = {}

    @cached_property
    def _by_device(self) -> bool:
        return any(
            chain.hook is not None and chain.hook.name in ("ingress", "egress")
            for table in self.device.tables
            for chain in table.chains.values()
        )

    def walk(
        self,
        packet: Header,
        *,
        assume: Assume | None = None,
        egress: str | None = None,
        known: Connection | None = None,
        oracle: Oracle | None = None,
    ) -> Walk:
        """One way. What is unknown is as ``assume`` says; without it the walk ends there, UNKNOWN.

        ``egress``: where no routes are known, the interface that it leaves by; for the device's own packets, the one
        that the sender's socket is bound to. ``known``: the connection that the packet belongs to.
        Raises BrokenRules.
        """
        return _Way(self, packet, oracle or Assuming(assume, egress), egress, known).walk()

    def outcomes(
        self, packet: Header, *, egress: str | None = None, known: Connection | None = None, bound: int = BOUND
    ) -> Outcomes:
        """Every way that unknown tests, unknown targets and unknown routes leave open, at most ``bound``."""
        return _explored(lambda oracle: _Way(self, packet, oracle, egress, known).walk(), egress, bound)

    def replies(self, first: Walk, bound: int = BOUND) -> Outcomes:
        """``reply`` by every way that is left open. Raises ValueError when nobody answers."""
        return _explored(lambda oracle: self.reply(first, oracle=oracle), None, bound)

    def reply(self, first: Walk, *, assume: Assume | None = None, oracle: Oracle | None = None) -> Walk:
        """The way of the answer to a packet that was accepted. Raises ValueError when nobody answers it."""
        if not first.accepted:
            raise ValueError("a packet that was not accepted has no answer")
        packet = answer(first.left, None if first.local else first.egress)
        if first.scrambled & set(ENDS):
            return Walk(packet, End.UNKNOWN, (), packet, reason="who answers cannot be told: its ends may be any")
        egress = None if self.fib.known or first.local else first.packet.iif
        return self.walk(packet, assume=assume, egress=egress, known=first.connection, oracle=oracle)

    def stations(self, family: int, hook: str) -> Stations:
        key = family, hook
        if key not in self._stations:
            self._stations[key] = stations(self.device, family, hook)
        return self._stations[key]

    def at_device(self, hook: str, interface: str, family: int) -> tuple[Base, ...]:
        return at_device(self.device, hook, interface, family) if self._by_device else ()

    def refuses(self, passing: Passing) -> str:
        return self._arrival.refuses(passing)

    def arrive(self, passing: Passing, oracle: Oracle) -> Way:
        return self._arrival.way(passing, oracle.holds)


@dataclass(slots=True)
class _Ruled:
    """The last word of the filter chains so far."""

    step: Step | None = None
    explicit: bool = False


class _Way:
    """One packet on its way."""

    def __init__(
        self, device: Interpreter, packet: Header, oracle: Oracle, egress: str | None, known: Connection | None
    ) -> None:
        self._device, self._packet, self._oracle, self._egress = device, packet, oracle, egress
        self._passing = Passing.of(packet, known)
        self._translator = Translator(device.device, device.fib, oracle, device.leases)
        self._chains = Chains(Conditions(device.fib, oracle), self._translator, oracle)
        self._ruled = _Ruled()
        self._left: str | None = None
        self._local = False

    def walk(self) -> Walk:
        try:
            if self._packet.iif is None:
                self._own()
            else:
                self._foreign()
        except _Ended as ended:
            return self._result(ended.end, ended.line, ended.by, ended.reason)
        except Undecided as undecided_by:
            last = self._passing.steps[-1] if self._passing.steps else None
            return self._result(End.UNKNOWN, last.line if last else None, None, str(undecided_by))
        step = self._ruled.step
        return self._result(End.ACCEPT, step.line if step else None, step, "")

    def _result(self, end: End, line: Line | None, by: Step | None, reason: str) -> Walk:
        passing = self._passing
        connection = None
        if passing.tracked and passing.first is not None:
            connection = passing.known or Connection(passing.first, passing.ends, passing.status, passing.ct_mark)
        return Walk(
            self._packet,
            end,
            tuple(passing.steps),
            passing.as_header(),
            self._left,
            self._local,
            line,
            by,
            connection,
            reason,
            passing.fasttracked,
            frozenset(passing.scrambled),
            self._translator.gateway,
        )

    def _foreign(self) -> None:
        passing = self._passing
        assert passing.iif is not None
        passing.hook = "ingress"
        for base in self._device.at_device("ingress", passing.iif, passing.family):
            self._chain(base)
        refused = self._device.refuses(passing)
        if refused:
            raise _Ended(End.UNROUTABLE, None, reason=refused)
        self._hook("prerouting")
        self._routable()
        way = self._onwards(self._device.arrive(passing, self._oracle))
        if way.local:
            self._deliver()
            return
        passing.oif, self._translator.gateway = way.interface, way.gateway
        self._hook("forward")
        self._leave()

    def _own(self) -> None:
        passing = self._passing
        way = self._onwards(depart(self._device.fib, passing, self._egress, self._oracle.holds))
        passing.oif, self._translator.gateway = way.interface, way.gateway
        self._hook("output")
        self._leave()
        if passing.oif == LOOPBACK:
            passing.iif, passing.oif, self._left = LOOPBACK, None, None
            passing.status |= Status.CONFIRMED if passing.tracked else Status(0)
            self._hook("prerouting")
            self._deliver()

    def _deliver(self) -> None:
        self._hook("input")
        self._local = True

    def _leave(self) -> None:
        passing = self._passing
        assert passing.oif is not None
        self._hook("postrouting")
        passing.hook = "egress"
        for base in self._device.at_device("egress", passing.oif, passing.family):
            self._chain(base)
        self._left = passing.oif

    def _routable(self) -> None:
        """Raises Undecided where what routing asks for may be anything."""
        asked = (header.MARK,) if any(rule.mark is not None for rule in self._device.fib.rules) else ()
        settled(self._passing, header.SOURCE, header.DESTINATION, *asked)

    def _onwards(self, way: Way) -> Way:
        """The way, with an interface where no routes are known. Raises _Ended when it leads nowhere."""
        if way.reason:
            raise _Ended(End.UNROUTABLE, way.line, reason=way.reason)
        if way.interface == "":
            interfaces = [one.name for one in self._device.device.interfaces.values() if one.kind != "loopback"]
            up = [name for name in interfaces if self._device.fib.up(name)]
            return Way(interface=self._oracle.egress(up))
        return way

    def _hook(self, name: str) -> None:
        passing = self._passing
        passing.hook = name
        going = self._device.stations(passing.family, name)
        way: Way | None = None
        for station in going.stations:
            before = (passing.source, passing.destination, passing.mark)
            if station == "conntrack":
                if not passing.tracked:
                    passing.track()
                continue
            if station == "nat":
                self._nat(name, going.nat)
                again = passing.destination != before[1]
            else:
                assert isinstance(station, Base) and station.chain.hook is not None
                self._chain(station)
                after = (passing.source, passing.destination, passing.mark)
                again = station.chain.hook.type == "route" and (after != before or bool(passing.scrambled))
            if again and name == "output":
                self._routable()
                way = self._onwards(depart(self._device.fib, passing, self._egress, self._oracle.holds))
        if way is not None:
            passing.oif, self._translator.gateway = way.interface, way.gateway

    def _nat(self, hook: str, chains: tuple[Base, ...]) -> None:
        passing = self._passing
        if passing.known is not None:
            repeat(passing)
            return
        for base in chains:
            if not undecided(passing):
                return
            self._chain(base)
        if passing.tracked:
            passing.settled.add(SIDES[hook])

    def _chain(self, base: Base) -> None:
        verdict, step = self._chains.run(base.table, base.chain, self._passing)
        if isinstance(verdict, Drop):
            raise _Ended(End.DROP, step.line, step)
        if isinstance(verdict, Reject):
            raise _Ended(End.REJECT, step.line, step)
        hook = base.chain.hook
        if hook is not None and hook.type == "filter" and hook.name in DECIDING:
            explicit = step.rule is not None
            if explicit or not self._ruled.explicit:
                self._ruled = _Ruled(step, explicit)


def walk(
    device: Device,
    packet: Header,
    *,
    assume: Assume | None = None,
    egress: str | None = None,
    down: frozenset[str] = frozenset(),
    known: Connection | None = None,
) -> Walk:
    """One packet through one device; for many packets make an ``Interpreter`` once."""
    return Interpreter(device, down).walk(packet, assume=assume, egress=egress, known=known)


def _explored(walk: Callable[[Oracle], Walk], egress: str | None, bound: int) -> Outcomes:
    walks: list[Walk] = []
    choices: list[int] = []
    while len(walks) < bound:
        oracle = Exploring(choices, egress)
        walks.append(walk(oracle))
        taken = oracle.taken
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        if not taken:
            return Outcomes(tuple(walks))
        choices = [choice for choice, _ in taken[:-1]] + [taken[-1][0] + 1]
    return Outcomes(tuple(walks), complete=False)


def outcomes(
    device: Device, packet: Header, *, egress: str | None = None, down: frozenset[str] = frozenset(), bound: int = BOUND
) -> Outcomes:
    """Every way that one packet may go through one device."""
    return Interpreter(device, down).outcomes(packet, egress=egress, bound=bound)
