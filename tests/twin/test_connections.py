from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

from bailiwick.packets.packet import TCP, Packet
from bailiwick.twin.connections import chosen_of
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
