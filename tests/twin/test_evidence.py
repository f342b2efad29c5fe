"""What fates say about claims."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from bailiwick.claims.claim import Claim, Outcome, Verdict
from bailiwick.language.span import Span
from bailiwick.packets.cube import Cube
from bailiwick.packets.names import Names
from bailiwick.packets.packet import TCP, Packet
from bailiwick.packets.space import PacketSet
from bailiwick.twin.evidence import evidence_of
from bailiwick.twin.result import Fate, Observation

PACKET = Packet("zone:lan", "zone:dmz", IPv4Address("192.168.40.2"), IPv4Address("192.168.30.5"), TCP, 40000, 443)
SET = PacketSet([Cube(Names.of("zone:lan"), Names.of("zone:dmz"))])
CLAIM = Claim("policy:lan->dmz:https", Span("home.yaml", 1, 1, 1, 2), "lan -> dmz: https", SET, Verdict.ACCEPT)


def seen(fate: Fate, packet: Packet = PACKET) -> Observation:
    return Observation(packet, packet.ingress, packet.egress, Fate.ARRIVED, fate)


@pytest.mark.parametrize(
    ("verdict", "fates", "outcome"),
    [
        (Verdict.ACCEPT, [Fate.ARRIVED], Outcome.CONFIRMED),
        (Verdict.ACCEPT, [Fate.ARRIVED, Fate.DROPPED], Outcome.REFUTED),
        (Verdict.ACCEPT, [Fate.STRAYED], Outcome.REFUTED),
        (Verdict.ACCEPT, [Fate.LOST], Outcome.INCONCLUSIVE),
        (Verdict.ACCEPT, [], Outcome.INCONCLUSIVE),
        (Verdict.DENY, [Fate.DROPPED, Fate.REFUSED], Outcome.CONFIRMED),
        (Verdict.DENY, [Fate.DROPPED, Fate.ARRIVED], Outcome.REFUTED),
        (Verdict.DENY, [Fate.STRAYED], Outcome.REFUTED),
        (Verdict.DENY, [Fate.LOST], Outcome.INCONCLUSIVE),
    ],
)
def test_one_contrary_packet_refutes(verdict: Verdict, fates: list[Fate], outcome: Outcome) -> None:
    (evidence,) = evidence_of([replace(CLAIM, verdict=verdict)], [seen(fate) for fate in fates])

    assert evidence.outcome is outcome
    assert (evidence.packet == PACKET) is (outcome is not Outcome.INCONCLUSIVE)


def test_packets_of_other_places_say_nothing() -> None:
    (evidence,) = evidence_of([CLAIM], [seen(Fate.DROPPED, replace(PACKET, ingress="zone:iot"))])

    assert evidence.outcome is Outcome.INCONCLUSIVE
