"""Whole devices: what is delivered, against the concrete interpreter's walk of single packets."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from bailiwick.dataplane.interpreter.packet import Header
from bailiwick.dataplane.interpreter.trace import Walk
from bailiwick.dataplane.interpreter.walk import Interpreter
from bailiwick.dataplane.symbolic.delivery import Delivered, Deliveries
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.dataplane.symbolic.witness import as_fields, as_header
from bailiwick.packets import engine, header
from bailiwick.packets.header import Status
from tests.dataplane.symbolic.devices import WAN, Maker

pytestmark = pytest.mark.slow

LEASE = IPv4Address("203.0.113.9")
PACKETS = 40


def check_device(seed: int, unknowns: bool, pure: bool = False) -> int:
    """How many packets of a random device were compared."""
    maker = Maker(seed, unknowns)
    device = maker.device()
    pipeline = Pipeline(device, 4, space=engine.space(header.widths(4), pure=pure))
    deliveries = Deliveries(pipeline)
    interpreter = Interpreter(device, leases={WAN: LEASE})
    compared = 0
    for number in range(PACKETS):
        own = number % 4 == 0
        packet = maker.packet(own)
        if own and (packet.dynamic or packet.destination.is_multicast or int(packet.destination) == 0xFFFFFFFF):
            continue  # groups leave by any interface: a socket may be bound to one
        walks = interpreter.outcomes(packet)
        exact = not unknowns and not any(walk.left.dynamic and not packet.dynamic for walk in walks.walks)
        assert walks.complete
        if own and any(LOOPBACK in (walk.egress, walk.left.iif) for walk in walks.walks):
            continue  # comes back in
        compared += 1
        check_packet(pipeline, deliveries.own if own else deliveries.foreign, packet, walks.walks, exact)
    return compared


def check_packet(
    pipeline: Pipeline, delivered: Delivered, packet: Header, walks: tuple[Walk, ...], exact: bool
) -> None:
    interfaces = pipeline.interfaces
    expected = {_egress(walk) for walk in walks if walk.accepted}
    ends = {(walk.end, _egress(walk) if walk.accepted else None) for walk in walks}
    sent = delivered.sent
    for name in (None, *interfaces.numbers):
        fields = as_fields(packet, interfaces, name)
        possible, certain = sent.possible.holds(fields), sent.certain.holds(fields)
        assert possible or name not in expected, (packet, name)
        assert not certain or ends == {("accept", name)}, (packet, name)
        if exact and name != LOOPBACK:
            assert possible is (name in expected), (packet, name)
            assert certain is (name in expected), (packet, name)
    seen = [(_at_filter(pipeline, packet, walk), walk) for walk in walks]
    for fields, walk in seen:
        if walk.accepted:
            assert delivered.filter.possible.holds(fields), (packet, walk)
            assert delivered.arrives.holds(fields), (packet, walk)
            if delivered.filter.certain.holds(fields):
                assert all(other.accepted for like, other in seen if like == fields), (packet, walk)


def _egress(walk: Walk) -> str | None:
    return None if walk.local else walk.egress


def _at_filter(pipeline: Pipeline, packet: Header, walk: Walk) -> dict[str, int]:
    """The packet between destination and source NAT."""
    left = walk.left
    status = left.status & Status.DNAT
    left = replace(left, source=packet.source, source_port=packet.source_port, status=status, iif=packet.iif)
    return as_fields(replace(left, mark=0, ct_mark=0), pipeline.interfaces, _egress(walk))


@pytest.mark.parametrize("unknowns", [False, True])
def test_delivered_is_what_is_walked(unknowns: bool) -> None:
    assert sum(check_device(seed, unknowns) for seed in range(200, 225)) > 500


def test_the_plain_engine_says_the_same() -> None:
    assert sum(check_device(seed, unknowns=True, pure=True) for seed in range(400, 404)) > 50


@pytest.mark.deep
def test_many_devices() -> None:
    for seed in range(1000, 2000):
        check_device(seed, unknowns=seed % 2 == 0)


def test_a_picked_packet_goes_where_the_region_says() -> None:
    shown = 0
    for seed in range(300, 312):
        device = Maker(seed).device()
        pipeline = Pipeline(device, 4)
        interpreter = Interpreter(device, leases={WAN: LEASE})
        certain = Deliveries(pipeline).foreign.sent.certain
        certain = certain & pipeline.space.bits(header.DYNAMIC, 15, 0) & pipeline.space.bits(header.STATE, 7, 0)
        for name in (None, "lan", "iot", "wan", "vpn"):
            number = 0 if name is None else pipeline.interfaces.number(name)
            there = certain & pipeline.space.bits(header.OIF, 0xFFF, number)
            there = there & pipeline.space.bits(header.PROTOCOL, 0xFF, 17)
            if not there:
                continue
            picked = there.pick({header.IIF: pipeline.interfaces.matching(("lan", "iot", "wan", "vpn"))})
            packet = replace(as_header(picked, pipeline.interfaces, 4), mark=0, ct_mark=0, status=Status(0))
            if packet.iif in ("lan", "iot", "wan", "vpn"):
                walk = interpreter.walk(packet)
                assert walk.accepted and _egress(walk) == name
                shown += 1
    assert shown
