from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

from bailiwick.network.model import Addressing, Device, Network
from bailiwick.plan import make_plan
from tests.plan import networks as make

LAN = make.zone("lan", 40)


def address(text: str) -> int:
    return int(IPv4Address(text))


def home(*uplinks: object, **more: object) -> Network:
    return make.network([LAN], [make.port("eth1", "lan")], uplinks=uplinks, **more)  # type: ignore[arg-type]


def test_special_and_inside_addresses_never_cross_an_uplink() -> None:
    hygiene = make_plan(home(make.uplink("wan"))).hygiene
    for text in ("10.1.2.3", "192.168.40.7", "127.0.0.1", "224.0.0.5", "100.64.0.1", "255.255.255.255"):
        assert address(text) in hygiene.bogons["uplink:wan"]
        assert address(text) in hygiene.martians["uplink:wan"]
    assert address("9.9.9.9") not in hygiene.bogons["uplink:wan"] | hygiene.martians["uplink:wan"]


def test_the_uplinks_own_neighbours_are_let_in_and_out() -> None:
    wan = make.uplink(
        "wan",
        Addressing.STATIC,
        address=IPv4Interface("10.0.0.2/30"),
        gateway=IPv4Address("10.0.0.1"),
        modem=IPv4Address("192.168.1.1"),
    )
    nas = make.host("theirs", "uplink:wan", "172.16.0.9")
    box = Device("box", "device:box", make.at(9), "isp-box", "uplink:wan", IPv4Address("10.9.0.1"), None, {}, {}, {})
    hygiene = make_plan(home(wan, make.uplink("lte", port="wwan0"), hosts=[nas], devices=[box])).hygiene
    for text in ("10.0.0.1", "192.168.1.1", "172.16.0.9", "10.9.0.1"):
        assert address(text) not in hygiene.bogons["uplink:wan"]
        assert address(text) not in hygiene.martians["uplink:wan"]
        assert address(text) in hygiene.bogons["uplink:lte"]


def test_a_private_upstream_resolver_may_be_asked_but_may_not_open() -> None:
    network = home(make.uplink("wan"))
    asks = replace(network, resolver=replace(network.resolver, upstreams=(IPv4Address("10.0.0.53"),)))
    hygiene = make_plan(asks).hygiene
    assert address("10.0.0.53") not in hygiene.martians["uplink:wan"]
    assert address("10.0.0.53") in hygiene.bogons["uplink:wan"]


def test_only_an_uplink_by_dhcp_has_a_client() -> None:
    plan = make_plan(home(make.uplink("wan"), make.tunnel("vpn")))
    assert plan.hygiene.dhcp_clients == ("uplink:wan",)


def test_narrow_paths_are_clamped() -> None:
    wide, narrow = make.uplink("wan"), make.uplink("lte", port="wwan0", mtu=1428)
    pppoe = make.uplink("dsl", Addressing.PPPOE, port="eth7")
    plan = make_plan(home(wide, narrow, pppoe, make.tunnel("vpn")))
    assert {c.place for c in plan.clamps} == {"uplink:lte", "uplink:dsl", "uplink:vpn"}
