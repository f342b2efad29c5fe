"""What is dropped whatever the permissions say: lies about the source, and addresses that lead nowhere.

RFC 2827 and RFC 3704 ask that no zone speaks with another's addresses; RFC 6890 lists the networks that never
stand on the public internet; RFC 5095 forbids routing header 0, which Linux forwards.
"""

from __future__ import annotations

from bailiwick.network.model import Match
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import UDP
from bailiwick.plan.model import Flow, Hook, Plan
from bailiwick.targets.linux.nftables.syntax import Chain, Element, Heading, NamedSet, Rule, quote
from bailiwick.targets.linux.nftables.values import address, addresses, broadcasts, interfaces

DHCP_ASK = Match(UDP, (67, 67))
NOBODY = 0
"""0.0.0.0, the source of a DHCP client that has no address yet (RFC 2131 §4.1)."""

BROADCASTS = "zones.broadcasts"

Rules = list[Rule | Heading]


def address_sets(plan: Plan) -> list[NamedSet]:
    """One set of bogons and one of martians for each uplink, and one of sources for each exit."""
    sets: list[NamedSet] = []
    for word, per_place in (("bogons", plan.hygiene.bogons), ("martians", plan.hygiene.martians)):
        for place, members in sorted(per_place.items()):
            if members:
                sets += [_networks(f"{word}.{_label(place)}.networks", members)]
                sets += [_addresses(f"{word}.{_label(place)}", members)]
    for one in sorted(plan.exits, key=lambda exit_: exit_.id):
        if one.sources:
            sets.append(_addresses(f"exit.{_label(one.id)}", one.sources))
    if everybodys := _broadcasts(plan):
        sets.append(
            NamedSet(BROADCASTS, "ipv4_addr", tuple(Element(one) for one in everybodys), remark="nobody's source")
        )
    if clients := _dhcp_clients(plan):
        keys = [
            Element(f"{quote(plan.interface_of(flow.ingress or '').name)} . {address(span)}", (flow.id,))
            for flow in clients
            for span in flow.destinations.spans
        ]
        ranges = any(first != last for flow in clients for first, last in flow.destinations.spans)
        remark = "where a DHCP client without an address may ask"
        sets.append(NamedSet("dhcp.servers", "ifname . ipv4_addr", tuple(keys), interval=ranges, remark=remark))
    return sets


def exit_guard(plan: Plan) -> Rules:
    """Before even the established: when an exit goes down, its connections do not move to another uplink."""
    rules: Rules = []
    for one in sorted(plan.exits, key=lambda exit_: exit_.id):
        others = [i.name for i in plan.interfaces if _is_uplink(i.place) and i.place != one.uplink]
        if one.sources and others:
            rules.append(Rule(f"oifname {interfaces(others)} ip saddr @exit.{_label(one.id)} drop", (one.id,)))
    return rules


def exit_resolver_guard(plan: Plan) -> Rules:
    """The router's own packets for an exit, its resolver's queries above all, leave by that exit or not at all."""
    rules: Rules = []
    for one in sorted(plan.exits, key=lambda exit_: exit_.id):
        others = [i.name for i in plan.interfaces if _is_uplink(i.place) and i.place != one.uplink]
        if not others:
            continue
        by_other = f"oifname {interfaces(others)}"
        own = plan.interface_of(one.uplink).address
        if own is not None:
            rules.append(Rule(f"{by_other} ip saddr {own.ip} drop", (one.id,)))
        for resolver in plan.resolvers:
            shared = {upstream for r in plan.resolvers if r.exit != one.id for upstream in r.upstreams}
            asked = IntervalSet.addresses(set(resolver.upstreams) - shared)
            if resolver.exit == one.id and asked:
                lookup = f"meta l4proto {{ tcp, udp }} th dport 53 ip daddr {addresses(asked)}"
                rules.append(Rule(f"{by_other} {lookup} drop", (resolver.id,)))
    return rules


def sources(plan: Plan, hook: Hook) -> Rules:
    """Who may say to be whom, before the permissions of the input and forward hooks.

    On the forward hook a zone's sources are told by each permission itself (``sides``): see ``forged``.
    """
    rules: Rules = [Heading("who may say to be whom")]
    if hook is Hook.INPUT:
        if clients := _dhcp_clients(plan):
            ids = tuple(flow.id for flow in clients)
            rules.append(Rule("ip saddr 0.0.0.0 udp dport 67 iifname . ip daddr @dhcp.servers accept", ids))
        if plan.hygiene.anti_spoof:
            # fib lets 0.0.0.0/8 pass towards a broadcast address (net/ipv4/netfilter/nft_fib_ipv4.c).
            rules.append(Rule("ip saddr 0.0.0.0/8 drop", ("hygiene:anti-spoof",)))
        rules += _forged(plan)
    for place, members in sorted(plan.hygiene.bogons.items()):
        if members:
            where = quote(plan.interface_of(place).name)
            rules.append(
                Rule(
                    f"iifname {where} {_among('ip saddr', f'bogons.{_label(place)}')} drop",
                    (f"hygiene:bogons:{place}",),
                )
            )
    return rules


def forged(plan: Plan) -> Rules:
    """Who says to be somebody else, after the permissions of the forward hook and before the refusals.

    None of those permissions holds for a forged source. It costs a permitted packet nothing that the route back is
    looked up here, and here it must be: nobody's packets are answered to somebody else.
    """
    rules = _forged(plan)
    return [Heading("who is not who he says gets no answer"), *rules] if rules else []


def destinations(plan: Plan, hook: Hook) -> Rules:
    """What leads nowhere beyond an uplink, on the forward and output hooks."""
    rules: Rules = [Heading("what leads nowhere")]
    for place, members in sorted(plan.hygiene.martians.items()):
        interface = plan.interface_of(place)
        where = quote(interface.name)
        if hook is Hook.OUTPUT and place in plan.hygiene.dhcp_clients:
            rules.append(Rule(f"oifname {where} udp sport 68 udp dport 67 accept", (f"hygiene:dhcp-client:{place}",)))
        if members:
            ids = (f"hygiene:martians:{place}",)
            rules.append(Rule(f"oifname {where} {_among('ip daddr', f'martians.{_label(place)}')} drop", ids))
    return rules


def ipv6() -> Chain:
    """Off means off: neither forwarded, nor taken in, nor sent (loopback excepted). Routing header 0 goes first."""
    rules = (Rule("rt type 0 drop", ("hygiene:rh0",)), Rule("drop", ("hygiene:ipv6",)))
    return Chain("hygiene.ipv6", rules, remark="off means off")


IPV6 = Rule("meta nfproto ipv6 goto hygiene.ipv6", ("hygiene:ipv6",))
"""One comparison for what is IPv4."""


def _forged(plan: Plan) -> Rules:
    zones = {plan.interface_of(place).name for place in plan.hygiene.anti_spoof}
    if not zones:
        return []
    rules: Rules = []
    if _broadcasts(plan):
        # fib finds a way back to a subnet's broadcast address too: only a local route is no answer there.
        rules.append(Rule(f"ip saddr @{BROADCASTS} drop", ("hygiene:anti-spoof",)))
    rules.append(Rule(f"{_inside(plan, zones)} fib saddr . iif oif missing drop", ("hygiene:anti-spoof",)))
    return rules


def _inside(plan: Plan, zones: set[str]) -> str:
    """The zones' interfaces; told by what they are not where that is one comparison and no lookup.

    An interface that stands for nothing is held to the same, and refused later in any case.
    """
    others = [i.name for i in plan.interfaces if i.place is not None and i.name not in zones]
    return f"iifname != {quote(others[0])}" if len(others) == 1 < len(zones) else f"iifname {interfaces(zones)}"


def _broadcasts(plan: Plan) -> list[str]:
    return [str(one) for one in broadcasts(plan.home_subnets)]


def _dhcp_clients(plan: Plan) -> list[Flow]:
    return [
        flow
        for flow in sorted(plan.flows, key=lambda flow: flow.id)
        if flow.hook is Hook.INPUT
        and flow.ingress
        and NOBODY in flow.sources
        and DHCP_ASK in flow.matches
        and flow.ingress in plan.hygiene.anti_spoof
    ]


def _addresses(name: str, members: IntervalSet) -> NamedSet:
    return NamedSet(name, "ipv4_addr", tuple(Element(address(span)) for span in members.spans), interval=True)


def _networks(name: str, members: IntervalSet) -> NamedSet:
    """The first octets that the addresses have: a hash that tells most packets in one look that they are none."""
    octets = sorted({octet for first, last in members.spans for octet in range(first >> 24, (last >> 24) + 1)})
    return NamedSet(name, "ipv4_addr", tuple(Element(f"{octet}.0.0.0") for octet in octets))


def _among(field: str, name: str) -> str:
    return f"{field} & 255.0.0.0 @{name}.networks {field} @{name}"


def _is_uplink(place: str | None) -> bool:
    return place is not None and place.startswith("uplink:")


def _label(name: str) -> str:
    return name.split(":", 1)[1]
