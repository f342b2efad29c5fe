from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

from bailiwick.packets.packet import TCP, Packet
from bailiwick.plan.model import Interface, LinkKind
from bailiwick.twin.acts.connections import chosen_of
from bailiwick.twin.layout import Layout, Line, Station
from bailiwick.twin.result import Fate
from bailiwick.twin.script import Probe, Sighting

HOST, WAN, EVERYBODY = IPv4Address("192.168.40.2"), IPv4Address("5.39.0.254"), IPv4Address("5.39.0.255")
LAYOUT = Layout(
    (Station("zone.lan.a", "zone:lan", "lan", "02:b4:00:00:00:01", (IPv4Interface("192.168.40.2/24"),)),),
    (Line("uplink:wan", "eth0", IPv4Interface("5.39.0.254/24"), IPv4Address("5.39.0.1")),),
    (),
)


def test_nobody_is_called_by_a_broadcast_address() -> None:
    packet = Packet("zone:lan", "router", HOST, WAN, TCP, 40000, 22)
    probe = Probe(1, "zone.lan.a", packet, WAN, 22, Fate.ARRIVED, "zone:lan", "router", ("policy:lan->router:any",))
    shout = replace(probe, serial=2, packet=replace(packet, destination=EVERYBODY), destination=EVERYBODY)
    sightings = {serial: Sighting(True, (("router", HOST, WAN, 22),)) for serial in (1, 2)}

    assert chosen_of((shout, probe), sightings, LAYOUT) == [probe]


def test_nobody_calls_a_tunnels_address_from_beyond_another_uplink() -> None:
    stranger, far = IPv4Address("1.0.0.1"), IPv4Interface("172.24.18.6/32")
    tunnel = Interface("interface:wg", "wg", LinkKind.TUNNEL, (), place="uplink:out")
    beyond = Station("uplink.wan.far", "uplink:wan", "eth0", "02:b4:00:00:00:02", everything=True)
    lines = (*LAYOUT.lines, Line("uplink:out", "wg", far, IPv4Address("5.40.0.1")))
    layout = Layout((beyond,), lines, ((tunnel, "veth"),), tunnels=frozenset({"uplink:out"}))
    packet = Packet("uplink:wan", "router", stranger, WAN, TCP, 40000, 22)
    probe = Probe(1, beyond.name, packet, WAN, 22, Fate.ARRIVED, "outside", "router", ("policy:outside->router:ssh",))
    other = replace(probe, serial=2, packet=replace(packet, destination=far.ip), destination=far.ip)
    sightings = {serial: Sighting(True, (("router", stranger, WAN, 22),)) for serial in (1, 2)}

    assert chosen_of((other, probe), sightings, layout) == [probe]
