"""A hand-made plan with one interface of every kind that a kernel without 802.1Q and PPPoE can hold."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from bailiwick.language.span import Span
from bailiwick.packets.interval import IntervalSet
from bailiwick.plan.model import (
    DhcpServer,
    Exit,
    Hygiene,
    Interface,
    LinkKind,
    Plan,
    Record,
    Reservation,
    ResolverInstance,
    Setting,
    Sheet,
)

AT = (Span("home.yaml", 7, 3, 7, 9),)
LAN, IOT = IPv4Network("192.168.10.0/24"), IPv4Network("198.18.50.0/24")


def address(text: str) -> IPv4Address:
    return IPv4Address(text)


def hosts(*texts: str) -> IntervalSet:
    return IntervalSet.addresses(map(address, texts))


def interface(name: str, kind: LinkKind, place: str | None = None, **more: object) -> Interface:
    return Interface(f"interface:{name}", name, kind, AT, place, **more)  # type: ignore[arg-type]


INTERFACES = (
    interface("eth1", LinkKind.ETHERNET),
    interface("eth2", LinkKind.ETHERNET, mac="52:54:00:00:00:02", path="pci-0000:02:00.0"),
    interface(
        "lan",
        LinkKind.BRIDGE,
        "zone:lan",
        members=("eth1", "eth2"),
        isolate=True,
        address=IPv4Interface("192.168.10.1/24"),
    ),
    interface("eth3.50", LinkKind.ETHERNET, "zone:iot", address=IPv4Interface("198.18.50.1/24"), mtu=1400),
    interface("wan0", LinkKind.ETHERNET, "uplink:wan", dhcp=True, metric=100),
    interface(
        "wan1",
        LinkKind.ETHERNET,
        "uplink:lte",
        address=IPv4Interface("203.0.113.2/30"),
        gateway=address("203.0.113.1"),
        metric=200,
    ),
    interface(
        "ppp-dsl", LinkKind.PPP, "uplink:dsl", parent="eth4", metric=300, mtu=1492, ppp_user="me@isp", ppp_secret="dsl"
    ),
    interface("eth4", LinkKind.ETHERNET),
    interface("wg-ivpn", LinkKind.TUNNEL, "uplink:ivpn", address=IPv4Interface("172.24.18.6/32"), mtu=1420),
)

EXITS = (
    Exit("exit:ivpn", AT, "uplink:ivpn", "wg-ivpn", 21164, hosts("192.168.10.66", "192.168.10.67"), 21164),
    Exit("exit:wan", AT, "uplink:wan", "wan0", 22000, hosts("198.18.50.20"), 22000),
)

RESERVATION = Reservation("reservation:lan:cloud", "cloud", "52:54:00:aa:00:05", address("192.168.10.5"), AT)

DHCP = (
    DhcpServer(
        id="dhcp:lan",
        spans=AT,
        place="zone:lan",
        interface="lan",
        subnet=LAN,
        pool=(address("192.168.10.100"), address("192.168.10.199")),
        lease=7200,
        router=address("192.168.10.1"),
        resolver=address("192.168.10.1"),
        domain="lan.home.arpa",
        ntp=(address("192.168.10.9"),),
        options={26: ("1400",), 119: ("lan.home.arpa", "home.arpa")},
        reservations=(RESERVATION,),
        static_only=False,
    ),
    DhcpServer(
        id="dhcp:iot",
        spans=AT,
        place="zone:iot",
        interface="eth3.50",
        subnet=IOT,
        pool=None,
        lease=3600,
        router=address("198.18.50.1"),
        resolver=address("198.18.50.1"),
        domain="home.arpa",
        ntp=(),
        options={},
        reservations=(),
        static_only=True,
    ),
)

RECORDS = (
    Record("files.home.arpa", address("192.168.10.5"), False, AT),
    Record("cloud.lan.home.arpa", address("192.168.10.5"), True, AT),
    Record("api.example.com", address("192.168.10.5"), False, AT),
)


def resolver(name: str, **more: object) -> ResolverInstance:
    fields: dict[str, object] = {
        "id": f"resolver:{name}",
        "spans": AT,
        "exit": None,
        "port": 53,
        "interfaces": ("lan", "eth3.50"),
        "addresses": (address("192.168.10.1"), address("198.18.50.1")),
        "upstreams": (address("203.0.113.53"),),
        "upstream_interface": None,
        "domain": "home.arpa",
        "zone_domains": (("lan.home.arpa", LAN),),
        "records": RECORDS,
        "cache": 500,
        "rebind_protection": True,
        "rebind_ok": ("vpn.example",),
        **more,
    }
    return ResolverInstance(**fields)  # type: ignore[arg-type]


RESOLVERS = (
    resolver("main"),
    resolver(
        "ivpn",
        exit="exit:ivpn",
        port=21164,
        interfaces=("lan",),
        addresses=(address("192.168.10.1"),),
        upstream_interface="wg-ivpn",
    ),
)

SETTINGS = (
    Setting("net/ipv4/ip_forward", "1", "this machine is a router"),
    Setting("net/ipv4/conf/all/rp_filter", "0", "the firewall checks sources"),
    Setting("net/ipv4/conf/eth3.50/rp_filter", "0", "the firewall checks sources"),
    Setting("net/ipv4/conf/absent9/rp_filter", "0", "the firewall checks sources"),
    Setting("net/netfilter/nf_conntrack_udp_timeout", "120", "two minutes at least"),
    Setting("net/bridge/bridge-nf-call-iptables", "0", "a bridge is not routed", optional=True),
)

SHEETS = (Sheet("sheet:ap", "ap", "access-point", AT, ("Port 1: untagged lan.",)),)

PLAN = Plan(
    name="test",
    router="gate",
    platform="debian-12",
    timezone="Europe/Paris",
    domain="home.arpa",
    interfaces=INTERFACES,
    exits=EXITS,
    returns=(),
    flows=(),
    translations=(),
    masquerades=(),
    hygiene=Hygiene({}, {}, ()),
    clamps=(),
    rejects=(),
    dhcp=DHCP,
    resolvers=RESOLVERS,
    settings=SETTINGS,
    sheets=SHEETS,
    home_subnets=(LAN, IOT),
)
