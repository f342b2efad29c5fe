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
from bailiwick.twin.evidence import Witnesses, evidence_of
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


DENIED = replace(CLAIM, id="rest", verdict=Verdict.DENY)
ELSEWHERE = replace(PACKET, egress="zone:iot")
LISTENING = Witnesses(("zone:lan", "zone:dmz", "zone:iot"))


def test_what_comes_out_elsewhere_alone_confirms_a_denial() -> None:
    (evidence,) = evidence_of([DENIED], [seen(Fate.ARRIVED, ELSEWHERE)], LISTENING)

    assert evidence.outcome is Outcome.CONFIRMED
    assert evidence.note == "1 packets that lead elsewhere, none of them seen at dmz"


def test_a_packet_of_its_own_that_was_lost_is_not_made_up_for_by_others() -> None:
    (evidence,) = evidence_of([DENIED], [seen(Fate.LOST), seen(Fate.ARRIVED, ELSEWHERE)], LISTENING)

    assert evidence.outcome is Outcome.INCONCLUSIVE
    assert evidence.note == "none of its 1 packets was seen to enter the router"


def test_what_was_promised_is_not_confirmed_by_what_goes_elsewhere() -> None:
    (evidence,) = evidence_of([CLAIM], [seen(Fate.ARRIVED, ELSEWHERE)], LISTENING)

    assert evidence.outcome is Outcome.INCONCLUSIVE


def test_where_nobody_listens_nothing_is_learnt() -> None:
    deaf = Witnesses(("zone:lan", "zone:iot"))
    (evidence,) = evidence_of([DENIED], [seen(Fate.ARRIVED, ELSEWHERE)], deaf)

    assert evidence.outcome is Outcome.INCONCLUSIVE
    assert "nobody listens at dmz" in evidence.note


def test_what_comes_out_where_it_is_denied_refutes_that_too() -> None:
    stray = replace(seen(Fate.STRAYED, ELSEWHERE), places=("zone:dmz",))
    (evidence,) = evidence_of([DENIED], [stray, seen(Fate.DROPPED)], LISTENING)

    assert evidence.outcome is Outcome.REFUTED
    assert evidence.packet == ELSEWHERE


def test_the_packet_of_which_more_is_known_is_shown() -> None:
    contrary = [replace(seen(Fate.DROPPED, replace(PACKET, source_port=port)), serial=port) for port in (1, 2, 3)]
    (evidence,) = evidence_of([CLAIM], contrary, replace(LISTENING, preferred={2}))

    assert evidence.packet is not None
    assert evidence.packet.source_port == 2


def test_a_stand_in_is_said() -> None:
    witnesses = replace(LISTENING, stand_ins={"zone:dmz": "dmz by a plain link instead of VLAN 30"})
    (evidence,) = evidence_of([CLAIM], [seen(Fate.ARRIVED)], witnesses)

    assert evidence.note == "1 packets tried; dmz by a plain link instead of VLAN 30"
