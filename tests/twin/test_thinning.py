from __future__ import annotations

from ipaddress import IPv4Address
from itertools import product

from bailiwick.packets.packet import TCP, UDP, Packet
from bailiwick.twin import Fate
from bailiwick.twin.aim.thinning import thinned
from bailiwick.twin.script import Probe

ZONES = ("zone:lan", "zone:iot", "zone:mgmt")
PORTS = (22, 53, 80, 443)
SENDERS = 10


def many() -> list[Probe]:
    found: list[Probe] = []
    for ingress, egress, protocol, port, sender in product(ZONES, ZONES, (TCP, UDP), PORTS, range(SENDERS)):
        packet = Packet(ingress, egress, IPv4Address(sender + 1), IPv4Address(99), protocol, 1000, port)
        accepted = port == 443
        fate = Fate.ARRIVED if accepted else Fate.DROPPED
        claims = ("sentence",) if accepted else ()
        found.append(Probe(len(found), "", packet, packet.destination, port, fate, ingress, egress, claims))
    return found


def test_few_are_left_as_they_are() -> None:
    probes = many()
    assert thinned(probes, len(probes)) == tuple(probes)


def test_every_pair_fate_and_port_is_kept() -> None:
    probes = many()
    most = len(probes) // SENDERS
    kept = thinned(probes, most)

    def kinds(some: list[Probe]) -> set[tuple[object, ...]]:
        return {(p.packet.ingress, p.packet.egress, p.expected, p.packet.protocol, p.port) for p in some}

    assert len(kept) == most
    assert kinds(list(kept)) == kinds(probes)


def test_with_room_for_less_every_pair_and_fate_is_kept() -> None:
    probes = many()
    pairs = {(p.packet.ingress, p.packet.egress, p.expected) for p in probes}
    kept = thinned(probes, len(pairs))
    assert {(p.packet.ingress, p.packet.egress, p.expected) for p in kept} == pairs


def test_they_stay_in_order() -> None:
    kept = thinned(many(), 100)
    assert [probe.serial for probe in kept] == sorted(probe.serial for probe in kept)
