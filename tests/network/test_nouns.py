"""Zones, presets, hosts, uplinks, forwards, routes, names: what each becomes."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

import pytest

from bailiwick.network.model import Addressing, Match, Place
from bailiwick.packets.interval import EVERY_ADDRESS
from tests.network.small import SECTIONS, codes, network, sentence

DHCP_ZONES = "  lan: {subnet: 192.168.40.0/24, dhcp: {range: .100-.199, lease: 2h}}\n  iot: {subnet: 192.168.50.0/24}"


def test_a_zone_starts_from_the_usual() -> None:
    zone = network().zones["lan"]
    assert zone.gateway == IPv4Address("192.168.40.1")
    assert zone.domain == "home.arpa"
    assert (zone.isolate, zone.reject, zone.force_dns, zone.dhcp) == (False, False, False, None)


def test_dhcp_is_written_out() -> None:
    scope = network(zones=DHCP_ZONES).zones["lan"].dhcp
    assert scope is not None
    assert scope.pool == (IPv4Address("192.168.40.100"), IPv4Address("192.168.40.199"))
    assert scope.lease == 7200


@pytest.mark.parametrize(
    ("keys", "reserved"),
    [("mac: '52:54:00:00:00:01'", True), ("mac: '52:54:00:00:00:01', reservation: no", False), ("aliases: [n]", False)],
)
def test_a_card_in_a_dhcp_zone_makes_a_reservation(keys: str, reserved: bool) -> None:
    hosts = SECTIONS["hosts"].replace("address: .10", f"address: .10, {keys}")
    assert network(zones=DHCP_ZONES, hosts=hosts).hosts["nas"].legs[0].reserved is reserved


@pytest.mark.parametrize(
    ("dns", "zone", "forced"),
    [
        ("force: [iot]", "", True),
        ("force: all", "", True),
        ("force: all", ", force-dns: no", False),
        ("cache: 100", ", force-dns: yes", True),
        ("cache: 100", ", preset: guest", True),
        ("cache: 100", ", preset: guest, force-dns: no", False),
    ],
)
def test_forced_dns(dns: str, zone: str, forced: bool) -> None:
    zones = f"  lan: {{subnet: 192.168.40.0/24}}\n  iot: {{subnet: 192.168.50.0/24{zone}}}"
    assert network(zones=zones, dns=f"{SECTIONS['dns']}\n  {dns}").zones["iot"].force_dns is forced


@pytest.mark.parametrize(("said", "isolated"), [("", True), (", isolate: no", False)])
def test_what_a_zone_says_wins_over_its_preset(said: str, isolated: bool) -> None:
    zones = f"  lan: {{subnet: 192.168.40.0/24}}\n  iot: {{subnet: 192.168.50.0/24, preset: iot{said}}}"
    assert network(zones=zones).zones["iot"].isolate is isolated


@pytest.mark.parametrize(
    ("preset", "ids"),
    [
        ("guest", ["preset:iot->internet:any"]),
        ("iot", ["preset:iot->internet:mqtts,ntp,quic,web"]),
        ("dmz", ["preset:iot->internet:ntp,web"]),
        ("mgmt", ["preset:iot->router:icmp,ssh", "preset:iot->lan:https,icmp,ssh", "preset:iot->internet:ntp,web"]),
    ],
)
def test_presets_are_sentences(preset: str, ids: list[str]) -> None:
    zones = f"  lan: {{subnet: 192.168.40.0/24}}\n  iot: {{subnet: 192.168.50.0/24, preset: {preset}}}"
    policy = network(zones=zones).policy
    assert [p.id for p in policy[1:]] == ids
    assert {p.origin for p in policy[1:]} == {f"preset:{preset}"}
    assert {p.span.line for p in policy[1:]} == {6}


def test_a_sentence_of_a_preset_gives_way_to_the_same_words_in_the_policy() -> None:
    zones = "  lan: {subnet: 192.168.40.0/24}\n  iot: {subnet: 192.168.50.0/24, preset: guest}"
    policy = "  - lan -> router: ssh\n  - iot -> internet: {services: any, log: yes}"
    found = network(zones=zones, policy=policy).policy
    assert [(p.id, p.log) for p in found[1:]] == [("policy:iot->internet:any", True)]


def test_uplinks() -> None:
    uplinks = network(
        uplinks="  wan: {interface: router/eth0, vlan: 7, pppoe: {user: me, password: !secret line}}\n"
        "  fixed: {interface: eth8, address: 203.0.113.2/30, gateway: 203.0.113.1}\n"
        "  vpn: {interface: gate/tun0, tunnel: {address: 172.24.0.6, mtu: 1420}}"
    ).uplinks
    assert [(u.addressing, u.port, u.tunnel) for u in uplinks.values()] == [
        (Addressing.PPPOE, "eth0", False),
        (Addressing.STATIC, "eth8", False),
        (Addressing.TUNNEL, "tun0", True),
    ]
    assert (uplinks["wan"].vlan, uplinks["wan"].pppoe_user, uplinks["wan"].pppoe_secret) == (7, "me", "line")
    assert uplinks["fixed"].address == IPv4Interface("203.0.113.2/30")
    assert uplinks["vpn"].address == IPv4Interface("172.24.0.6/32")
    assert uplinks["vpn"].mtu == 1420


def test_a_forward_from_everybody_by_every_uplink_that_is_no_tunnel() -> None:
    found = network(
        uplinks=SECTIONS["uplinks"]
        + "\n  lte: {interface: eth8, address: dhcp}\n  vpn: {interface: tun0, tunnel: {address: 172.24.0.6/32}}",
        forward="  web: {service: https, to: nas}",
    ).forwards[0]
    assert found.uplinks == ("uplink:wan", "uplink:lte")
    assert (found.sources, found.matches, found.to_port) == (EVERY_ADDRESS, (Match(6, (443, 443)),), None)


def test_a_forward_that_changes_the_port_is_no_name_inside() -> None:
    forward = "  web: {service: tcp/8443, port: 443, to: nas, names: [files.example.com], from: [9.9.9.9, 8.8.8.0/24]}"
    found = network(forward=forward)
    assert found.forwards[0].to_port == 443
    assert found.forwards[0].sources.size() == 257
    assert "files.example.com" not in found.resolver.records


def test_the_same_port_is_no_change() -> None:
    found = network(forward="  web: {service: https, port: 443, to: nas, names: [Files.example.com]}")
    assert found.forwards[0].to_port is None
    assert found.resolver.records["files.example.com"] == IPv4Address("192.168.40.10")


def test_names_are_by_zone() -> None:
    records = network(
        zones="  lan: {subnet: 192.168.40.0/24}\n  iot: {subnet: 192.168.50.0/24, domain: things.home.arpa}",
        hosts=SECTIONS["hosts"]
        + "\n  both: {legs: {lan: {address: .30}, iot: {address: .30}}, aliases: [b, x.example]}",
        dns=SECTIONS["dns"] + "\n  records: {printer: 192.168.40.99, disk: nas}",
    ).resolver.records
    assert {name: str(address) for name, address in records.items()} == {
        "b.home.arpa": "192.168.40.30",
        "b.things.home.arpa": "192.168.50.30",
        "both.home.arpa": "192.168.40.30",
        "both.things.home.arpa": "192.168.50.30",
        "disk.home.arpa": "192.168.40.10",
        "gate.home.arpa": "192.168.40.1",
        "gate.things.home.arpa": "192.168.50.1",
        "nas.home.arpa": "192.168.40.10",
        "printer.home.arpa": "192.168.40.99",
        "tv.things.home.arpa": "192.168.50.20",
        "x.example": "192.168.40.30",
    }


def test_a_host_that_serves_is_the_resolver() -> None:
    hosts = SECTIONS["hosts"].replace("address: .10", "address: .10, serves: [dns, ntp]")
    found = network(hosts=hosts, dns=None)
    assert (found.resolver.host, found.resolver.place) == ("nas", "zone:lan")
    assert found.ntp == (("zone:lan", IPv4Address("192.168.40.10")),)
    assert network().resolver.place == Place.ROUTER


def test_routes_out_by_host_zone_and_group() -> None:
    found = network(
        uplinks=SECTIONS["uplinks"] + "\n  vpn: {interface: tun0, tunnel: {address: 172.24.0.6/32}}",
        groups="  some: [tv, 192.168.50.64/28]",
        route_out="  nas: vpn\n  some: vpn",
    ).routes_out
    assert [(r.id, r.uplink, r.sources[0].place, r.sources[0].addresses.size()) for r in found] == [
        ("route-out:nas", "uplink:vpn", "zone:lan", 1),
        ("route-out:some", "uplink:vpn", "zone:iot", 17),
    ]


def test_the_last_day_counts() -> None:
    assert sentence("iot -> internet: {services: web, expires: 2026-06-01}").expires is not None
    assert codes(policy="  - lan -> router: ssh\n  - iot -> internet: {services: web, expires: 2026-05-31}") == [
        "expired"
    ]


def test_a_host_with_one_card_may_be_in_several_zones() -> None:
    hosts = SECTIONS["hosts"] + "\n  hv: {mac: '52:54:00:00:00:09', legs: {lan: {address: .30}, iot: {address: .30}}, "
    hosts += "forwards: no, because: ip_forward is 0}"
    assert not codes(hosts=hosts)


def test_an_address_inside_the_pool_is_legal() -> None:
    hosts = SECTIONS["hosts"].replace("address: .10", "address: .150, mac: '52:54:00:00:00:01'")
    assert not codes(zones=DHCP_ZONES, hosts=hosts)
