"""Address translation: doors in by destination NAT, the way out by masquerade, and the hairpin's both.

``fib daddr type local`` stands for an uplink's changing address, so that a hairpin survives a new lease. Never
``random``: it would break endpoint-independent mapping (RFC 4787 REQ-1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bailiwick.packets.interval import EVERY_ADDRESS, PORT_MAX, IntervalSet
from bailiwick.plan.model import Plan, SourceTranslation, Translation
from bailiwick.targets.linux.nftables.syntax import Element, NamedSet, Rule, quote
from bailiwick.targets.linux.nftables.values import address, addresses, interfaces, number, outside, protocol

_Context = tuple[tuple[str, ...], IntervalSet, IntervalSet | None, IntervalSet]
"""Where from (places), who, to what, and to what not."""

INLINE_MAX = 8
"""Address ranges that stand in the rule itself; more get a named set."""


def prerouting(plan: Plan) -> tuple[list[NamedSet], list[Rule]]:
    """Single ports of one context (where from, who, to what) share one map; a range has a rule of its own.

    Raises ValueError when two translations of one context send the same port to two places.
    """
    contexts = _contexts(plan.translations)
    gateways = IntervalSet.addresses(
        i.address.ip for i in plan.interfaces if i.place and i.place.startswith("zone:") and i.address
    )
    sets: list[NamedSet] = []
    rules: list[Rule] = []
    for index, ((ingresses, sources, destinations, but), members) in enumerate(contexts, 1):
        if not sources or not ingresses or (destinations is not None and not destinations):
            continue
        condition = f"iifname {interfaces(plan.interface_of(place).name for place in ingresses)} "
        source, made = _side("ip saddr", sources, f"nat.from.{index}")
        condition += source
        sets += made
        if destinations is None:
            condition += f"fib daddr type local {outside('ip daddr', gateways | but)}"
        else:
            target, made = _side("ip daddr", destinations - but, f"nat.to.{index}")
            condition += target
            sets += made
        doors, made_rules = _doors(f"nat.doors.{index}", condition, members)
        sets += doors
        rules += made_rules
    return sets, rules


def postrouting(plan: Plan) -> tuple[list[NamedSet], list[Rule]]:
    """Masquerade by way out; a hairpin only what a destination NAT turned back to where it came from."""
    sets: list[NamedSet] = []
    rules: list[Rule] = []
    groups: dict[tuple[bool, IntervalSet], list[SourceTranslation]] = {}
    for one in sorted(plan.masquerades, key=lambda m: m.id):
        groups.setdefault((one.hairpin, one.sources), []).append(one)
    for index, ((hairpin, sources), members) in enumerate(groups.items(), 1):
        if not sources:
            continue
        names = sorted({plan.interface_of(one.egress).name for one in members})
        source, made = _side("ip saddr", sources, f"nat.masquerade.{index}")
        sets += made
        ids = tuple(one.id for one in members)
        if hairpin:
            turned = "{ " + ", ".join(f"{quote(name)} . {quote(name)}" for name in names) + " }"
            rules.append(Rule(f"iifname . oifname {turned} ct status dnat {source}masquerade", ids))
        else:
            rules.append(Rule(f"oifname {interfaces(names)} {source}masquerade", ids))
    return sets, rules


def _contexts(translations: Iterable[Translation]) -> list[tuple[_Context, list[Translation]]]:
    """Translations by context, in the plan's order as far as it decides.

    One joins an earlier context of its kind only when nothing in between could take a packet of its own.
    """
    contexts: list[tuple[_Context, list[Translation]]] = []
    latest: dict[_Context, int] = {}
    claims: dict[tuple[str, int | None], list[tuple[int, tuple[int, int]]]] = {}
    for one in translations:
        key = (tuple(sorted(one.ingresses)), one.sources, one.destinations, one.except_destinations)
        first, last = one.match.ports or (0, PORT_MAX)
        rivals = [claims.setdefault((place, one.match.protocol), []) for place in one.ingresses]
        after = max((at for rival in rivals for at, (a, b) in rival if a <= last and first <= b), default=-1)
        at = latest.get(key, -1)
        if at < after or at < 0:
            at = latest[key] = len(contexts)
            contexts.append((key, []))
        contexts[at][1].append(one)
        for rival in rivals:
            rival.append((at, (first, last)))
    return contexts


def _doors(name: str, condition: str, members: Sequence[Translation]) -> tuple[list[NamedSet], list[Rule]]:
    """One map for what single ports lead to, and rules for ranges and for the router itself."""
    single: dict[tuple[int, int], tuple[str, list[str]]] = {}
    rules: list[Rule] = []
    for one in members:
        if one.match.protocol is None or one.match.ports is None:
            raise ValueError(f"{one.id} translates no protocol and port")
        first, last = one.match.ports
        if one.to_address is None or first != last:
            rules.append(Rule(condition + _range(one), (one.id,)))
            continue
        target = f"{one.to_address} . {one.to_port or first}"
        there, ids = single.setdefault((one.match.protocol, first), (target, []))
        if there != target:
            raise ValueError(f"{one.id} and {ids[0]} send one port to two places")
        ids.append(one.id)
    elements = tuple(
        Element(f"{protocol(number_)} . {port}", tuple(ids), target)
        for (number_, port), (target, ids) in sorted(single.items())
    )
    if not elements:
        return [], rules
    everyone = tuple(sorted({one for element in elements for one in element.ids}))
    doors = NamedSet(name, "inet_proto . inet_service", elements, data="ipv4_addr . inet_service")
    lookup = f"meta l4proto {{ tcp, udp }} dnat ip to meta l4proto . th dport map @{name}"
    return [doors], [Rule(condition + lookup, everyone), *rules]


def _range(one: Translation) -> str:
    """A range keeps its ports, or each port is mapped by itself: nft has no shift, it would pick any free one."""
    first, last = one.match.ports or (0, 0)
    word = protocol(one.match.protocol or 0)
    match = f"{word} dport {number((first, last))} "
    shift = (one.to_port or first) - first
    verb = "redirect" if one.to_address is None else f"dnat ip to {one.to_address}"
    if not shift:
        return f"{match}{verb}"
    if first == last:
        return f"{match}{verb} to :{first + shift}" if one.to_address is None else f"{match}{verb}:{first + shift}"
    ports = ", ".join(f"{port} : {port + shift}" for port in range(first, last + 1))
    joint = " to :" if one.to_address is None else " : "
    return f"{match}{verb}{joint}{word} dport map {{ {ports} }}"


def _side(field: str, members: IntervalSet, name: str) -> tuple[str, Iterable[NamedSet]]:
    """A condition and the set that it asks. Ranges are never an anonymous set: what it misses for a moment while it
    is new (see ``values.outside``) would leave untranslated, or go by the forced resolver."""
    absent = EVERY_ADDRESS - members
    if not absent:
        return "", []
    if len(absent.spans) < len(members.spans) and len(absent.spans) <= INLINE_MAX:
        return outside(field, absent), []
    singles = all(first == last for first, last in members.spans)
    if len(members.spans) == 1 or (singles and len(members.spans) <= INLINE_MAX):
        return f"{field} {addresses(members)} ", []
    elements = tuple(Element(address(span)) for span in members.spans)
    return f"{field} @{name} ", [NamedSet(name, "ipv4_addr", elements, interval=True)]
