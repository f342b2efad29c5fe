from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from bailiwick.network.model import Match, Network, Resolver
from bailiwick.packets.interval import IntervalSet
from bailiwick.plan import make_plan
from bailiwick.plan.model import Flow, Hook
from tests.plan import networks as make

LAN, DMZ = make.zone("lan", 40, dhcp=True), make.zone("dmz", 30)
PORTS = [make.port("eth1", None, "lan", "dmz")]
DNS_HOST = make.host("dns", "zone:dmz", "192.168.30.53", serves=frozenset({"dns"}))
BY_HOST = Resolver(
    make.at(3), "dns", "zone:dmz", IPv4Address("192.168.30.53"), (IPv4Address("9.9.9.9"),), {}, 1000, True, ()
)


def derived(network: Network, what: str) -> dict[tuple[str | None, str | None], Flow]:
    found = [f for f in make_plan(network).flows if f.id.startswith(f"flow:derived:{what}/")]
    return {(f.ingress, f.egress): f for f in found}


def test_dhcp_opens_where_it_is_served_and_for_who_has_no_address_yet() -> None:
    ((pair, flow),) = derived(make.network([LAN, DMZ], PORTS), "dhcp").items()
    assert pair == ("zone:lan", None)
    assert 0 in flow.sources and int(LAN.subnet[5]) in flow.sources and int(DMZ.subnet[5]) not in flow.sources
    assert flow.destinations == IntervalSet.addresses([LAN.gateway, IPv4Address("255.255.255.255")])
    assert flow.matches == (Match(17, (67, 67)),)


def test_the_router_answers_dns_on_each_zones_own_gateway() -> None:
    found = derived(make.network([LAN, DMZ], PORTS), "dns")
    assert set(found) == {("zone:lan", None), ("zone:dmz", None)}
    assert found["zone:lan", None].destinations == IntervalSet.addresses([LAN.gateway])


def test_a_host_answers_dns_for_every_other_zone() -> None:
    found = derived(make.network([LAN, DMZ], PORTS, hosts=[DNS_HOST], resolver=BY_HOST), "dns")
    ((pair, flow),) = found.items()
    assert pair == ("zone:lan", "zone:dmz") and flow.hook is Hook.FORWARD and not flow.translated
    assert flow.destinations == IntervalSet.addresses([IPv4Address("192.168.30.53")])


def test_forced_dns_in_the_resolvers_own_zone_is_open_when_redirected() -> None:
    zones = [LAN, replace(DMZ, force_dns=True)]
    found = derived(make.network(zones, PORTS, hosts=[DNS_HOST], resolver=BY_HOST), "dns")
    assert found["zone:dmz", "zone:dmz"].translated


def test_whom_route_out_names_asks_its_own_resolver_alone() -> None:
    one = IntervalSet.single(int(LAN.subnet[66]))
    home = make.network(
        [LAN, DMZ],
        PORTS,
        uplinks=[make.uplink("wan"), make.tunnel("vpn")],
        routes_out=(make.route_out("one", "zone:lan", one, "uplink:vpn"),),
    )
    (exit_,) = make_plan(home).exits
    flow = derived(home, "dns-vpn")["zone:lan", None]
    assert flow.translated and flow.sources == one
    assert {m.ports for m in flow.matches} == {(exit_.resolver_port, exit_.resolver_port)}
    assert not derived(home, "dns")["zone:lan", None].sources & one


def test_ntp_opens_only_where_a_server_is_declared() -> None:
    assert derived(make.network([LAN, DMZ], PORTS), "ntp") == {}
    server = make.host("clock", "zone:dmz", "192.168.30.9", serves=frozenset({"ntp"}))
    home = replace(make.network([LAN, DMZ], PORTS, hosts=[server]), ntp=(("zone:dmz", IPv4Address("192.168.30.9")),))
    assert set(derived(home, "ntp")) == {("zone:lan", "zone:dmz")}


def test_the_router_may_open_to_every_zone_and_uplink() -> None:
    found = derived(make.network([LAN, DMZ], PORTS, uplinks=[make.uplink("wan"), make.tunnel("vpn")]), "router")
    assert {egress for _, egress in found} == {"zone:lan", "zone:dmz", "uplink:wan", "uplink:vpn"}
    assert all(f.hook is Hook.OUTPUT and f.ingress is None for f in found.values())
