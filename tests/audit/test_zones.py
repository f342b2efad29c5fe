from __future__ import annotations

from ipaddress import ip_interface, ip_network

import pytest

from bailiwick.dataplane.model import Device, Interface, Route, Routing
from bailiwick.dataplane.tally import Line
from bailiwick.proof.audit.zones import BadZone, Zones, find_zones

AT = Line("ip-addr", 1)


def device(*interfaces: Interface, routes: tuple[Route, ...] = ()) -> Device:
    return Device("it", interfaces={one.name: one for one in interfaces}, routing=Routing(routes))


def lan(name: str, address: str) -> Interface:
    return Interface(name, "ethernet", (ip_interface(address),), line=AT)


HOME = device(
    lan("lan", "192.168.1.1/24"),
    lan("iot", "192.168.2.1/24"),
    Interface("ppp0", "ppp", dynamic=True, parent="eth0", line=AT),
    Interface("eth0", "ethernet", line=AT),
    Interface("eth9", "ethernet", line=AT),
    routes=(Route(ip_network("10.9.0.0/16"), interface="lan", line=AT),),
)


def ids(zones: Zones) -> list[str]:
    return [zone.id for zone in zones.all]


def test_zones_are_interfaces_with_subnets_and_the_rest_is_outside() -> None:
    found = find_zones(HOME)
    assert ids(found) == ["zone:lan", "zone:iot", "uplink:ppp0", "uplink:eth0", "unknown"]
    assert found.idle == ("eth9",)
    assert {zone.id: zone.why for zone in found.outside}["uplink:eth0"] == "it carries ppp0"


def test_what_lies_behind_a_zone_belongs_to_it() -> None:
    home = find_zones(HOME).all[0].homes[4]
    assert int(ip_network("10.9.1.0/24")[0]) in home
    assert int(ip_network("192.168.2.0/24")[5]) not in home


def test_zones_are_named_by_interfaces_or_networks() -> None:
    found = find_zones(HOME, [("home", "lan,iot"), ("kids", "192.168.1.128/25")])
    assert ids(found)[:2] == ["zone:kids", "zone:home"]
    kids, home = found.all[:2]
    assert kids.interfaces == ("lan", "iot") == home.interfaces
    assert not kids.homes[4] & home.homes[4]


def test_the_outside_is_what_one_is_told() -> None:
    found = find_zones(HOME, outside=["iot"])
    assert [zone.id for zone in found.outside] == ["uplink:iot", "unknown"]


@pytest.mark.parametrize(
    ("name", "what"), [("x", "nothing"), ("x", ","), ("x", "lan,10.0.0.0/8"), ("x", "172.16.0.0/12"), ("x", "1.2.3/99")]
)
def test_a_zone_that_is_not_there_is_refused(name: str, what: str) -> None:
    with pytest.raises(BadZone):
        find_zones(device(lan("lan", "192.168.1.1/24")), [(name, what)])


def test_an_outside_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadZone):
        find_zones(HOME, outside=["eth7"])


def test_a_bare_dump_has_an_outside_all_the_same() -> None:
    assert ids(find_zones(Device("bare"))) == ["outside"]
