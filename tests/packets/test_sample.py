"""Examples that a person would recognise, and sets in words."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.space import EVERY_PACKET, Cube, PacketSet

LAN = IntervalSet.networks([IPv4Network("192.168.40.0/24")])
HOSTS = IntervalSet.addresses([IPv4Address("192.168.40.7")])


def test_a_sample_looks_like_a_connection() -> None:
    packet = PacketSet([Cube(Names.of("zone:lan"), Names.of("router"), LAN)]).sample(HOSTS)
    assert (packet.protocol, packet.source_port, packet.destination_port) == (TCP, 49152, 443)
    assert packet.source == IPv4Address("192.168.40.7")
    assert not packet.translated


def test_a_sample_without_a_known_host_avoids_the_networks_own_address() -> None:
    assert PacketSet([Cube(sources=LAN)]).sample().source == IPv4Address("192.168.40.1")


def test_a_sample_of_ping_is_an_echo_request() -> None:
    assert PacketSet([Cube(protocols=IntervalSet.single(ICMP))]).sample().icmp_type == 8


def test_a_sample_keeps_to_the_ports_there_are() -> None:
    cube = Cube(
        protocols=IntervalSet.single(UDP),
        source_ports=IntervalSet.single(68),
        destination_ports=IntervalSet.span(0, 9),
    )
    packet = PacketSet([cube]).sample()
    assert (packet.source_port, packet.destination_port) == (68, 1)


@pytest.mark.parametrize(
    ("cube", "words"),
    [
        (Cube(), "anywhere to anywhere: any"),
        (Cube(Names.of("zone:lan"), Names.of("router"), LAN), "zone:lan 192.168.40.0/24 to router: any"),
        (Cube(Names.but("zone:lan"), sources=HOSTS), "anywhere but zone:lan 192.168.40.7 to anywhere: any"),
        (
            Cube(protocols=IntervalSet.single(TCP), destination_ports=IntervalSet.of([(80, 80), (8000, 8010)])),
            "anywhere to anywhere: tcp/80,8000-8010",
        ),
        (
            Cube(protocols=IntervalSet.single(ICMP), icmp_types=IntervalSet.single(8), translated=True),
            "anywhere to anywhere: icmp type 8, translated",
        ),
        (
            Cube(protocols=IntervalSet.single(UDP), source_ports=IntervalSet.single(68), translated=False),
            "anywhere to anywhere: udp from port 68, not translated",
        ),
    ],
)
def test_a_cube_in_words(cube: Cube, words: str) -> None:
    assert PacketSet([cube]).describe() == (words,)


def test_a_long_list_of_networks_is_cut() -> None:
    (line,) = PacketSet([Cube(sources=EVERY_ADDRESS - LAN)]).describe()
    assert line.endswith(", … to anywhere: any")


def test_a_set_shows_itself_in_words() -> None:
    assert repr(EVERY_PACKET) == "PacketSet(anywhere to anywhere: any)"
