"""The packet that is shown, and the words that a region is shown in."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings

from bailiwick.packets.engine import space
from bailiwick.packets.header import (
    DESTINATION,
    DESTINATION_PORT,
    DYNAMIC,
    ICMP_CODE,
    ICMP_TYPE,
    IIF,
    MARK,
    OIF,
    PROTOCOL,
    SOURCE,
    SOURCE_PORT,
    STATE,
    STATUS,
    TCP_FLAGS,
    State,
    Status,
    widths,
)
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.likely import likely
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.possible import ICMPV6, possible
from bailiwick.packets.region import Box, Space
from bailiwick.packets.region_wording import describe
from tests.packets.regions import Expression, built, expressions

SPACES = {family: (space(widths(family)), space(widths(family), pure=True)) for family in (4, 6)}
everywhere = pytest.mark.parametrize("engine", [engine for both in SPACES.values() for engine in both])
ipv4 = pytest.mark.parametrize("engine", SPACES[4], ids=["binary", "plain"])
ipv6 = pytest.mark.parametrize("engine", SPACES[6], ids=["binary", "plain"])
only = IntervalSet.single


def network(text: str) -> IntervalSet:
    found = ip_network(text)
    return IntervalSet.span(int(found[0]), int(found[-1]))


def shown(packet: dict[str, int]) -> dict[str, int]:
    return {field: value for field, value in packet.items() if value}


@ipv4
def test_the_likely_packet_of_everything_opens_a_page(engine: Space) -> None:
    hosts = {SOURCE: [network("192.168.40.7/32")], DESTINATION: [network("192.168.20.5/32")]}
    assert shown(likely(engine, engine.everything, hosts)) == {
        PROTOCOL: TCP,
        TCP_FLAGS: 0x02,
        SOURCE: int(ip_address("192.168.40.7")),
        DESTINATION: int(ip_address("192.168.20.5")),
        DESTINATION_PORT: 443,
        SOURCE_PORT: 49152,
    }


@ipv4
@pytest.mark.parametrize(
    ("box", "found"),
    [
        ({PROTOCOL: only(UDP)}, {PROTOCOL: UDP, DESTINATION_PORT: 443, SOURCE_PORT: 49152}),
        ({PROTOCOL: IntervalSet.of([(ICMP, ICMP), (47, 47)])}, {PROTOCOL: ICMP, ICMP_TYPE: 8}),
        ({PROTOCOL: only(ICMP), ICMP_TYPE: only(3)}, {ICMP_TYPE: 3, ICMP_CODE: 0}),
        ({DESTINATION_PORT: IntervalSet.span(1, 100)}, {PROTOCOL: TCP, DESTINATION_PORT: 53}),
        ({DESTINATION_PORT: IntervalSet.span(0, 5)}, {DESTINATION_PORT: 1}),
        ({SOURCE_PORT: IntervalSet.span(0, 5)}, {SOURCE_PORT: 1, DESTINATION_PORT: 443}),
        ({STATE: IntervalSet.span(State.ESTABLISHED, State.RELATED)}, {STATE: State.ESTABLISHED, TCP_FLAGS: 0x10}),
        ({SOURCE: network("10.0.0.0/24")}, {SOURCE: int(ip_address("10.0.0.1"))}),
        ({SOURCE: network("10.0.0.0/32")}, {SOURCE: int(ip_address("10.0.0.0"))}),
        ({DYNAMIC: IntervalSet.span(3, 4)}, {DYNAMIC: 3}),
    ],
)
def test_the_likely_packet(engine: Space, box: Box, found: dict[str, int]) -> None:
    packet = likely(engine, engine.box(box))
    assert packet.items() >= found.items()


@ipv4
def test_the_first_wish_that_can_be_met_is_the_one_met(engine: Space) -> None:
    wishes = {DESTINATION_PORT: [only(9), IntervalSet.span(20, 30), IntervalSet.span(25, 40)]}
    region = engine.among(DESTINATION_PORT, IntervalSet.span(10, 1000))
    assert likely(engine, region, wishes)[DESTINATION_PORT] == 20


@ipv6
def test_the_likely_ping_of_ipv6(engine: Space) -> None:
    packet = likely(engine, engine.among(PROTOCOL, IntervalSet.of([(ICMP, ICMP), (ICMPV6, ICMPV6)])))
    assert (packet[PROTOCOL], packet[ICMP_TYPE]) == (ICMPV6, 128)
    assert ip_address(packet[DESTINATION]) in ip_network("2000::/3")


@everywhere
def test_a_set_without_a_packet_has_no_likely_one(engine: Space) -> None:
    with pytest.raises(ValueError, match="no packet"):
        likely(engine, engine.box({PROTOCOL: only(47), DESTINATION_PORT: only(1)}))


@given(expression=expressions(widths(4), [(SOURCE_PORT, DESTINATION_PORT)], [TCP_FLAGS]))
@settings(max_examples=60, deadline=None)
def test_the_likely_packet_is_in_the_set_and_can_be(expression: Expression) -> None:
    found = []
    for engine in SPACES[4]:
        region = built(expression, engine) & possible(engine)
        if region:
            packet = likely(engine, region, {DESTINATION_PORT: [IntervalSet.span(3, 4)]})
            assert region.holds(packet)
            found.append(packet)
    assert found in ([], found[:1] * 2)


NAMES = {1: "lan", 2: "iot", 3: "wan"}


@ipv4
@pytest.mark.parametrize(
    ("box", "line"),
    [
        ({}, "anywhere to anywhere: any"),
        ({PROTOCOL: only(TCP), DESTINATION_PORT: only(443)}, "anywhere to anywhere: tcp/443"),
        (
            {PROTOCOL: only(UDP), DESTINATION_PORT: IntervalSet.span(50000, 65535), SOURCE_PORT: only(53)},
            "anywhere to anywhere: udp/50000-65535 from port 53",
        ),
        ({PROTOCOL: only(ICMP), ICMP_TYPE: only(8)}, "anywhere to anywhere: icmp type 8"),
        ({PROTOCOL: only(ICMP), ICMP_TYPE: only(3), ICMP_CODE: only(4)}, "anywhere to anywhere: icmp type 3 code 4"),
        ({PROTOCOL: only(47)}, "anywhere to anywhere: 47"),
        ({PROTOCOL: IntervalSet.span(0, 255) - only(TCP)}, "anywhere to anywhere: any but tcp"),
        (
            {PROTOCOL: only(TCP), DESTINATION_PORT: IntervalSet.of([(0, 21), (23, 65535)])},
            "anywhere to anywhere: tcp/any but 22",
        ),
        (
            {IIF: IntervalSet.span(1, 2), SOURCE: network("192.168.40.0/24"), OIF: only(3), PROTOCOL: only(UDP)},
            "lan,iot 192.168.40.0/24 to wan: udp",
        ),
        ({IIF: IntervalSet.of([(0, 2), (4, 4095)])}, "any interface but wan to anywhere: any"),
        ({OIF: only(9)}, "anywhere to 9: any"),
        (
            {SOURCE: IntervalSet.span(int(ip_address("10.0.0.5")), int(ip_address("10.0.0.70")))},
            "10.0.0.5-10.0.0.70 to anywhere: any",
        ),
        (
            {SOURCE: IntervalSet.span(int(ip_address("10.0.0.1")), int(ip_address("10.0.0.4")))},
            "10.0.0.1-10.0.0.4 to anywhere: any",
        ),
        (
            {DESTINATION: network("0.0.0.0/0") - network("10.0.0.0/8") - network("192.168.0.0/16")},
            "anywhere to anywhere but 10.0.0.0/8, 192.168.0.0/16: any",
        ),
        (
            {DESTINATION: IntervalSet.of((n << 8, n << 8) for n in range(1, 7))},
            "anywhere to 0.0.1.0, 0.0.2.0, 0.0.3.0, 0.0.4.0, …: any",
        ),
        ({STATE: only(State.NEW)}, "anywhere to anywhere: any, new"),
        ({STATE: IntervalSet.span(1, 2)}, "anywhere to anywhere: any, established,related"),
        (
            {STATUS: IntervalSet.of((n, n) for n in range(8) if n & Status.DNAT)},
            "anywhere to anywhere: any, translated",
        ),
        (
            {STATUS: IntervalSet.of((n, n) for n in range(8) if not n & Status.DNAT)},
            "anywhere to anywhere: any, not translated",
        ),
        ({MARK: only(16)}, "anywhere to anywhere: any, mark 0x10"),
        ({DYNAMIC: only(3)}, "anywhere to anywhere: any, to the changing address of wan"),
        ({DYNAMIC: only(0)}, "anywhere to anywhere: any, to no changing address"),
        ({PROTOCOL: only(TCP), TCP_FLAGS: only(2)}, "anywhere to anywhere: tcp flags 0x2"),
    ],
)
def test_one_box_in_words(engine: Space, box: Box, line: str) -> None:
    assert describe(engine, engine.box(box), NAMES) == (line,)


@ipv6
def test_addresses_of_ipv6_in_words(engine: Space) -> None:
    region = engine.among(SOURCE, network("fd00::/64")) & engine.among(PROTOCOL, only(ICMPV6))
    assert describe(engine, region) == ("fd00::/64 to anywhere: icmpv6",)


@everywhere
def test_many_boxes_are_cut_short(engine: Space) -> None:
    ports = engine.union(
        engine.box({DESTINATION: only(n), PROTOCOL: only(TCP), DESTINATION_PORT: only(n)}) for n in range(1, 6)
    )
    lines = describe(engine, ports, limit=3)
    assert len(lines) == 4
    assert lines[-1] == "…"
    assert len(describe(engine, ports, limit=5)) == 5
    assert describe(engine, engine.nothing) == ()
