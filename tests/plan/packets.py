"""Packets near the edges of a plan and of what was meant: where two readings of a home file would part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address
from random import Random

from bailiwick.intent import Intent
from bailiwick.network.model import Network
from bailiwick.packets.interval import ADDRESS_MAX, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet
from bailiwick.plan.model import Plan

SPECIAL = ("0.0.0.0", "255.255.255.255", "10.0.0.1", "127.0.0.1", "224.0.0.1", "9.9.9.9", "1.1.1.1", "203.0.113.7")


class Edges:
    """Every value at which something changes, one below it and one above."""

    def __init__(self, network: Network, plan: Plan, intent: Intent) -> None:
        self.plan, self.intent = plan, intent
        self.places = [z.id for z in network.zones.values()] + [u.id for u in network.uplinks.values()]
        self.places += ["router", "unknown"]
        values = {int(IPv4Address(text)) for text in SPECIAL}
        for flow in plan.flows:
            for addresses in (flow.sources, flow.destinations):
                values |= set(around(addresses))
        for zone in network.zones.values():
            values |= set(around(IntervalSet.addresses([zone.gateway])))
        for addresses in (*plan.hygiene.bogons.values(), *plan.hygiene.martians.values()):
            values |= set(around(addresses))
        self.addresses = sorted(v for v in values if 0 <= v <= ADDRESS_MAX)
        ports = {p for f in plan.flows for m in f.matches for p in m.ports or ()} | {53, 67, 68}
        self.ports = sorted({p + d for p in ports for d in (-1, 0, 1) if 0 <= p + d <= 65535})

    def draw(self, random: Random, count: int) -> Iterator[Packet]:
        for _ in range(count):
            packet = random.choice((self._of_plan, self._of_intent))(random)
            while random.random() < 0.4:
                packet = self._changed(random, packet)
            yield tidy(packet)

    def _of_plan(self, random: Random) -> Packet:
        flow = random.choice(self.plan.flows)
        match = random.choice(flow.matches)
        protocol = match.protocol if match.protocol is not None else random.choice([0, 255, TCP, UDP, ICMP])
        return Packet(
            flow.ingress or "router",
            flow.egress or "router",
            IPv4Address(random.choice(inner(flow.sources))),
            IPv4Address(random.choice(inner(flow.destinations))),
            protocol,
            random.choice([68, 40000]),
            random.choice(match.ports or self.ports),
            random.randrange(256) if match.icmp_type is None else match.icmp_type,
            flow.translated or random.random() < 0.3,
        )

    def _of_intent(self, random: Random) -> Packet:
        cubes = random.choice(self.intent.meant).packets.cubes()
        if not cubes:
            return self._of_plan(random)
        cube = random.choice(list(cubes))
        places = [p for p in self.places if p in cube.ingress] or ["unknown"]
        leaving = [p for p in self.places if p in cube.egress] or ["unknown"]
        return Packet(
            random.choice(places),
            random.choice(leaving),
            IPv4Address(random.choice(inner(cube.sources))),
            IPv4Address(random.choice(inner(cube.destinations))),
            random.choice(inner(cube.protocols)),
            40000,
            random.choice(inner(cube.destination_ports)),
            random.choice(inner(cube.icmp_types)),
            random.random() < 0.5 if cube.translated is None else cube.translated,
        )

    def _changed(self, random: Random, packet: Packet) -> Packet:
        match random.randrange(8):
            case 0:
                return replace(packet, ingress=random.choice(self.places))
            case 1:
                return replace(packet, egress=random.choice(self.places))
            case 2:
                return replace(packet, source=IPv4Address(random.choice(self.addresses)))
            case 3:
                return replace(packet, destination=IPv4Address(random.choice(self.addresses)))
            case 4:
                return replace(packet, protocol=random.choice([TCP, UDP, ICMP, 0, 47, 255]))
            case 5:
                return replace(packet, destination_port=random.choice(self.ports))
            case 6:
                return replace(packet, icmp_type=random.choice([0, 3, 8, 255]))
            case _:
                return replace(packet, translated=not packet.translated)


def tidy(packet: Packet) -> Packet:
    """Ports only mean something for TCP and UDP, types for ICMP."""
    if packet.protocol not in (TCP, UDP):
        packet = replace(packet, source_port=0, destination_port=0)
    return packet if packet.protocol == ICMP else replace(packet, icmp_type=0)


def around(values: IntervalSet) -> Iterator[int]:
    for first, last in values.spans:
        yield from (first - 1, first, last, last + 1)


def inner(values: IntervalSet) -> list[int]:
    return [value for first, last in values.spans for value in (first, (first + last) // 2, last)]
