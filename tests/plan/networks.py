"""Small networks, made by hand, for the passes' own tests."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from bailiwick.language import Span
from bailiwick.network.model import (
    Addressing,
    Device,
    DhcpScope,
    Extent,
    Forward,
    Host,
    Leg,
    Match,
    Network,
    Party,
    Permission,
    Resolver,
    RouteOut,
    Router,
    RouterPort,
    Uplink,
    Zone,
)
from bailiwick.network.special import PUBLIC
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet

HTTPS = Match(6, ports=(443, 443))
ANY = Match()


def at(line: int) -> Span:
    return Span("home.yaml", line, 1, line, 2)


def zone(name: str, octet: int, *, vlan: bool = True, dhcp: bool = False, **more: object) -> Zone:
    subnet = IPv4Network(f"192.168.{octet}.0/24")
    scope = DhcpScope(at(octet), (subnet[100], subnet[199]), 43200, False) if dhcp else None
    facts = {"isolate": False, "domain": "home.arpa", "reject": False, "force_dns": False, **more}
    return Zone(name, f"zone:{name}", at(octet), subnet, subnet[1], octet if vlan else None, scope, **facts)  # type: ignore[arg-type]


def uplink(name: str, addressing: Addressing = Addressing.DHCP, **more: object) -> Uplink:
    facts = {"port": "eth0", **more}
    return Uplink(name, f"uplink:{name}", at(90), addressing, **facts)  # type: ignore[arg-type]


def tunnel(name: str) -> Uplink:
    return uplink(name, Addressing.TUNNEL, port=f"wg-{name}", address=IPv4Interface("172.24.18.6/32"), mtu=1420)


def host(name: str, place: str, address: str, **more: object) -> Host:
    return Host(name, f"host:{name}", at(70), (Leg(place, IPv4Address(address), None, False),), **more)  # type: ignore[arg-type]


def port(name: str, untagged: str | None, *tagged: str) -> RouterPort:
    return RouterPort(name, at(60), untagged, tagged)


def party(place: str, addresses: IntervalSet) -> Party:
    return Party(place, (Extent(place, addresses),))


def subnet(zone_: Zone) -> Party:
    return party(zone_.id, IntervalSet.networks((zone_.subnet,)))


INTERNET = party("internet", PUBLIC)
ROUTER = party("router", EVERY_ADDRESS)


def permission(source: Party, target: Party, *matches: Match, **more: object) -> Permission:
    words = f"{source.text}->{target.text}:{len(matches)}"
    return Permission(f"policy:{words}", at(80), source, target, matches, **more)  # type: ignore[arg-type]


def forward(name: str, place: str, address: str, match: Match = HTTPS, to_port: int | None = None) -> Forward:
    return Forward(
        name,
        f"forward:{name}",
        at(85),
        ("uplink:wan",),
        EVERY_ADDRESS,
        (match,),
        "web",
        place,
        IPv4Address(address),
        to_port,
    )


def route_out(name: str, place: str, addresses: IntervalSet, uplink_: str) -> RouteOut:
    return RouteOut(f"route-out:{name}", at(88), name, uplink_, (Extent(place, addresses),))


def network(
    zones: Iterable[Zone],
    ports: Iterable[RouterPort],
    *,
    uplinks: Iterable[Uplink] = (),
    hosts: Iterable[Host] = (),
    devices: Iterable[Device] = (),
    resolver: Resolver | None = None,
    policy: tuple[Permission, ...] = (),
    forwards: tuple[Forward, ...] = (),
    routes_out: tuple[RouteOut, ...] = (),
) -> Network:
    quad9 = (IPv4Address("9.9.9.9"),)
    return Network(
        name="home",
        domain="home.arpa",
        timezone="UTC",
        span=at(1),
        router=Router("gate", "host:gate", at(2), "debian-13", tuple(ports)),
        uplinks={u.name: u for u in (tuple(uplinks) or (uplink("wan"),))},
        zones={z.name: z for z in zones},
        hosts={h.name: h for h in hosts},
        devices={d.name: d for d in devices},
        policy=policy,
        forwards=forwards,
        routes_out=routes_out,
        resolver=resolver or Resolver(at(3), None, "router", None, quad9, {}, 1000, True, ()),
        ntp=(),
        dhcp_options={},
        deny=(),
        accept=(),
    )
