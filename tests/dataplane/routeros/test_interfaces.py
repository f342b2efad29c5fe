"""Interfaces, addresses, bridges and their VLANs."""

from __future__ import annotations

import pytest

from tests.dataplane.routeros.exports import ignored, read, unknown

TRUNK = """# 2026-01-01 by RouterOS 7.{minor}
/interface bridge
add name=bridge vlan-filtering={filtering}
/interface vlan
add interface=bridge name=lan vlan-id=40
add interface=bridge name=iot vlan-id=50
/interface bridge port
add bridge=bridge interface=ether2 frame-types=admit-only-vlan-tagged
add bridge=bridge interface=ether3 pvid=40
/interface bridge vlan
add bridge=bridge tagged=bridge,ether2 untagged=ether3 vlan-ids=40
add bridge=bridge tagged=ether2 vlan-ids=50,60-62
/ip address
add address=192.168.40.1/24 interface=lan network=192.168.40.0
add address=192.168.1.1 netmask=255.255.255.0 interface=ether2
"""


def test_a_trunk_an_access_port_and_the_bridge_itself() -> None:
    found = read(TRUNK.format(minor=12, filtering="yes")).interfaces
    assert (found["ether2"].master, found["ether2"].tagged) == ("bridge", frozenset({40, 50, 60, 61, 62}))
    assert (found["ether2"].untagged, found["ether3"].untagged, found["ether3"].tagged) == (None, 40, frozenset())
    assert (found["bridge"].tagged, found["bridge"].untagged) == (frozenset({40}), 1)
    assert (found["lan"].kind, found["lan"].parent, found["lan"].vlan) == ("vlan", "bridge", 40)


def test_from_7_16_on_a_bridge_carries_the_vlans_of_the_interfaces_on_it() -> None:
    assert read(TRUNK.format(minor=16, filtering="yes")).interfaces["bridge"].tagged == frozenset({40, 50})


def test_a_bridge_that_does_not_filter_has_no_vlans() -> None:
    device = read(TRUNK.format(minor=16, filtering="no"))
    assert not device.interfaces["ether2"].tagged
    assert device.interfaces["ether3"].untagged is None
    assert ignored(device)[11] == "its bridge does not filter VLANs"
    assert device.settings["/interface/bridge bridge vlan-filtering"] == "no"


def test_an_address_on_a_port_is_its_bridges() -> None:
    found = read(TRUNK.format(minor=12, filtering="yes")).interfaces
    assert [str(one) for one in found["bridge"].addresses] == ["192.168.1.1/24"]
    assert [str(one) for one in found["lan"].addresses] == ["192.168.40.1/24"]


def test_untagged_frames_of_another_vlan_than_they_come_in_as() -> None:
    text = TRUNK.format(minor=12, filtering="yes").replace("pvid=40", "pvid=41")
    assert "takes untagged frames as 41" in unknown(read(text))[11]


@pytest.mark.parametrize(
    ("text", "name", "kind", "dynamic"),
    [
        ("/interface ethernet\nset [ find default-name=ether1 ] name=wan", "wan", "ethernet", False),
        ("/interface ethernet\nset wan mtu=1500", "wan", "ethernet", False),
        ("/interface pppoe-client\nadd interface=ether1 disabled=no", "pppoe-out1", "ppp", True),
        ("/interface wireguard\nadd listen-port=1 name=wg", "wg", "tunnel", False),
        ("/interface bonding\nadd name=bond slaves=ether1,ether2", "bond", "bonding", False),
        ("/interface wifi\nset [ find default-name=wifi1 ] configuration.mode=ap", "wifi1", "wireless", False),
        ("/interface l2tp-server\nadd name=office user=a", "office", "ppp", True),
        ("/interface vrrp\nadd interface=bridge name=v1", "v1", "vrrp", False),
        ('/interface bridge\nadd name="" vlan-filtering=yes', "bridge1", "bridge", False),
        ("/ip dhcp-client\nadd interface=ether1", "ether1", "ethernet", True),
        ("/interface list member\nadd interface=sfp-sfpplus1 list=WAN", "sfp-sfpplus1", "ethernet", False),
        ("/ipv6 address\nadd interface=bridge from-pool=isp", "bridge", "unknown", True),
    ],
)
def test_kinds(text: str, name: str, kind: str, dynamic: bool) -> None:
    found = read(text).interfaces[name]
    assert (found.kind, found.dynamic) == (kind, dynamic)


def test_a_renamed_port_keeps_its_first_name_as_an_alias() -> None:
    found = read("/interface ethernet\nset [ find default-name=ether1 ] name=wan disabled=yes\n").interfaces
    assert (found["wan"].aliases, found["wan"].up) == (("ether1",), False)
    assert "ether1" not in found


def test_a_radio_is_a_port_of_the_bridge_that_it_names() -> None:
    text = "/interface wifi\nset [ find default-name=wifi1 ] datapath.bridge=bridge .vlan-id=40\n"
    assert read(text).interfaces["wifi1"].master == "bridge"


def test_slaves_of_a_bond_and_ports_by_list() -> None:
    text = (
        "/interface bonding\nadd name=bond slaves=ether1,ether2\n/interface bridge\nadd\n"
        "/interface list\nadd name=PORTS\n/interface list member\nadd list=PORTS interface=ether5\n"
        "/interface bridge port\nadd bridge=bridge1 interface=PORTS\nadd bridge=*A interface=ether6\n"
    )
    found = read(text).interfaces
    assert (found["ether1"].master, found["ether5"].master) == ("bond", "bridge1")
    assert ignored(read(text))[11] == "what it names is gone"


def test_an_address_whose_interface_is_gone_is_none() -> None:
    device = read("/ip address\nadd address=10.0.0.1/24 interface=*2000012\n")
    assert ignored(device)[2] == "its interface is gone"
    assert not any(one.addresses for one in device.interfaces.values())


@pytest.mark.parametrize(("version", "usual"), [("6.49", "no"), ("7.1", "yes")])
def test_whether_ports_take_foreign_vlans_hangs_on_the_version(version: str, usual: str) -> None:
    text = f"# by RouterOS {version}\n/interface bridge port\nadd bridge=a interface=ether2\n"
    text += "add bridge=a interface=ether3 ingress-filtering=yes\n"
    settings = read(text).settings
    assert settings["/interface/bridge/port ether2 ingress-filtering"] == usual
    assert settings["/interface/bridge/port ether3 ingress-filtering"] == "yes"
