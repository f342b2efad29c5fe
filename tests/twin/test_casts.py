"""What is said of a hand-made packet, by where it was seen."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from bailiwick.twin.acts.casts import Cast, Told, checks_of, judge
from bailiwick.twin.layout import ROUTER, Station
from bailiwick.twin.wire.captures import ANSWER, Heard
from bailiwick.twin.wire.crafting import icmp, ipv4, udp
from bailiwick.twin.wire.marks import found, marks

LAN = Station("zone.lan.a", "zone:lan", "eth1", "02:b4:00:00:00:01")
BESIDE = Station("zone.lan.b", "zone:lan", "eth2", "02:b4:00:00:00:02")
DMZ = Station("zone.dmz.a", "zone:dmz", "eth3", "02:b4:00:00:00:03")
NAMES = {station.name: station for station in (LAN, BESIDE, DMZ)}
CARD = bytes.fromhex("02aaaaaaaaaa")
CAST = Cast("some packets", "one", LAN, lambda _, __: ())
SERIAL = 7
LAN_ADDRESS, DMZ_ADDRESS = IPv4Address("192.168.40.2"), IPv4Address("192.168.30.2")


def heard(machine: str, link: str = "eth0", parts: int = 1, *, error: bool = False) -> Heard:
    body = udp((LAN_ADDRESS, 1, DMZ_ADDRESS, 2), marks(SERIAL, parts))
    packet = (
        ipv4(LAN_ADDRESS, DMZ_ADDRESS, 1, icmp(3, 1, bytes(4), body))
        if error
        else ipv4(LAN_ADDRESS, DMZ_ADDRESS, 17, body)
    )
    data = bytes(6) + CARD + b"\x08\x00" + packet if link else packet
    return Heard(machine, link, data, found(data))


IN = heard(ROUTER, "eth1")
ANSWERED = Heard(LAN.name, "eth0", bytes(6) + CARD, ((SERIAL, ANSWER),))
OTHERS_ANSWER = Heard(LAN.name, "eth0", bytes(12), ((SERIAL, ANSWER),))


@pytest.mark.parametrize(
    ("cast", "seen", "wrong"),
    [
        (CAST, [IN], ""),
        (CAST, [IN, heard(BESIDE.name)], ""),  # its own wire
        (CAST, [IN, heard(DMZ.name)], "one: seen by zone.dmz.a"),
        (CAST, [heard(DMZ.name)], "one: seen by zone.dmz.a"),
        (CAST, [IN, heard(ROUTER, "")], "one: seen by the router's own sockets"),
        (replace(CAST, may="router"), [IN, heard(ROUTER, "")], ""),
        (replace(CAST, may="zone:dmz"), [IN, heard(DMZ.name)], ""),
        (replace(CAST, may="zone:dmz", units=2), [IN, heard(DMZ.name)], "one: 1 of 2 parts came to zone:dmz"),
        (replace(CAST, may="zone:dmz", units=2), [IN, heard(DMZ.name, parts=2)], ""),
        (replace(CAST, may="zone:dmz", units=1), [], ""),  # nothing was learnt
        (CAST, [IN, heard(DMZ.name, error=True)], ""),  # told by somebody, about the packet
        (replace(CAST, report=True), [IN, heard(DMZ.name, error=True)], "one: seen by zone.dmz.a"),
        (replace(CAST, apart=(BESIDE.name,)), [IN, heard(BESIDE.name)], "one: seen by zone.lan.b"),
        (replace(CAST, answered=True, card=CARD), [IN], "one: not answered"),
        (replace(CAST, answered=True, card=CARD), [IN, ANSWERED], ""),
        (replace(CAST, answered=True, card=CARD), [IN, OTHERS_ANSWER], "one: not answered"),
        (replace(CAST, answered=False, card=CARD), [IN, ANSWERED], "one: answered"),
    ],
)
def test_what_is_wrong_with_it(cast: Cast, seen: list[Heard], wrong: str) -> None:
    assert judge(cast, SERIAL, seen, NAMES).wrong == wrong


@pytest.mark.parametrize(
    ("told", "holds"),
    [
        ([Told(CAST, True, "")], True),
        ([Told(CAST, False, "")], None),
        ([Told(CAST, True, ""), Told(CAST, False, "")], True),
        ([Told(CAST, True, ""), Told(CAST, True, "seen by somebody")], False),
        ([Told(replace(CAST, may="zone:dmz", units=1), False, ""), Told(CAST, True, "")], None),
    ],
)
def test_a_check_holds_only_on_what_was_learnt(told: list[Told], holds: bool | None) -> None:
    assert [check.holds for check in checks_of(told)] == [holds]
