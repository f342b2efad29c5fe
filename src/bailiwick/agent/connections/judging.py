"""What the rules that are in force would make of an open connection if its first packet came now.

A connection that began under other rules is judged as any new one, by the concrete interpreter over the running
device: whether it is refused, and whether it would be translated as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bailiwick.agent.connections.alike import Alike
from bailiwick.agent.connections.conntrack import Connection, Ends, address
from bailiwick.agent.connections.entrances import Entrance, Entrances
from bailiwick.dataplane.interpreter import BrokenRules, End, Header, Interpreter, Walk
from bailiwick.dataplane.interpreter.packet import SYN, TCP
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.rules import (
    ENDS,
    AnyOf,
    Chain,
    Goto,
    Jump,
    Scramble,
    Table,
    Unknown,
    VerdictMap,
    Whatever,
)

OURS = "bailiwick"
PASSING = frozenset({"bailiwick_guard", "bailiwick_guard_old", "bailiwick_ended"})
"""Tables of ours that stand for a while, and only ever forbid."""
WAYS = 16
"""Ways of one packet that are followed where something is unknown."""


class Verdict(StrEnum):
    KEEP = "keep"
    END = "end"
    ASK = "ask"
    """Nobody here can tell: the kernel is to judge its next packet as a new one."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """What becomes of a first packet. Addresses are numbers, None: they stay; ``near`` are those of the interface that
    it leaves by, one of which takes the source's place in masquerading."""

    end: Verdict
    source: int | None = None
    destination: int | None = None
    destination_port: int | None = None
    near: frozenset[int] = frozenset()

    def fits(self, one: Connection) -> bool:
        """Whether the connection was translated as this says; which source port it got does not matter."""
        there = self.destination if self.destination is not None else one.original.destination
        port = self.destination_port if self.destination_port is not None else one.original.destination_port
        here = self.source if self.source is not None else one.original.source
        if (there, port) != (one.reply.source, one.reply.source_port):
            return False
        return here == one.reply.destination or (self.source is not None and one.reply.destination in self.near)


_UNSURE = Foretold(Verdict.ASK)
_REFUSED = Foretold(Verdict.END)


class Judge:
    """``hidden``: tables of iptables-legacy that are there, which no listing of nft shows: ``filter``, ``nat``...

    Filters of others judged the connection when it began and the switch leaves them alone, so of theirs only what is
    wholly understood is asked again, while ours stands. Without ours, they are all there is.
    """

    def __init__(self, device: Device, hidden: frozenset[str] = frozenset()) -> None:
        self.ours = any((table.family, table.name) == ("inet", OURS) for table in device.tables)
        tables = tuple(table for table in device.tables if table.name not in PASSING)
        if self.ours:
            tables = tuple(table if table.name == OURS else _understood(table) for table in tables)
        device = replace(device, tables=tables)
        self._blind = "filter" in hidden and not self.ours
        self._untold = "nat" in hidden
        self._device = device
        self._interpreter = Interpreter(device)
        self._alike = Alike(device)
        self._entrances = Entrances(device)
        self._known: dict[tuple[object, ...], Foretold] = {}

    def verdict(self, one: Connection) -> Verdict:
        """Of a connection that is expected by another, that other's. Where it may have come in by several ways, and
        one of them is refused now, it ends."""
        if self._blind or one.zone:
            return Verdict.ASK
        if one.master is not None:
            return _worst([self._foretell(one.master, way).end for way in self._entrances.of(one.master, one.mark)])
        ways = self._entrances.of(one.original, one.mark)
        said = _worst([self._of(one, self._foretell(one.original, way)) for way in ways])
        if said is Verdict.END and ways == (None,):
            holder = self._entrances.holder(one.original.version, one.original.source)
            said = self._of(one, self._foretell(one.original, None, holder))
        return said

    def revives(self, one: Connection) -> bool:
        """Whether the other end's next packet might pass as the first of a connection of its own."""
        speaker = address(one.reply.version, one.reply.source)
        if speaker.is_multicast or int(speaker) in (0, 0xFFFFFFFF):
            return False
        ways = self._entrances.of(one.reply)
        return not ways or any(self._foretell(one.reply, way).end is not Verdict.END for way in ways)

    def _of(self, one: Connection, told: Foretold) -> Verdict:
        if told.end is not Verdict.KEEP or told.fits(one):
            return told.end
        return Verdict.ASK if self._untold else Verdict.END

    def _foretell(self, ends: Ends, entrance: Entrance, bound: str | None = None) -> Foretold:
        key = (entrance, bound, *self._alike.key(ends))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._walked(ends, entrance, bound)
        return found

    def _walked(self, ends: Ends, entrance: Entrance, bound: str | None) -> Foretold:
        packet = first_packet(ends, entrance)
        try:
            walk = self._interpreter.walk(packet, egress=bound)
            if walk.end is not End.UNKNOWN:
                return self._said(ends, walk)
            outcomes = self._interpreter.outcomes(packet, egress=bound, bound=WAYS)
        except BrokenRules:
            return _UNSURE
        said = {self._said(ends, walk) for walk in outcomes.walks}
        return said.pop() if outcomes.complete and len(said) == 1 else _UNSURE

    def _said(self, ends: Ends, walk: Walk) -> Foretold:
        if walk.end in (End.DROP, End.REJECT):
            return _REFUSED
        if walk.end is not End.ACCEPT or walk.scrambled & set(ENDS):
            return _UNSURE
        left, link = walk.left, self._device.interfaces.get(walk.egress or "")
        near = frozenset(int(one.ip) for one in link.addresses if one.version == ends.version) if link else frozenset()
        return Foretold(
            Verdict.KEEP,
            int(left.source) if int(left.source) != ends.source else None,
            int(left.destination) if int(left.destination) != ends.destination else None,
            left.destination_port if left.destination_port != ends.destination_port else None,
            near,
        )


def first_packet(ends: Ends, entrance: Entrance) -> Header:
    """That of a connection, as it came in."""
    return Header(
        address(ends.version, ends.source),
        address(ends.version, ends.destination),
        entrance,
        ends.protocol,
        ends.source_port,
        ends.destination_port,
        ends.kind,
        ends.code,
        SYN if ends.protocol == TCP else 0,
    )


def _worst(said: list[Verdict]) -> Verdict:
    if Verdict.END in said:
        return Verdict.END
    return Verdict.ASK if Verdict.ASK in said or not said else Verdict.KEEP


def _understood(table: Table) -> Table:
    """Without the filters that anything unknown may decide."""
    chains = {name: chain for name, chain in table.chains.items() if not _dim(table, chain)}
    return replace(table, chains=chains)


def _dim(table: Table, chain: Chain) -> bool:
    if chain.hook is None or chain.hook.type == "nat":
        return False
    seen: set[str] = set()
    ahead = [chain.name]
    while ahead:
        name = ahead.pop()
        if name in seen or name not in table.chains:
            continue
        seen.add(name)
        for step in (step for rule in table.chains[name].rules for step in rule.steps):
            match step:
                case Unknown() | Whatever() | Scramble():
                    return True
                case AnyOf(options) if any(isinstance(one, Unknown) for tests in options for one in tests):
                    return True
                case Jump(target) | Goto(target):
                    ahead.append(target)
                case VerdictMap(_, entries):
                    ahead += [one.chain for _, one in entries if isinstance(one, Jump | Goto)]
    return False
