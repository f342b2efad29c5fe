from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from bailiwick.network.model import Device, DhcpScope, Host, Leg, Network, Resolver
from bailiwick.plan import make_plan
from bailiwick.plan.model import DhcpServer
from tests.plan import networks as make

LAN = make.zone("lan", 40, dhcp=True)
PORTS = [make.port("eth1", "lan")]
POOLED = IPv4Address("192.168.40.150")


def server(network: Network) -> DhcpServer:
    (found,) = make_plan(network).dhcp
    return found


def host(name: str, address: str, mac: str | None, reserved: bool = True) -> Host:
    return Host(name, f"host:{name}", make.at(70), (Leg("zone:lan", IPv4Address(address), mac, reserved),))


def test_clients_hear_of_the_zones_own_router_and_resolver() -> None:
    found = server(make.network([LAN, make.zone("dmz", 30)], [*PORTS, make.port("eth2", "dmz")]))
    assert (found.id, found.interface, found.router, found.resolver) == ("dhcp:lan", "eth1", LAN.gateway, LAN.gateway)
    assert found.pool == (LAN.subnet[100], LAN.subnet[199])


def test_a_host_that_serves_dns_is_what_clients_hear_of() -> None:
    address = IPv4Address("192.168.40.53")
    resolver = Resolver(make.at(3), "dns", "zone:lan", address, (), {}, 1000, True, ())
    found = server(make.network([LAN], PORTS, hosts=[make.host("dns", "zone:lan", str(address))], resolver=resolver))
    assert found.resolver == address


def test_reservations_inside_the_pool_too_and_by_address() -> None:
    hosts = [
        host("b", str(POOLED), "52:54:00:00:00:02"),
        host("a", "192.168.40.9", "52:54:00:00:00:01"),
        host("unreserved", "192.168.40.10", "52:54:00:00:00:03", reserved=False),
        host("cardless", "192.168.40.11", None),
    ]
    assert [(r.host, str(r.address)) for r in server(make.network([LAN], PORTS, hosts=hosts)).reservations] == [
        ("a", "192.168.40.9"),
        ("b", "192.168.40.150"),
    ]


def test_a_device_that_says_its_card_keeps_its_address() -> None:
    ap = Device("ap", "device:ap", make.at(5), "access-point", "zone:lan", POOLED, "52:54:00:00:00:09", {}, {}, {})
    found = server(replace(make.network([LAN], PORTS), devices={"ap": ap}))
    assert [(r.id, r.mac) for r in found.reservations] == [("reservation:lan:ap", "52:54:00:00:00:09")]


def test_a_zones_option_stands_before_the_homes() -> None:
    scope = DhcpScope(make.at(9), None, 3600, True, {26: ("1400",)})
    home = make.network([replace(LAN, dhcp=scope)], PORTS)
    found = server(replace(home, dhcp_options={26: ("1500",), 2: ("0",)}))
    assert found.options == {2: ("0",), 26: ("1400",)}
    assert found.static_only and found.pool is None
