"""One rule set against the kernel: random packets sent for real, each walked by the interpreter, both ways compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from bailiwick.dataplane.interpreter import Connection, End, Header, Interpreter, Walk, answer
from bailiwick.dataplane.interpreter.oracle import Assuming
from bailiwick.dataplane.interpreter.packet import ICMP, ICMP6, PORTS, TCP, UDP, Address
from bailiwick.dataplane.rules import Target
from bailiwick.packets.header import Status
from tests.differential.constants import Sending
from tests.differential.frames import Seen, datagram
from tests.differential.lab import Lab
from tests.differential.traces import Place, Trace, traces

Handles = dict[tuple[str, str, int], Place]
"""Table, chain and place of a rule to what the kernel calls it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A packet with what came of it in the kernel."""

    header: Header
    serial: int
    trace: Trace
    captured: tuple[tuple[str, Seen], ...]
    known: Connection | None = None
    ident: int = 0
    """Of an ICMP request and its answer."""


@dataclass(frozen=True, slots=True)
class Later:
    """An accepted packet, and what there is to know to send another one of its connection."""

    walk: Walk
    ident: int


@dataclass(slots=True)
class Tally:
    packets: int = 0
    clashes: int = 0
    """Not compared: their translation was another connection's already, or led the router's own to everybody."""
    ends: dict[str, int] = field(default_factory=dict)
    mismatches: list[str] = field(default_factory=list)


class Chosen(Assuming):
    """Takes of a range what the kernel took, when that is in the range."""

    def __init__(self, sent: Sent) -> None:
        super().__init__()
        self._sent = sent

    def target(self, target: Target, address: Address, port: int) -> tuple[Address, int]:
        wide = target.last not in (None, target.first) or (
            target.ports is not None and target.ports[0] != target.ports[1]
        )
        if wide:
            seen = [*self._sent.trace.headers, *(packet for _, packet in self._sent.captured)]
            for packet in reversed(seen):
                if _within(target, packet.destination, packet.destination_port):
                    return packet.destination, packet.destination_port
        return super().target(target, address, port)


def _within(target: Target, address: Address, port: int) -> bool:
    first, last = target.first, target.last or target.first
    by_address = first is None or last is None or int(first) <= int(address) <= int(last)
    return by_address and (target.ports is None or target.ports[0] <= port <= target.ports[1])


Unsent = tuple[Header, Connection | None, bool, int]
"""A packet, its connection, whether its checksum is wrong, and the identity of an ICMP request (0: a new one)."""


class Comparison:
    """``handles`` names each rule of the common form as the kernel does."""

    def __init__(
        self,
        lab: Lab,
        interpreter: Interpreter,
        handles: Handles,
        random: Random,
        silent: frozenset[Place] = frozenset(),
    ) -> None:
        self._silent = silent
        self._lab, self._interpreter, self._handles, self._random = lab, interpreter, handles, random
        self._serial = 0
        self._taken: set[object] = set()
        """How the round's connections left: a second one of the same would get another port, which nobody foresees."""
        self.tally = Tally()

    def run(self, packets: Sequence[Sending]) -> Tally:
        for round_ in _rounds(packets):
            self._lab.forget()
            self._taken.clear()
            again = self._all([(one.header, None, one.spoilt, 0) for one in round_])
            self._later(self._random.sample(again, len(again) // 3))
        return self.tally

    def _all(self, packets: Sequence[Unsent]) -> list[Later]:
        """Send and compare; the packets of connections that can go on."""
        walks = [(self._compare(sent), sent.ident) for sent in self._send(packets)]
        return [
            Later(walk, ident)
            for walk, ident in walks
            if walk is not None and walk.accepted and walk.connection is not None and _quiet(walk)
        ]

    def _later(self, firsts: Sequence[Later]) -> None:
        """The same packet once more, then its answer, then the packet again: one connection's later packets."""
        again = [
            (replace(one.walk.packet, status=Status.CONFIRMED), one.walk.connection, False, one.ident) for one in firsts
        ]
        answers: list[Unsent] = []
        for one in self._all(again):
            walk = one.walk
            try:
                header = answer(walk.left, None if walk.local else walk.egress)
            except ValueError:
                continue
            answers.append((header, walk.connection, False, one.ident))
        self._all(answers)

    def _send(self, packets: Sequence[Unsent]) -> list[Sent]:
        if not packets:
            return []
        numbered = []
        for header, known, spoilt, ident in packets:
            if header.iif is None and self._heard(header):
                continue
            self._serial += 1
            numbered.append((self._serial, header, known, ident or self._serial))
            data = datagram(header, self._serial, ident or self._serial, spoilt=spoilt)
            self._lab.send(header.iif, data, header.mark)
        found = traces(self._lab.traced())
        captured: dict[int, list[tuple[str, Seen]]] = {}
        for one in self._lab.captured():
            captured.setdefault(one.packet.serial, []).append((one.zone, one.packet))
        return [
            Sent(header, serial, found.get(serial, Trace()), tuple(captured.get(serial, ())), known, ident)
            for serial, header, known, ident in numbered
        ]

    def _heard(self, header: Header) -> bool:
        """Whether the router hears what it sends there itself: a second packet, which no walk follows."""
        return self._interpreter.fib.kind(header.destination) in ("broadcast", "multicast")

    def _compare(self, sent: Sent) -> Walk | None:
        walk = self._interpreter.walk(sent.header, known=sent.known, oracle=Chosen(sent))
        if sent.header.iif is None and self._heard(walk.left):
            self.tally.clashes += 1
            return None
        if sent.known is None and walk.connection is not None:
            ident = sent.ident if sent.header.protocol in (ICMP, ICMP6) else 0
            taken = (sent.header.protocol, _shape(walk.left), ident)
            if taken in self._taken:
                self.tally.clashes += 1
                return None
            if walk.accepted:
                self._taken.add(taken)
        self.tally.packets += 1
        self.tally.ends[walk.end] = self.tally.ends.get(walk.end, 0) + 1
        wrong = difference(walk, sent, self._handles, self._silent)
        if wrong:
            later = " (later packet)" if sent.known else ""
            self.tally.mismatches.append(
                f"{sent.header}{later}: {wrong}\n  walk: {_story(walk)}\n  kernel: {sent.trace}"
            )
            return None
        return walk


def difference(walk: Walk, sent: Sent, handles: Handles, silent: frozenset[Place]) -> str:
    """In what the kernel and the interpreter differ; empty: in nothing. ``silent`` rules are passed over."""
    written = [step for step in walk.matched if " line " not in step.chain]  # a reader's own, for one line's parts
    met = [place for step in written if (place := handles[_table(step.table), step.chain, step.at]) not in silent]
    theirs = [place for place in sent.trace.met if place not in silent]
    if met != theirs:
        return f"met {met}, the kernel {theirs}"
    dropped = walk.end in (End.DROP, End.REJECT)
    if dropped is not (sent.trace.dropped and not sent.captured and not sent.trace.delivered):
        return f"{walk.end}, the kernel {'drops' if sent.trace.dropped else 'does not'}"
    seen = _ended(sent)
    mine = [(walk.egress if not walk.local else "local", _shape(walk.left))] if walk.end is End.ACCEPT else []
    if mine != seen:
        return f"{walk.end} {walk.reason} {mine}, the kernel {seen}"
    return ""


Shape = tuple[Address, int, Address, int]


def _shape(header: Header) -> Shape:
    ports = (header.source_port, header.destination_port) if header.protocol in (TCP, UDP) else (0, 0)
    return header.source, ports[0], header.destination, ports[1]


def _ended(sent: Sent) -> list[tuple[str | None, Shape]]:
    places = [(zone, packet) for zone, packet in sent.captured]
    if sent.trace.delivered is not None:
        places.append(("local", sent.trace.delivered))
    return [(place, (one.source, one.source_port, one.destination, one.destination_port)) for place, one in places]


def _table(named: str) -> str:
    return named.split(" ", 1)[1]


def _story(walk: Walk) -> str:
    steps = ", ".join(f"{step.chain}:{step.at} {step.deed}" for step in walk.matched)
    return f"{walk.end} by {walk.egress} {walk.reason} [{steps}]"


def _quiet(walk: Walk) -> bool:
    """Whether the router's own stack says nothing that changes the connection: it resets TCP that nobody listens to."""
    return not walk.local or (walk.packet.protocol == UDP and walk.packet.iif is not None)


def _rounds(packets: Sequence[Sending]) -> list[list[Sending]]:
    """Packets that share no source port, so that no two connections can be mistaken for each other after NAT."""
    rounds: list[tuple[set[object], list[Sending]]] = []
    for packet in packets:
        header = packet.header
        key: object = (header.protocol, header.source_port)
        if header.protocol in (ICMP, ICMP6):
            key = (header.protocol, header.icmp_type, id(packet))
        elif header.protocol not in PORTS:
            key = header.protocol
        for keys, members in rounds:
            if not keys & {key}:
                keys |= {key}
                members.append(packet)
                break
        else:
            rounds.append(({key}, [packet]))
    return [members for _, members in rounds]
