"""For each cell of a matrix one packet, followed through the written rules: what a click on the cell shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.dataplane.interpreter import Interpreter
from bailiwick.intent import Intent
from bailiwick.intent.border import members
from bailiwick.network.model import Place
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.packet import TCP
from bailiwick.packets.space import Cube, PacketSet
from bailiwick.proof.aim import Aims
from bailiwick.proof.explanation import Explanation, follow, usual
from bailiwick.proof.prove import Proof

HTTPS = 443


@dataclass(frozen=True, slots=True)
class _Axis:
    places: Names
    addresses: IntervalSet


def examples(intent: Intent, proof: Proof, matrix: Matrix) -> Iterator[tuple[tuple[str, str], Explanation]]:
    """By row and column; of what the cell accepts where it accepts anything, else of what it does not."""
    device = proof.filters.universe.pipeline.device
    aims = Aims(intent, device, proof.places)
    interpreter = Interpreter(device)
    meant = {one.id: one for one in intent.meant}
    for (row, column), cell in matrix.cells.items():
        rows, columns = _axis(intent, row), _axis(intent, column)
        if rows is None or columns is None:
            continue
        between = PacketSet([Cube(rows.places, columns.places, rows.addresses, columns.addresses)])
        packets = _accepted(intent, cell, between, [meant[name].packets for name in cell.sentences if name in meant])
        if not packets:
            tcp = Cube(protocols=IntervalSet.single(TCP), destination_ports=IntervalSet.single(HTTPS))
            packets = between & PacketSet([tcp])
        if packets:
            yield (row, column), follow(intent, aims, interpreter, usual(intent, packets))


def _accepted(intent: Intent, cell: Cell, between: PacketSet, asked: list[PacketSet]) -> PacketSet:
    packets = PacketSet.union(asked) & between
    if packets and (cell.services or cell.derived):
        for one in intent.hygiene:
            packets -= one.packets
    return packets


def _axis(intent: Intent, name: str) -> _Axis | None:
    network = intent.network
    for zone in network.zones.values():
        if zone.id == name:
            return _Axis(Names.of(name), members(zone))
    for host in network.hosts.values():
        if host.id == name:
            legs = host.legs
            return _Axis(
                Names(frozenset(leg.place for leg in legs)), IntervalSet.addresses(leg.address for leg in legs)
            )
    if name == Place.ROUTER:
        return _Axis(Names.of(name), EVERY_ADDRESS)
    exits = Names(frozenset(uplink.id for uplink in network.exits()))
    beyond = EVERY_ADDRESS - network.inside()
    if name in (Place.INTERNET, Place.OUTSIDE):
        return _Axis(exits, beyond)
    if any(uplink.id == name for uplink in network.uplinks.values()):
        return _Axis(Names.of(name), beyond)
    return None
