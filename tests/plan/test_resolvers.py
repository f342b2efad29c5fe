from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from bailiwick.network.model import Network, Resolver
from bailiwick.packets.interval import IntervalSet
from bailiwick.plan import make_plan
from tests.plan import networks as make

LAN, DMZ = make.zone("lan", 40, dhcp=True), make.zone("dmz", 30)
PORTS = [make.port("eth1", "lan"), make.port("eth2", "dmz")]
NAS = make.host("nas", "zone:lan", "192.168.40.9", aliases=("files",))


def named(**records: str) -> Network:
    known = {name.replace("_", "."): IPv4Address(address) for name, address in records.items()}
    home = make.network([LAN, DMZ], PORTS, hosts=[NAS])
    return replace(home, resolver=replace(home.resolver, records=known))


def canonical(network: Network) -> dict[str, str]:
    return {str(r.address): r.name for r in make_plan(network).resolvers[0].records if r.reverse}


def test_the_router_answers_on_every_zones_gateway() -> None:
    (main,) = make_plan(make.network([LAN, DMZ], PORTS)).resolvers
    assert main.serves and main.port == 53 and main.exit is None
    assert dict(zip(main.interfaces, main.addresses, strict=True)) == {"eth1": LAN.gateway, "eth2": DMZ.gateway}


def test_where_a_host_answers_the_main_instance_serves_leases_alone() -> None:
    resolver = Resolver(make.at(3), "dns", "zone:dmz", IPv4Address("192.168.30.53"), (), {}, 1000, True, ())
    hosts = [make.host("dns", "zone:dmz", "192.168.30.53")]
    (main,) = make_plan(make.network([LAN, DMZ], PORTS, hosts=hosts, resolver=resolver)).resolvers
    assert not main.serves and main.interfaces == ("eth1",)
    dry = replace(LAN, dhcp=None)
    assert make_plan(make.network([dry, DMZ], PORTS, hosts=hosts, resolver=resolver)).resolvers == ()


def test_each_exit_has_a_resolver_whose_own_queries_leave_there_alone() -> None:
    one = IntervalSet.single(int(LAN.subnet[66]))
    home = make.network(
        [LAN, DMZ],
        PORTS,
        uplinks=[make.uplink("wan"), make.tunnel("vpn")],
        routes_out=(make.route_out("one", "zone:lan", one, "uplink:vpn"),),
    )
    plan = make_plan(home)
    vpn = plan.resolvers[1]
    assert (vpn.id, vpn.exit, vpn.upstream_interface) == ("resolver:vpn", "exit:vpn", "wg-vpn")
    assert vpn.port == plan.exits[0].resolver_port
    assert vpn.interfaces == ("eth1",) and vpn.serves


def test_one_reverse_name_an_address_and_it_is_the_hosts_own() -> None:
    home = named(a_example_com="192.168.40.9", files_home_arpa="192.168.40.9", nas_home_arpa="192.168.40.9")
    assert canonical(home) == {"192.168.40.9": "nas.home.arpa"}


def test_an_address_without_a_host_takes_its_plainest_name() -> None:
    home = named(printer_home_arpa="192.168.40.20", the_old_printer_home_arpa="192.168.40.20")
    assert canonical(home) == {"192.168.40.20": "printer.home.arpa"}


def test_addresses_that_are_not_ours_have_no_reverse_name_here() -> None:
    assert canonical(named(vps_example_com="81.2.69.160")) == {}


def test_an_exits_resolver_asks_nobody_who_is_beyond_another_uplink() -> None:
    modem, quad9 = IPv4Address("192.168.1.1"), IPv4Address("9.9.9.9")
    one = IntervalSet.single(int(LAN.subnet[66]))
    home = make.network(
        [LAN, DMZ],
        PORTS,
        uplinks=[make.uplink("wan", modem=modem), make.tunnel("vpn")],
        routes_out=(make.route_out("one", "zone:lan", one, "uplink:vpn"),),
    )
    main, vpn = make_plan(replace(home, resolver=replace(home.resolver, upstreams=(modem, quad9)))).resolvers
    assert main.upstreams == (modem, quad9) and vpn.upstreams == (quad9,)
