"""From what was meant to packets: every promise and every barrier of an example gets some."""

from __future__ import annotations

from collections import Counter
from functools import cache
from ipaddress import IPv4Address

import pytest

from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin.aim.probes import held_by, probes_of, stationed
from bailiwick.twin.aim.ways import Aim, Ways
from bailiwick.twin.layout import lay_out, lines_of
from bailiwick.twin.result import Fate
from bailiwick.twin.script import Probe
from tests.twin.homes import Home, home, small, uplinks


@cache
def aimed(one: Home) -> tuple[Probe, ...]:
    return probes_of(one.network, one.intent, Ways(one.network, lines_of(one.network, one.plan)), 60_000)


@pytest.mark.parametrize("name", ["one-router", "public-apps"])
def test_every_sentence_is_tried_on_both_sides(name: str) -> None:
    one = home(name)
    probes = aimed(one)
    tried = Counter(claim for probe in probes for claim in probe.claims)

    assert [meant.id for meant in one.intent.meant if not tried[meant.id]] == []
    assert any(probe.expected is not Fate.ARRIVED for probe in probes)


def test_no_packet_is_sent_twice() -> None:
    probes = aimed(home("public-apps"))

    assert len({probe.serial for probe in probes}) == len(probes)
    wires = {
        (p.packet.ingress, p.packet.source, p.destination, p.packet.protocol, p.port, p.packet.icmp_type)
        for p in probes
    }
    assert len(wires) == len(probes)


def test_the_limit_is_kept() -> None:
    one = home("one-router")
    ways = Ways(one.network, lines_of(one.network, one.plan))

    assert len(probes_of(one.network, one.intent, ways, 50)) == 50


def test_whoever_is_aimed_at_in_a_zone_is_there() -> None:
    one = home("public-apps")
    probes = aimed(one)
    layout = lay_out(one.network, one.plan, held_by(probes, one.network, lines_of(one.network, one.plan)))
    held = {address.ip for station in layout.stations for address in station.addresses}

    for probe in probes:
        if probe.expected is Fate.ARRIVED and probe.packet.egress.startswith("zone:"):
            assert probe.packet.destination in held


def test_every_probe_has_a_station_in_the_place_where_it_enters() -> None:
    one = home("public-apps")
    probes = aimed(one)
    layout = lay_out(one.network, one.plan, held_by(probes, one.network, lines_of(one.network, one.plan)))
    places = {station.name: station.place for station in layout.stations} | {"router": "router"}

    given = stationed(probes, layout)

    assert {probe.packet.ingress for probe in given} == {probe.packet.ingress for probe in probes}
    assert all(places[probe.station] == probe.packet.ingress for probe in given)


def test_a_forward_is_aimed_at_the_uplinks_address() -> None:
    one = home("public-apps")
    ways = Ways(one.network, lines_of(one.network, one.plan))
    address = ways.lines[0].address.ip

    packet, *_ = ways.candidates(Aim("uplink:wan", IPv4Address("104.16.0.1"), address, TCP, 40000, 443))

    assert (str(packet.destination), packet.destination_port, packet.egress) == ("192.168.30.5", 443, "zone:dmz")
    assert packet.translated


def test_a_routed_out_host_has_one_way() -> None:
    one = home("public-apps")
    ways = Ways(one.network, lines_of(one.network, one.plan))
    beyond = IPv4Address("9.9.9.9")

    assert ways.egress("zone:services", IPv4Address("192.168.20.66"), beyond) == "uplink:ivpn"
    assert ways.egress("zone:services", IPv4Address("192.168.20.67"), beyond) == "uplink:wan"
    assert ways.egress("zone:services", IPv4Address("192.168.20.66"), IPv4Address("192.168.30.5")) == "zone:dmz"


def test_everybodys_address_is_nobodys() -> None:
    broadcasts = {IPv4Address("5.39.0.255"), IPv4Address("5.39.1.255"), IPv4Address("10.8.0.255")}

    assert [p for p in aimed(uplinks()) if p.packet.source in broadcasts and p.expected is Fate.ARRIVED] == []


def test_what_has_no_ports_is_told_apart_beyond_the_uplink() -> None:
    """Masqueraded and the router's own alike: there they have the same source."""
    one = uplinks()
    portless = [
        (p.packet.egress, p.packet.destination, p.packet.protocol)
        for p in aimed(one)
        if p.packet.egress == "uplink:wan" and p.claims and p.packet.protocol not in (ICMP, TCP, UDP)
    ]

    assert portless
    assert len(set(portless)) == len(portless)


def test_the_router_speaks_to_groups_and_by_every_uplink() -> None:
    own = [p for p in aimed(small()) if p.packet.ingress == "router"]
    groups = {p.packet.egress for p in own if p.destination.is_multicast}

    assert groups == {"uplink:wan", "uplink:out"}
    assert all(p.expected is Fate.DROPPED for p in own if p.destination.is_multicast)
    assert not any(p.destination.is_multicast for p in aimed(small()) if p.packet.ingress != "router")


def test_what_is_open_on_the_router_is_tried_by_those_who_are_nobody() -> None:
    tried = {
        p.packet.source
        for p in aimed(small())
        if (p.packet.ingress, p.packet.egress, p.port) == ("uplink:wan", "router", 2222)
    }

    assert {IPv4Address("203.0.113.1"), IPv4Address("10.0.0.1"), IPv4Address("240.0.0.1")} <= tried


def test_a_serial_has_sixteen_bits() -> None:
    """Counted by what is sent, and not by what was thought of."""
    probes = aimed(home("public-apps"))

    assert [probe.serial for probe in probes] == list(range(1, len(probes) + 1))
