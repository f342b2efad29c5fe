"""Hand-made plans, small enough to know by heart."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Interface

from bailiwick.language.span import Span
from bailiwick.network.model import Match
from bailiwick.network.special import SPECIAL
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.plan.model import (
    Clamp,
    Exit,
    Flow,
    Hook,
    Hygiene,
    Interface,
    LinkKind,
    Plan,
    SourceTranslation,
    Translation,
)

SPANS: tuple[Span, ...] = ()
ANY = Match()
INSIDE = IntervalSet.of([(int(IPv4Address("192.168.10.0")), int(IPv4Address("192.168.13.255")))])
GATEWAYS = {"lan": "192.168.10.1/24", "dmz": "192.168.11.1/24", "guest": "192.168.12.1/24"}
MODEM = IntervalSet.addresses([IPv4Address("192.0.2.1")])
WAN_NET = IntervalSet.of([(int(IPv4Address("198.51.100.0")), int(IPv4Address("198.51.100.255")))])


def tcp(first: int, last: int | None = None) -> Match:
    return Match(TCP, (first, last or first))


def udp(first: int, last: int | None = None) -> Match:
    return Match(UDP, (first, last or first))


def ping() -> Match:
    return Match(ICMP, icmp_type=8)


def hosts(*addresses: str) -> IntervalSet:
    return IntervalSet.addresses(IPv4Address(address) for address in addresses)


def zone(name: str) -> IntervalSet:
    return IntervalSet.networks([IPv4Interface(GATEWAYS[name]).network])


def flow(
    name: str,
    ingress: str | None,
    egress: str | None,
    matches: Iterable[Match] = (ANY,),
    *sides: IntervalSet,
    log: bool = False,
    translated: bool = False,
) -> Flow:
    hook = Hook.INPUT if egress is None else Hook.OUTPUT if ingress is None else Hook.FORWARD

    def addresses(place: str | None) -> IntervalSet:
        return (
            zone(place.split(":")[1])
            if place and place.startswith("zone:") and hook is not Hook.OUTPUT
            else EVERY_ADDRESS
        )

    sources, destinations = sides or (addresses(ingress), addresses(egress))
    return Flow(
        name,
        SPANS,
        hook,
        ingress,
        egress,
        sources,
        destinations,
        tuple(matches),
        name,
        log,
        translated,
    )


def interfaces() -> tuple[Interface, ...]:
    zones = tuple(
        Interface(f"interface:{name}", name, LinkKind.ETHERNET, SPANS, f"zone:{name}", address=IPv4Interface(address))
        for name, address in GATEWAYS.items()
    )
    wan = Interface("interface:wan0", "wan0", LinkKind.ETHERNET, SPANS, "uplink:wan", dhcp=True, mtu=1500)
    tunnel = Interface(
        "interface:wg-ivpn",
        "wg-ivpn",
        LinkKind.TUNNEL,
        SPANS,
        "uplink:ivpn",
        address=IPv4Interface("172.24.18.6/32"),
        mtu=1420,
    )
    return (*zones, wan, tunnel)


PUBLIC = EVERY_ADDRESS - SPECIAL - INSIDE
TORRENT = hosts("192.168.10.66")

OUTPUT = tuple(
    flow(f"router->{place}", None, place)
    for place in ("zone:lan", "zone:dmz", "zone:guest", "uplink:wan", "uplink:ivpn")
)

FLOWS = (
    flow("policy:lan->dmz:any", "zone:lan", "zone:dmz"),
    flow("policy:lan->internet:web", "zone:lan", "uplink:wan", [tcp(80), tcp(443), udp(443)], zone("lan"), PUBLIC),
    flow("policy:lan->internet:icmp", "zone:lan", "uplink:wan", [Match(ICMP)], zone("lan"), PUBLIC),
    flow("policy:laptop->modem:http", "zone:lan", "uplink:wan", [tcp(80)], hosts("192.168.10.20"), MODEM),
    flow("policy:guest->internet:any", "zone:guest", "uplink:wan", [ANY], zone("guest"), PUBLIC, log=True),
    flow(
        "policy:dmz->lan:cloud-app", "zone:dmz", "zone:lan", [tcp(44311)], hosts("192.168.11.5"), hosts("192.168.10.5")
    ),
    flow("policy:torrent->internet:any", "zone:lan", "uplink:ivpn", [ANY], TORRENT, PUBLIC),
    flow("policy:lan->router:ssh", "zone:lan", None, [tcp(22), ping()], zone("lan"), EVERY_ADDRESS),
    flow(
        "dhcp:lan",
        "zone:lan",
        None,
        [udp(67)],
        zone("lan") | hosts("0.0.0.0"),
        hosts("192.168.10.1", "255.255.255.255"),
    ),
    flow("dns:lan", "zone:lan", None, [udp(53), tcp(53)], zone("lan"), hosts("192.168.10.1")),
    flow("dns:guest:forced", "zone:guest", None, [udp(5301)], zone("guest"), hosts("192.168.12.1"), translated=True),
    flow("forward:web", "uplink:wan", "zone:dmz", [tcp(443)], PUBLIC, hosts("192.168.11.5"), translated=True),
    flow("hairpin:web:dmz", "zone:dmz", "zone:dmz", [tcp(443)], zone("dmz"), hosts("192.168.11.5"), translated=True),
    *OUTPUT,
)

TRANSLATIONS = (
    Translation(
        "forward:web", SPANS, ("uplink:wan",), EVERY_ADDRESS, None, tcp(443), IPv4Address("192.168.11.5"), None
    ),
    Translation(
        "forward:games", SPANS, ("uplink:wan",), EVERY_ADDRESS, None, udp(6000, 6003), IPv4Address("192.168.11.6"), 7000
    ),
    Translation(
        "hairpin:web", SPANS, ("zone:lan", "zone:dmz"), EVERY_ADDRESS, None, tcp(443), IPv4Address("192.168.11.5"), None
    ),
    Translation("dns:guest:forced", SPANS, ("zone:guest",), zone("guest"), EVERY_ADDRESS, udp(53), None, 5301),
)


def plan(
    flows: Iterable[Flow] = FLOWS,
    translations: Iterable[Translation] = TRANSLATIONS,
    rejects: tuple[str, ...] = ("zone:lan",),
) -> Plan:
    bogons = SPECIAL | INSIDE
    return Plan(
        name="small",
        router="gate",
        platform="debian-12",
        timezone="UTC",
        domain="home.arpa",
        interfaces=interfaces(),
        exits=(Exit("exit:ivpn", SPANS, "uplink:ivpn", "wg-ivpn", 201, TORRENT, 5301),),
        returns=(),
        flows=tuple(flows),
        translations=tuple(translations),
        masquerades=(
            SourceTranslation("masquerade:wan", SPANS, "uplink:wan", EVERY_ADDRESS),
            SourceTranslation("masquerade:ivpn", SPANS, "uplink:ivpn", EVERY_ADDRESS),
            SourceTranslation("hairpin:dmz", SPANS, "zone:dmz", zone("dmz"), hairpin=True),
        ),
        hygiene=Hygiene(
            bogons={"uplink:wan": bogons - MODEM, "uplink:ivpn": bogons},
            martians={"uplink:wan": bogons - MODEM, "uplink:ivpn": bogons},
            anti_spoof=("zone:lan", "zone:dmz", "zone:guest"),
        ),
        clamps=(Clamp("clamp:ivpn", "uplink:ivpn"),),
        rejects=rejects,
        dhcp=(),
        resolvers=(),
        settings=(),
        sheets=(),
        home_subnets=tuple(IPv4Interface(address).network for address in GATEWAYS.values()),
    )
