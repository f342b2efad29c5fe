from __future__ import annotations

from dataclasses import replace

from bailiwick.network.model import Addressing
from bailiwick.plan.interfaces import lay_interfaces
from bailiwick.plan.model import Interface, LinkKind
from tests.plan import networks as make


def laid(*args: object, **more: object) -> dict[str, Interface]:
    return {i.name: i for i in lay_interfaces(make.network(*args, **more))}  # type: ignore[arg-type]


def test_an_access_port_keeps_its_name_and_is_the_zone() -> None:
    eth1 = laid([make.zone("lan", 40, vlan=False)], [make.port("eth1", "lan")])["eth1"]
    assert (eth1.kind, eth1.place, str(eth1.address)) == (LinkKind.ETHERNET, "zone:lan", "192.168.40.1/24")


def test_a_trunk_has_no_place_and_its_zones_are_called_by_name() -> None:
    found = laid([make.zone("lan", 40), make.zone("iot", 50)], [make.port("eth1", None, "lan", "iot")])
    assert found["eth1"].place is None and found["eth1"].address is None
    assert (found["iot"].kind, found["iot"].parent, found["iot"].vlan) == (LinkKind.VLAN, "eth1", 50)


def test_a_trunk_may_carry_one_zone_untagged() -> None:
    found = laid([make.zone("lan", 40), make.zone("iot", 50)], [make.port("eth1", "lan", "iot")])
    assert found["eth1"].place == "zone:lan"
    assert found["iot"].parent == "eth1"


def test_a_zone_on_several_ports_is_a_bridge_whose_members_have_no_place() -> None:
    lan = make.zone("lan", 40, isolate=True)
    found = laid([lan], [make.port("eth2", "lan"), make.port("eth3", None, "lan")])
    assert found["lan"].kind is LinkKind.BRIDGE and found["lan"].isolate
    assert found["lan"].members == ("eth2", "eth3.40")
    assert found["eth2"].place is found["eth3.40"].place is None


def test_a_zone_called_like_a_port_gets_another_name() -> None:
    found = laid([make.zone("eth1", 40)], [make.port("eth1", None, "eth1")])
    (zone,) = (i for i in found.values() if i.place == "zone:eth1")
    assert zone.name.startswith("eth1-") and zone.parent == "eth1"


def test_pppoe_over_a_vlan_leaves_the_wire_below_without_a_place() -> None:
    wan = make.uplink("wan", Addressing.PPPOE, vlan=832, pppoe_user="me")
    found = laid([make.zone("lan", 40)], [make.port("eth1", "lan")], uplinks=[wan])
    assert (found["ppp-wan"].parent, found["ppp-wan"].place, found["ppp-wan"].mtu) == ("eth0.832", "uplink:wan", 1492)
    assert found["eth0.832"].parent == "eth0"
    assert found["eth0"].place is found["eth0.832"].place is None


def test_pppoe_with_a_whole_ethernet_mtu_widens_the_wire_below() -> None:
    wan = make.uplink("wan", Addressing.PPPOE, vlan=832, mtu=1500)
    found = laid([make.zone("lan", 40)], [make.port("eth1", "lan")], uplinks=[wan])
    assert (found["ppp-wan"].mtu, found["eth0.832"].mtu, found["eth0"].mtu) == (1500, 1508, 1508)


def test_the_first_uplink_is_the_cheapest_and_a_tunnel_has_no_default_route() -> None:
    uplinks = [make.uplink("b"), make.tunnel("vpn"), make.uplink("a", port="eth9")]
    found = {i.place: i for i in laid([make.zone("lan", 40)], [make.port("eth1", "lan")], uplinks=uplinks).values()}
    assert [found[f"uplink:{n}"].metric for n in ("b", "a", "vpn")] == [100, 200, None]
    assert found["uplink:vpn"].kind is LinkKind.TUNNEL


def test_two_uplinks_may_share_a_port_by_vlan() -> None:
    uplinks = [make.uplink("tv", vlan=20), make.uplink("net", vlan=10)]
    found = laid([make.zone("lan", 40)], [make.port("eth1", "lan")], uplinks=uplinks)
    assert found["eth0"].place is None
    assert {found["eth0.10"].place, found["eth0.20"].place} == {"uplink:net", "uplink:tv"}


def test_a_card_is_bound_to_its_name() -> None:
    port = replace(make.port("eth1", "lan"), mac="52:54:00:00:00:01", path="pci-0000:01:00.0")
    found = laid([make.zone("lan", 40)], [port], uplinks=[make.uplink("wan", mac="52:54:00:00:00:02")])
    assert (found["eth1"].mac, found["eth1"].path) == ("52:54:00:00:00:01", "pci-0000:01:00.0")
    assert found["eth0"].mac == "52:54:00:00:00:02"


def test_parents_come_before_what_stands_on_them() -> None:
    zones = [make.zone("a", 10), make.zone("b", 20)]
    found = list(laid(zones, [make.port("z1", None, "a", "b"), make.port("z2", "b")]).values())
    at = {i.name: n for n, i in enumerate(found)}
    assert all(at[i.parent] < at[i.name] for i in found if i.parent)
    assert all(at[m] < at[i.name] for i in found for m in i.members)
