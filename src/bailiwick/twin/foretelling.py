"""What the written files make of one of our packets, rule by rule: the interpreter's word before the kernel's."""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.dataplane.interpreter import Header, Interpreter, Step, Walk
from bailiwick.dataplane.interpreter.fib import LOOPBACK
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.tally import Line
from bailiwick.network.model import Place
from bailiwick.packets.packet import TCP
from bailiwick.plan.model import Plan
from bailiwick.targets.artifact import Tree
from bailiwick.twin.layout import Layout
from bailiwick.twin.script import Probe

SYN = 0x02


@dataclass(frozen=True, slots=True)
class Stop:
    """One rule that a packet met and that matched: its place in its chain, from 0; -1 for the chain's policy."""

    table: str
    chain: str
    at: int


def stop_of(step: Step) -> Stop:
    """Where the interpreter's step stands."""
    return Stop(step.table.partition(" ")[2], step.chain, step.at)


class Foreteller:
    """Of one device, as ``loaded.written`` reads it."""

    def __init__(self, device: Device, tree: Tree, plan: Plan, layout: Layout) -> None:
        self.device = device
        self._tree = tree
        self._interpreter = Interpreter(device)
        self._stations = {station.name: station for station in layout.stations}
        self._lines = {line.uplink: line.interface for line in layout.lines}
        self._places = {one.name: one.place for one in plan.interfaces if one.place}
        self._interfaces = {one.place: one.name for one in plan.interfaces if one.place}

    def header(self, probe: Probe) -> Header:
        """The packet as it comes to the router, or as the router sends it."""
        packet = probe.packet
        own = packet.ingress == Place.ROUTER
        leaf = "" if own else self._stations[probe.station].interface
        return Header(
            source=packet.source,
            destination=probe.destination,
            iif=None if own else self._interfaces.get(packet.ingress, leaf),
            protocol=packet.protocol,
            source_port=packet.source_port,
            destination_port=probe.port,
            icmp_type=packet.icmp_type,
            tcp_flags=SYN if packet.protocol == TCP else 0,
        )

    def walk(self, probe: Probe) -> Walk:
        """Its way; the router's own packets are bound to the uplink that they are for, as the prober sends them."""
        bound = self._lines.get(probe.packet.egress) if probe.packet.ingress == Place.ROUTER else None
        return self._interpreter.walk(self.header(probe), egress=bound)

    def line_of(self, stop: Stop) -> Line | None:
        """Where the rule is written; the chain's own line for its policy."""
        for table in self.device.tables:
            chain = table.chains.get(stop.chain)
            if table.name == stop.table and chain is not None:
                if stop.at < 0:
                    return chain.line
                return chain.rules[stop.at].line if stop.at < len(chain.rules) else None
        return None

    def setting_lines(self, name: str) -> tuple[Line, ...]:
        """Where the files set a kernel's setting that ends in this name."""
        return tuple(
            Line(artifact.path, number, line.strip())
            for artifact in self._tree.artifacts
            if "/sysctl.d/" in artifact.path
            for number, line in enumerate(artifact.text.splitlines(), 1)
            if line.partition("=")[0].strip().endswith(name)
        )

    def routed(self, walk: Walk) -> tuple[str | None, Line | None]:
        """The place to which the files route the packet as it is after destination NAT, and the line that says so."""
        left, came = walk.left, walk.packet
        found = self._interpreter.fib.lookup(left.destination, came.source, came.iif or LOOPBACK, left.mark)
        if found is None:
            return None, None
        place = Place.ROUTER if found.kind in ("local", "broadcast") else self._places.get(found.interface or "")
        return place, found.line

    def words(self, stop: Stop) -> str:
        """``filter-forward, policy:lan->dmz:https (/etc/bailiwick/firewall.nft:688)``."""
        for table in self.device.tables:
            chain = table.chains.get(stop.chain)
            if table.name != stop.table or chain is None:
                continue
            if stop.at < 0:
                return f"{stop.chain}, its policy{f' ({chain.line})' if chain.line else ''}"
            if stop.at < len(chain.rules):
                rule = chain.rules[stop.at]
                return f"{stop.chain}, {rule.remark or f'rule {stop.at + 1}'} ({rule.line})"
        return f"{stop.chain}, rule {stop.at + 1}, which no file has"

    def decided_words(self, walk: Walk) -> str:
        """The rule that settled the packet's end, or why no rule did."""
        if walk.by is not None:
            return self.words(stop_of(walk.by))
        return walk.reason or "no rule"


def path_of(walk: Walk) -> tuple[Stop, ...]:
    """The rules that matched and the policies, in order: what a trace of the kernel shows."""
    return tuple(stop_of(step) for step in walk.matched)
