from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

from bailiwick.network.model import Addressing, Device, Network
from bailiwick.packets.interval import IntervalSet
from bailiwick.plan import make_plan
from tests.plan import networks as make

LAN, IOT = make.zone("lan", 40), make.zone("iot", 50, isolate=True)
PORTS = [make.port("eth1", "lan", "iot")]


def device(kind: str, place: str | None, **more: object) -> Device:
    facts = {"address": None, "mac": None, "ports": {}, "links": {}, "ssids": {}, **more}
    return Device("box", "device:box", make.at(5), kind, place, **facts)  # type: ignore[arg-type]


def lines(network: Network, box: Device) -> str:
    (sheet,) = make_plan(replace(network, devices={"box": box})).sheets
    return "\n".join(sheet.lines)


def test_an_access_point_gets_its_vlans_by_port_and_network() -> None:
    ap = device(
        "access-point",
        "zone:lan",
        address=IPv4Address("192.168.40.3"),
        ports={"uplink": ("lan", ("iot",))},
        links={"uplink": "gate/eth1"},
        ssids={"things": "iot", "home": "lan"},
    )
    text = lines(make.network([LAN, IOT], PORTS), ap)
    assert "Port uplink (to gate/eth1): untagged lan (VLAN 40); tagged iot (VLAN 50); no other VLAN." in text
    assert 'Wireless network "things": iot (VLAN 50); turn client isolation on.' in text
    assert 'Wireless network "home": lan (VLAN 40).' in text
    assert "192.168.40.3/24, gateway 192.168.40.1, DNS server 192.168.40.1" in text


def test_the_isps_box_gets_a_fixed_lease_and_a_mapping_for_each_door() -> None:
    door = replace(make.forward("web", "zone:lan", "192.168.40.5"), sources=IntervalSet.span(1, 9))
    home = make.network([LAN, IOT], PORTS, uplinks=[make.uplink("wan", mac="52:54:00:00:00:01")], forwards=(door,))
    text = lines(home, device("isp-box", "uplink:wan"))
    assert "Give the router's card (52:54:00:00:00:01) a fixed lease" in text
    assert "Map TCP 443 to ADDRESS, same port" in text and "who may come in" in text
    assert "static routes to 192.168.40.0/24, 192.168.50.0/24 by ADDRESS" in text


def test_a_static_router_is_named_by_its_address() -> None:
    wan = make.uplink(
        "wan", Addressing.STATIC, address=IPv4Interface("192.168.1.2/24"), gateway=IPv4Address("192.168.1.1")
    )
    home = make.network([LAN, IOT], PORTS, uplinks=[wan], forwards=(make.forward("web", "zone:lan", "192.168.40.5"),))
    text = lines(home, device("isp-box", "uplink:wan"))
    assert "Map TCP 443 to 192.168.1.2, same port: forward web." in text
    assert "ADDRESS" not in text


def test_under_pppoe_the_box_is_a_bridge() -> None:
    home = make.network([LAN, IOT], PORTS, uplinks=[make.uplink("wan", Addressing.PPPOE)])
    assert lines(home, device("isp-box", "uplink:wan")).startswith("Set the box to bridge mode")
