"""Random policy routing for the lab's router: the same as ``ip`` commands and as the common form."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_interface, ip_network
from random import Random

from bailiwick.dataplane.model import Device, Interface, Route, Routing, RoutingRule
from tests.differential.constants import NETWORKS, Address, Constants
from tests.differential.lab import GATEWAYS, QUIET, ZONES

TABLES = ("100", "101")


@dataclass(frozen=True, slots=True)
class Way:
    """``commands`` of ip(8), and what they come to beside the lab's own addresses and default routes."""

    commands: tuple[str, ...]
    routes: tuple[Route, ...]
    rules: tuple[RoutingRule, ...]


def interfaces() -> dict[str, Interface]:
    return {
        zone: Interface(zone, "ethernet", tuple(ip_interface(address) for address in addresses))
        for zone, addresses in ZONES.items()
    }


def device(way: Way) -> Device:
    defaults = tuple(
        Route(ip_network("0.0.0.0/0" if family == 4 else "::/0"), interface="wan", gateway=ip_address(gateway))
        for family, gateway in GATEWAYS.items()
    )
    return Device(
        "router", interfaces=interfaces(), routing=Routing((*defaults, *way.routes), way.rules), settings=QUIET
    )


def ways(random: Random, constants: Constants) -> Way:
    """At least one rule, as the kernel never forgets that there was one (``fib_has_custom_rules``)."""
    commands, routes, rules = list[str](), list[Route](), list[RoutingRule]()
    ip = f"-{constants.family} "
    for table in TABLES:
        for prefix in dict.fromkeys([*random.sample(constants.networks, 2), "default"]):
            kind = random.choice(("unicast", "unicast", "unreachable", "prohibit", "blackhole", "throw"))
            zone = random.choice(list(ZONES))
            whole = "0.0.0.0/0" if constants.family == 4 else "::/0"
            interface = zone if kind == "unicast" else None
            commands.append(
                f"{ip}route add {kind} {prefix} table {table}"
                + (f" via {_near(zone, constants)} dev {zone}" if interface else "")
            )
            gateway = _near(zone, constants) if interface else None
            routes.append(
                Route(ip_network(whole if prefix == "default" else prefix), kind, interface, gateway, table=table)
            )
    if random.random() < 0.3:
        network = random.choice(constants.hosts)
        kind = random.choice(("unreachable", "blackhole", "prohibit"))
        commands.append(f"{ip}route add {kind} {network} metric 5")
        routes.append(Route(ip_network(network), kind, metric=5))
    for number in range(random.randint(1, 4)):
        rule, words = _rule(random, constants, 100 + number)
        rules.append(rule)
        commands.append(f"{ip}rule add pref {100 + number} {words}")
    return Way(tuple(commands), tuple(routes), tuple(rules))


def _near(zone: str, constants: Constants) -> Address:
    """A gateway in the zone. IPv6 has one always: without, a packet of a socket that writes its own header takes a
    private copy of the route, whose prefix is no longer the route's (``ip6_pol_route``, FLOWI_FLAG_KNOWN_NH)."""
    return ip_network(NETWORKS[constants.family][zone])[200]


def _rule(random: Random, constants: Constants, priority: int) -> tuple[RoutingRule, str]:
    source = ip_network(random.choice(constants.networks)) if random.random() < 0.3 else None
    destination = ip_network(random.choice(constants.networks)) if random.random() < 0.2 else None
    iif = random.choice((*ZONES, "lo")) if random.random() < 0.25 else None
    mark = (random.choice(constants.marks), random.choice((0xFFFFFFFF, 0xFF, 0xF))) if random.random() < 0.5 else None
    if mark is not None:
        mark = mark[0] & mark[1], mark[1]
    inverted = random.random() < 0.15 and bool(source or destination or iif or mark)
    action = random.choice(("lookup", "lookup", "lookup", "unreachable", "prohibit", "blackhole"))
    table = random.choice((*TABLES, "main"))
    suppress = random.choice((0, 8, 24)) if action == "lookup" and random.random() < 0.3 else None
    words = ["not"] if inverted else []
    words += [f"from {source}"] if source else (["from all"] if not inverted else [])
    words += [f"to {destination}"] if destination else []
    words += [f"iif {iif}"] if iif else []
    words += [f"fwmark {mark[0]:#x}/{mark[1]:#x}"] if mark else []
    words += [f"lookup {table}" if action == "lookup" else action]
    words += [f"suppress_prefixlength {suppress}"] if suppress is not None else []
    if action != "lookup" and not (source or destination or iif or mark):
        return RoutingRule(priority, "lookup", "main", family=constants.family), "from all lookup main"
    rule = RoutingRule(
        priority,
        action,
        table if action == "lookup" else "main",
        source,
        destination,
        iif,
        mark=mark,
        suppress_prefix=suppress,
        inverted=inverted,
        family=constants.family,
    )
    return rule, " ".join(words)
