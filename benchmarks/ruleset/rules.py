"""The same permissions in every form that is compared: N of them, spread over eight zones and the uplink."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface

from bailiwick.network.model import Match
from bailiwick.network.special import SPECIAL
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from bailiwick.packets.packet import UDP
from bailiwick.plan.model import Flow, Hook, Hygiene, Interface, LinkKind, Plan, SourceTranslation
from bailiwick.targets.linux.nftables import firewall
from benchmarks.ruleset.lab import CLIENT, MARTIAN, OUTSIDE, PERMITTED, SERVER

ZONES = 8


@dataclass(frozen=True, slots=True)
class Permit:
    ingress: str
    egress: str
    source: str
    destination: str
    port: int


def permits(number: int) -> list[Permit]:
    """Host to host and port, the measured one in the middle."""
    out = []
    for index in range(number):
        a, turn = index % ZONES, index // ZONES
        b = turn % ZONES
        egress, destination = (
            (OUTSIDE, f"9.8.{turn // 200 % 200}.{10 + turn % 200}")
            if a == b
            else (f"zone{b}", f"10.20.{b}.{10 + index % 200}")
        )
        out.append(Permit(f"zone{a}", egress, f"10.20.{a}.{11 + turn % 200}", destination, 8000 + index))
    out[number // 2] = Permit("zone0", OUTSIDE, CLIENT, SERVER, PERMITTED)
    return out


def _by_pair(number: int) -> dict[tuple[str, str], list[Permit]]:
    pairs: dict[tuple[str, str], list[Permit]] = {}
    for one in permits(number):
        pairs.setdefault((one.ingress, one.egress), []).append(one)
    return pairs


def rendered(number: int, *, hygiene: bool) -> str:
    """The product's own rule set, from a plan."""
    return firewall(plan_of(number, hygiene=hygiene))[0].text


def with_a_martian(plan: Plan) -> Plan:
    """The measured permission widened to an address to which hygiene lets nothing go: a set alone stops it."""
    flows = tuple(
        replace(flow, destinations=flow.destinations | IntervalSet.addresses([IPv4Address(MARTIAN)]))
        if flow.matches == (Match(UDP, (PERMITTED, PERMITTED)),)
        else flow
        for flow in plan.flows
    )
    return replace(plan, flows=flows)


FLOOR = f"""
	chain postrouting {{
		type nat hook postrouting priority srcnat; policy accept;
		oifname "{OUTSIDE}" masquerade
	}}
"""
_TRACKED = """
	chain forward {
		type filter hook forward priority filter; policy %s;
		ct state established,related accept
		ct state invalid drop
		%s
	}
"""


def conntrack() -> str:
    return f"table inet peer {{{_TRACKED % ('accept', '')}}}\n"


def floor() -> str:
    """Conntrack and masquerade without a rule: what a stateful router cannot do without."""
    return f"table inet peer {{{_TRACKED % ('accept', '')}{FLOOR}}}\n"


def reference(number: int) -> str:
    """What a careful person writes: a verdict map on the pair of interfaces, then one set of the pair's permissions."""
    sets, chains, keys = "", "", []
    for (a, b), members in _by_pair(number).items():
        elements = ", ".join(f"{p.source} . {p.destination} . udp . {p.port}" for p in members)
        kind = "type ipv4_addr . ipv4_addr . inet_proto . inet_service"
        sets += f"\tset s_{a}_{b} {{\n\t\t{kind}\n\t\telements = {{ {elements} }}\n\t}}\n"
        lookup = f"ip saddr . ip daddr . meta l4proto . th dport @s_{a}_{b} accept"
        chains += f"\tchain c_{a}_{b} {{\n\t\t{lookup}\n\t}}\n"
        keys.append(f'"{a}" . "{b}" : jump c_{a}_{b}')
    dispatch = f"iifname . oifname vmap {{ {', '.join(keys)} }}"
    return f"table inet peer {{\n{sets}{chains}{_TRACKED % ('drop', dispatch)}{FLOOR}}}\n"


def linear(number: int) -> str:
    """One rule for each permission, conntrack first."""
    rules = "\n\t\t".join(
        f'iifname "{p.ingress}" oifname "{p.egress}" '
        f"ip saddr {p.source} ip daddr {p.destination} udp dport {p.port} accept"
        for p in permits(number)
    )
    return f"table inet peer {{{_TRACKED % ('drop', rules)}{FLOOR}}}\n"


def ferm(number: int) -> str:
    """As its manual would have it: a chain for each pair."""
    chains = "\n".join(
        f'interface {a} outerface {b} @subchain "{a}-{b}" {{\n'
        + "\n".join(f"saddr {p.source} daddr {p.destination} proto udp dport {p.port} ACCEPT;" for p in members)
        + "\n}"
        for (a, b), members in _by_pair(number).items()
    )
    return (
        "domain ip table filter chain FORWARD { policy DROP; mod state state (ESTABLISHED RELATED) ACCEPT;\n"
        f"mod state state INVALID DROP;\n{chains}\n}}\n"
        f"domain ip table nat chain POSTROUTING outerface {OUTSIDE} MASQUERADE;\n"
    )


def shorewall(number: int) -> dict[str, str]:
    """The files of a configuration, by name."""
    zones = [f"zone{index}" for index in range(ZONES)]
    place = {**{zone: zone.replace("zone", "z") for zone in zones}, OUTSIDE: "wan"}
    rules = "\n".join(
        f"ACCEPT {place[p.ingress]}:{p.source} {place[p.egress]}:{p.destination} udp {p.port}" for p in permits(number)
    )
    return {
        "zones": "fw firewall\n" + "".join(f"{word} ipv4\n" for word in place.values()),
        "interfaces": "?FORMAT 2\n" + "".join(f"{word} {interface}\n" for interface, word in place.items()),
        "policy": "all all DROP\n",
        "rules": f"?SECTION NEW\n{rules}\n",
        "snat": f"MASQUERADE 10.20.0.0/16 {OUTSIDE}\n",
    }


def plan_of(number: int, *, hygiene: bool) -> Plan:
    """Policy and masquerade alone, or with anti-spoofing, bogons and martians."""
    permitted = permits(number)
    places = {**{f"zone{index}": f"zone:zone{index}" for index in range(ZONES)}, OUTSIDE: "uplink:wan"}
    interfaces = tuple(
        Interface(
            f"interface:{name}",
            name,
            LinkKind.ETHERNET,
            (),
            place,
            address=IPv4Interface(f"10.20.{name.removeprefix('zone')}.1/24") if name != OUTSIDE else None,
        )
        for name, place in places.items()
    )
    flows = tuple(
        Flow(
            f"flow:policy:{p.source}->{p.destination}:udp/{p.port}",
            (),
            Hook.FORWARD,
            places[p.ingress],
            places[p.egress],
            IntervalSet.addresses([IPv4Address(p.source)]),
            IntervalSet.addresses([IPv4Address(p.destination)]),
            (Match(UDP, (p.port, p.port)),),
            "policy",
        )
        for p in permitted
    )
    return Plan(
        name="bench",
        router="gate",
        platform="debian-12",
        timezone="UTC",
        domain="home.arpa",
        interfaces=interfaces,
        exits=(),
        returns=(),
        flows=flows,
        translations=(),
        masquerades=(SourceTranslation("masquerade:wan", (), "uplink:wan", EVERY_ADDRESS),),
        hygiene=Hygiene(
            bogons={"uplink:wan": SPECIAL} if hygiene else {},
            martians={"uplink:wan": SPECIAL} if hygiene else {},
            anti_spoof=tuple(place for place in places.values() if place.startswith("zone:")) if hygiene else (),
        ),
        clamps=(),
        rejects=(),
        dhcp=(),
        resolvers=(),
        settings=(),
        sheets=(),
        home_subnets=tuple(i.address.network for i in interfaces if i.address) if hygiene else (),
    )
