"""From where a packet was seen to its fate."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

from bailiwick.packets.packet import TCP, Packet
from bailiwick.twin.layout import Layout, Line, Station
from bailiwick.twin.result import Fate
from bailiwick.twin.script import Probe, Sighting
from bailiwick.twin.verdicts import fate

LAN, DMZ, WAN = IPv4Address("192.168.40.2"), IPv4Address("192.168.30.5"), IPv4Address("5.39.0.254")
BEYOND = IPv4Address("9.9.9.9")
LAYOUT = Layout(
    (
        Station("zone.lan.a", "zone:lan", "lan", "02:b4:00:00:00:01", gateway=IPv4Address("192.168.40.1")),
        Station("zone.dmz.a", "zone:dmz", "dmz", "02:b4:00:00:00:02", gateway=IPv4Address("192.168.30.1")),
        Station("uplink.wan.far", "uplink:wan", "ppp-wan", "02:b4:00:00:00:03", everything=True),
    ),
    (Line("uplink:wan", "ppp-wan", IPv4Interface("5.39.0.254/32"), IPv4Address("5.39.0.1")),),
    (),
)


def probe(egress: str, destination: IPv4Address) -> Probe:
    packet = Packet("zone:lan", egress, LAN, destination, TCP, 40000, 443)
    return Probe(1, "zone.lan.a", packet, destination, 443, Fate.ARRIVED, "zone:lan", egress)


def test_seen_where_it_was_sent() -> None:
    sighting = Sighting(True, (("zone.dmz.a", LAN, DMZ, 443),))
    assert fate(probe("zone:dmz", DMZ), sighting, LAYOUT)[0] is Fate.ARRIVED


def test_seen_elsewhere_has_strayed() -> None:
    sighting = Sighting(True, (("uplink.wan.far", WAN, DMZ, 443),))
    assert fate(probe("zone:dmz", DMZ), sighting, LAYOUT)[0] is Fate.STRAYED


def test_seen_at_another_port_has_strayed() -> None:
    sighting = Sighting(True, (("zone.dmz.a", LAN, DMZ, 80),))
    assert fate(probe("zone:dmz", DMZ), sighting, LAYOUT)[0] is Fate.STRAYED


def test_what_leaves_by_an_uplink_bears_its_address() -> None:
    hidden = Sighting(True, (("uplink.wan.far", WAN, BEYOND, 443),))
    bare = Sighting(True, (("uplink.wan.far", LAN, BEYOND, 443),))

    assert fate(probe("uplink:wan", BEYOND), hidden, LAYOUT)[0] is Fate.ARRIVED
    assert fate(probe("uplink:wan", BEYOND), bare, LAYOUT)[0] is Fate.STRAYED


def test_not_seen_at_all() -> None:
    one = probe("zone:dmz", DMZ)

    assert fate(one, Sighting(True), LAYOUT)[0] is Fate.DROPPED
    assert fate(one, Sighting(True, refused=True), LAYOUT)[0] is Fate.REFUSED
    assert fate(one, Sighting(False), LAYOUT)[0] is Fate.LOST
