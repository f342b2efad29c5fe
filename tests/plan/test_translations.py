from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from bailiwick.network.model import Resolver
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.plan import make_plan
from tests.plan import networks as make

LAN, DMZ = make.zone("lan", 40, force_dns=True), make.zone("dmz", 30)
PORTS = [make.port("eth1", None, "lan", "dmz")]
ONE = IntervalSet.single(int(LAN.subnet[66]))


def test_forced_dns_is_redirected_but_for_who_asks_the_gateway() -> None:
    tcp, udp = make_plan(make.network([LAN, DMZ], PORTS)).translations
    assert (tcp.id, udp.id) == ("dns:forced:lan:tcp/53", "dns:forced:lan:udp/53")
    assert tcp.to_address is None and tcp.to_port is None
    assert tcp.except_destinations == IntervalSet.addresses([LAN.gateway])


def test_forced_dns_goes_to_the_host_that_serves_and_never_in_a_circle() -> None:
    address = IPv4Address("192.168.40.53")
    resolver = Resolver(make.at(3), "dns", "zone:lan", address, (), {}, 1000, True, ())
    plan = make_plan(
        make.network([LAN, DMZ], PORTS, hosts=[make.host("dns", "zone:lan", str(address))], resolver=resolver)
    )
    forced = plan.translations[0]
    assert forced.to_address == address
    assert int(address) not in forced.sources and int(address) in forced.except_destinations
    assert [m.id for m in plan.masquerades if m.hairpin] == ["masquerade:hairpin:lan"]


def test_the_exits_dns_comes_first_and_forced_dns_leaves_those_alone() -> None:
    home = make.network(
        [LAN, DMZ],
        PORTS,
        uplinks=[make.uplink("wan"), make.tunnel("vpn")],
        routes_out=(make.route_out("one", "zone:lan", ONE, "uplink:vpn"),),
    )
    plan = make_plan(home)
    assert [t.id.rpartition(":")[0] for t in plan.translations] == ["dns:vpn"] * 2 + ["dns:forced:lan"] * 2
    first, *_, last = plan.translations
    assert first.sources == ONE and first.destinations == EVERY_ADDRESS
    assert first.to_port == plan.exits[0].resolver_port
    assert not last.sources & ONE


def test_a_zone_that_is_routed_out_whole_is_not_forced_as_well() -> None:
    home = make.network(
        [LAN, DMZ],
        PORTS,
        uplinks=[make.uplink("wan"), make.tunnel("vpn")],
        routes_out=(make.route_out("lan", "zone:lan", IntervalSet.networks([LAN.subnet]), "uplink:vpn"),),
    )
    assert {t.id for t in make_plan(home).translations} == {"dns:vpn:tcp/53", "dns:vpn:udp/53"}


def test_the_inside_hides_at_every_uplink() -> None:
    home = make.network([replace(LAN, force_dns=False), DMZ], PORTS, uplinks=[make.uplink("wan"), make.tunnel("vpn")])
    plan = make_plan(home)
    assert {m.egress: m.sources for m in plan.masquerades} == {u: home.inside() for u in ("uplink:wan", "uplink:vpn")}
