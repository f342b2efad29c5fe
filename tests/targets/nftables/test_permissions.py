"""Random permissions of one pair: the lookups accept what some flow opens, and name one that does."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.network.model import Match
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP, Packet
from bailiwick.plan.model import Flow
from bailiwick.targets.linux.nftables.permissions import permissions
from tests.targets.nftables import plans
from tests.targets.nftables.plans import ANY, INSIDE, PUBLIC, flow, hosts, tcp, udp, zone
from tests.targets.nftables.reading import decide

PLAN = plans.plan()
LAN = zone("lan")
SOURCES = st.sampled_from(
    [
        LAN,
        LAN - hosts("192.168.10.66"),
        hosts("192.168.10.20"),
        hosts("192.168.10.20", "192.168.10.21", "192.168.10.66"),
        IntervalSet.of([(int(IPv4Address("192.168.10.16")), int(IPv4Address("192.168.10.31")))]),
        IntervalSet.of([(int(IPv4Address("192.168.10.128")), int(IPv4Address("192.168.10.255")))]),
        LAN - IntervalSet.of([(int(IPv4Address("192.168.10.1")), int(IPv4Address("192.168.10.20")))]),
        EVERY_ADDRESS,
    ]
)
DESTINATIONS = {
    "uplink:wan": st.sampled_from(
        [PUBLIC, PUBLIC | plans.MODEM, plans.MODEM, hosts("9.9.9.9"), hosts("9.9.9.9", "8.8.8.8")]
    ),
    "zone:dmz": st.sampled_from(
        [zone("dmz"), hosts("192.168.11.5"), hosts("192.168.11.5", "192.168.11.6"), EVERY_ADDRESS]
    ),
}
MATCHES = st.lists(
    st.sampled_from([tcp(80), tcp(443), tcp(1, 1000), udp(53), udp(50, 60), Match(TCP), Match(47), Match(ICMP)])
    | st.sampled_from([Match(ICMP, icmp_type=8), Match(ICMP, icmp_type=13), ANY]),
    min_size=1,
    max_size=2,
    unique=True,
)
PROBES = st.sampled_from(
    [
        (TCP, 80),
        (TCP, 443),
        (TCP, 22),
        (TCP, 2000),
        (UDP, 53),
        (UDP, 80),
        (47, 0),
        (ICMP, 8),
        (ICMP, 13),
        (ICMP, 5),
        (50, 0),
    ]
)


@st.composite
def flows(draw: st.DrawFn, egress: str) -> list[Flow]:
    return [
        flow(
            f"flow:{number}",
            "zone:lan",
            egress,
            draw(MATCHES),
            draw(SOURCES),
            draw(DESTINATIONS[egress]),
            log=draw(st.integers(0, 5)) == 0,
            translated=draw(st.integers(0, 3)) == 0,
        )
        for number in range(draw(st.integers(1, 7)))
    ]


def opens(one: Flow, packet: Packet) -> bool:
    def fits(match: Match) -> bool:
        return (
            match.protocol in (None, packet.protocol)
            and (match.ports is None or match.ports[0] <= packet.destination_port <= match.ports[1])
            and (match.icmp_type is None or match.icmp_type == packet.icmp_type)
        )

    return (
        int(packet.source) in one.sources
        and int(packet.destination) in one.destinations
        and any(fits(match) for match in one.matches)
        and (packet.translated or not one.translated)
    )


def check(opened: list[Flow], packet: Packet) -> None:
    ids, logged = decide(permissions("forward.lan.x", opened, PLAN), packet)
    wanted = {one.id for one in opened if opens(one, packet) and str(packet.source) not in FORGED}
    assert (ids is not None) == bool(wanted)
    # What lies inside a broad permission signs beside it, but one of those named is a reason for this packet.
    assert not wanted or wanted & set(ids or ())
    assert set(logged) == {one.id for one in opened if one.log} & wanted


HOSTS = ["192.168.10.20", "192.168.10.21", "192.168.10.66", "192.168.10.17", "192.168.10.200", "192.168.10.0"]
FORGED = ["192.168.10.1", "192.168.10.255", "192.168.9.255", "192.168.11.5", "192.168.11.255", "8.8.8.8", "0.0.0.0"]
"""What enters by the lan with these is dropped on the forward hook by no rule but the permissions."""
PEOPLE = st.sampled_from([*HOSTS, *FORGED])


@settings(max_examples=300)
@given(
    flows("uplink:wan"), PEOPLE, st.sampled_from(["9.9.9.9", "8.8.8.8", "192.0.2.1", "1.2.3.4"]), PROBES, st.booleans()
)
def test_towards_an_uplink(opened: list[Flow], source: str, target: str, probe: tuple[int, int], turned: bool) -> None:
    check(opened, packet_of("uplink:wan", source, target, probe, turned))


@settings(max_examples=300)
@given(
    flows("zone:dmz"), PEOPLE, st.sampled_from(["192.168.11.5", "192.168.11.6", "192.168.11.99"]), PROBES, st.booleans()
)
def test_towards_a_zone(opened: list[Flow], source: str, target: str, probe: tuple[int, int], turned: bool) -> None:
    check(opened, packet_of("zone:dmz", source, target, probe, turned))


def packet_of(egress: str, source: str, target: str, probe: tuple[int, int], turned: bool) -> Packet:
    number, value = probe
    return Packet(
        "zone:lan",
        egress,
        IPv4Address(source),
        IPv4Address(target),
        number,
        destination_port=value if number in (TCP, UDP) else 0,
        icmp_type=value if number == ICMP else 0,
        translated=turned,
    )


def test_the_number_of_lookups_does_not_grow_with_the_permissions() -> None:
    def rules(number: int) -> int:
        opened = [
            flow(
                f"flow:{at}", "zone:lan", "zone:dmz", [tcp(1000 + at)], hosts(f"192.168.10.{at % 250 + 2}"), zone("dmz")
            )
            for at in range(number)
        ]
        return len(permissions("forward.lan.dmz", opened, PLAN).rules)

    assert rules(10) == rules(1000) == 1


def test_a_narrow_permission_inside_a_broad_one_signs_beside_it() -> None:
    opened = [
        flow("broad", "zone:lan", "zone:dmz", [tcp(1, 1000)]),
        flow("narrow", "zone:lan", "zone:dmz", [tcp(80)], hosts("192.168.10.20"), hosts("192.168.11.5")),
    ]
    made = permissions("forward.lan.dmz", opened, PLAN)
    assert [rule.ids for rule in made.rules if "dport 80 " in rule.statement] == [("broad", "narrow")]
    assert [(e.key, e.ids) for one in made.sets for e in one.elements] == [
        ("tcp . 1-79", ("broad",)),
        ("tcp . 81-1000", ("broad",)),
    ]


def test_everything_is_one_plain_rule() -> None:
    opened = [flow("all", "zone:lan", "zone:dmz"), flow("ssh", "zone:lan", "zone:dmz", [tcp(22)])]
    (rule,) = permissions("forward.lan.dmz", opened, PLAN).rules
    hosts_ = "ip saddr 192.168.10.0/24 ip saddr != 192.168.10.1 ip saddr != 192.168.10.255"
    assert rule.statement == f"{hosts_} ip daddr 192.168.11.0/24 accept"
    assert rule.ids == ("all", "ssh")
    assert INSIDE.covers(LAN)


def test_a_subnet_of_two_addresses_has_no_broadcast_one() -> None:
    links = replace(PLAN.interface_of("zone:lan"), address=IPv4Interface("192.168.10.20/31"))
    tiny = replace(PLAN, interfaces=(links, *PLAN.interfaces[1:]))
    (rule,) = permissions("forward.lan.dmz", [flow("all", "zone:lan", "zone:dmz")], tiny).rules
    assert rule.statement == "ip saddr 192.168.10.20/31 ip saddr != 192.168.10.20 ip daddr 192.168.11.0/24 accept"


def test_on_the_input_hook_hygiene_has_asked_already() -> None:
    (rule,) = permissions("input.lan", [flow("all", "zone:lan", None)], PLAN).rules
    assert rule.statement == "ip saddr 192.168.10.0/24 accept"


def test_a_zone_whose_subnet_nobody_knows_opens_nothing() -> None:
    nowhere = replace(PLAN.interface_of("zone:lan"), address=None)
    with pytest.raises(ValueError, match="zone:lan has no subnet"):
        permissions(
            "forward.lan.dmz",
            [flow("all", "zone:lan", "zone:dmz")],
            replace(PLAN, interfaces=(nowhere, *PLAN.interfaces[1:])),
        )
