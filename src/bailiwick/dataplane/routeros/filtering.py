"""The firewall's tables: rules in their order, chains at their hooks.

Hooks and priorities after MikroTik's manual, "Packet Flow in RouterOS": raw, conntrack, mangle, dst-nat, the routing
decision, mangle, filter, src-nat. A built-in chain's end accepts; a chain that nobody fills is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from bailiwick.dataplane.routeros.actions import Place, act, unread
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.dataplane.routeros.matchers import InvalidRule, Surroundings, Tests, match
from bailiwick.dataplane.routeros.words import words
from bailiwick.dataplane.rules import Chain, Hook, Jump, Note, Rule, Step, Table, Target, Translate, Unknown, Whatever

_BASES: Mapping[str, Mapping[str, tuple[str, str, int]]] = {
    "raw": {name: ("filter", name, -300) for name in ("prerouting", "output")},
    "mangle": {
        **{name: ("filter", name, -150) for name in ("prerouting", "input", "forward", "postrouting")},
        "output": ("route", "output", -150),
    },
    "nat": {
        "dstnat": ("nat", "prerouting", -100),
        "output": ("nat", "output", -100),
        "input": ("nat", "input", 100),
        "srcnat": ("nat", "postrouting", 100),
    },
    "filter": {name: ("filter", name, 0) for name in ("input", "forward", "output")},
}
"""Table to its built-in chains: type, hook, priority."""

_RULING = frozenset({"ip/hotspot", "ip/kid-control", "ip/socksify"})
"""Menus whose items add rules to the firewall."""

_NO_TEST = frozenset(
    words("""
    action chain comment disabled numbers log log-prefix jump-target address-list address-list-timeout reject-with
    hw-offload to-addresses to-address to-ports randomise-ports same-not-by-dst socks5-port socks5-server
    socksify-service new-connection-mark new-dscp new-hop-limit new-mss new-packet-mark new-priority new-routing-mark
    new-ttl new-tos passthrough route-dst sniff-id sniff-target sniff-target-port copy-from dynamic static all
    place-before""")
)


def read_table(configuration: Configuration, name: str, around: Surroundings) -> Table:
    """One table of one IP version; its built-in chains are there even when nobody filled them."""
    ip = "ip" if around.version == 4 else "ipv6"
    bases = _BASES[name]
    rows: dict[str, list[Item]] = {base: [] for base in bases}
    for item in configuration.of(f"{ip}/firewall/{name}"):
        configuration.understand(item)
        if "chain" in item.values and "chain" not in item.unsure:
            rows.setdefault(item.get("chain"), []).append(item)
            continue
        configuration.doubt(item, "which chain this rule is in cannot be told")
        for base in bases:
            rows[base].append(item)
    ways = _ways(rows, bases)
    chains: dict[str, Chain] = {}
    for chain, items in rows.items():
        rules = tuple(
            _rule(
                configuration,
                item,
                around,
                Place(name, around.version, ways.get(chain, frozenset()), item is items[-1]),
            )
            for item in items
        )
        if chain in bases:
            rules = (*_own(configuration, name, chain, around.version), *rules)
        hook = Hook(*bases[chain]) if chain in bases else None
        chains[chain] = Chain(chain, rules, hook, items[0].line if items else None)
    for target in _targets(chains):
        chains.setdefault(target, Chain(target, ()))
    return Table("ip" if around.version == 4 else "ip6", name, chains)


def _own(configuration: Configuration, table: str, chain: str, version: int) -> tuple[Rule, ...]:
    """Rules that services of the router add by themselves, before all others: any of them may be there, or none."""
    rules: list[Rule] = []
    opening = [configuration.setting(menu) for menu in ("ip/upnp", "ip/nat-pmp")]
    if version == 4 and chain == "dstnat":
        inside = Target(IPv4Address(0), IPv4Address((1 << 32) - 1), (0, 65535))
        rules.extend(
            Rule((Unknown("a port that a host opened for itself"), Translate("dnat", inside)), item.lines[0])
            for item in opening
            if item.yes("enabled") and item.lines
        )
    if version == 4 and table in ("filter", "nat"):
        rules.extend(
            Rule(unread(Place(table, 4, frozenset(), False), "a rule of the router's own"), lines[0])
            for menu, lines in configuration.active.items()
            if menu in _RULING
        )
        cloud = configuration.setting("ip/cloud")
        if cloud.get("back-to-home-vpn") == "enabled":
            place = Place(table, 4, frozenset(), False)
            rules.append(Rule(unread(place, "a rule of the vendor's VPN"), cloud.lines[0]))
    return tuple(rules)


def _ways(rows: Mapping[str, list[Item]], bases: Mapping[str, tuple[str, str, int]]) -> dict[str, frozenset[str]]:
    """Chain to the built-in chains from which jumps lead there."""
    ways: dict[str, set[str]] = {base: {base} for base in bases}
    waiting = list(bases)
    while waiting:
        chain = waiting.pop()
        for item in rows.get(chain, ()):
            target = item.get("jump-target") if item.get("action") == "jump" else ""
            if target and not ways[chain] <= ways.setdefault(target, set()):
                ways[target] |= ways[chain]
                waiting.append(target)
    return {chain: frozenset(found) for chain, found in ways.items()}


def _targets(chains: Mapping[str, Chain]) -> list[str]:
    return [
        step.chain for chain in chains.values() for rule in chain.rules for step in rule.steps if isinstance(step, Jump)
    ]


def _rule(configuration: Configuration, item: Item, around: Surroundings, place: Place) -> Rule:
    """One rule; what cannot be read of it is a test or a verdict that may be anything, and is in the account."""
    remark = item.get("comment")
    if item.broken:
        return Rule(unread(place, "a rule that could not be read in full"), item.line, remark)
    doubts: list[str] = []
    try:
        steps: list[Step] = [*_tests(item, around, doubts)]
        if item.yes("log"):
            steps.append(Note(f"log {item.get('log-prefix')}".strip()))
        action = item.get("action", "accept")
        acted = act(action, item.values, place, around.marks)
        doubts.append(acted.doubt)
        steps.extend(acted.steps)
        if item.unsure & {"action", "jump-target", "to-addresses", "to-ports", "passthrough"}:
            steps = [*unread(place, "a rule whose action is known to the router alone")]
    except (InvalidRule, ValueError) as error:
        doubts.append(f"RouterOS takes no such rule: {error}")
        steps = [Whatever("a rule that RouterOS would refuse")]
    if item.doubts and not item.unsure:
        steps.insert(0, Unknown("; ".join(item.doubts), True, f"line {item.line.number}"))
    if "chain" not in item.values:
        steps.insert(0, Unknown("whether this rule is in this chain, or anywhere", True, f"line {item.line.number}"))
    for doubt in filter(None, doubts):
        configuration.doubt(item, doubt)
    return Rule(tuple(steps), item.line, remark)


def _tests(item: Item, around: Surroundings, doubts: list[str]) -> Tests:
    tests: Tests = ()
    for name, text in item.values.items():
        if name in item.unsure:
            tests = (*tests, Unknown(f"{name}={text}", True, f"line {item.line.number} {name}"))
            continue
        if name in _NO_TEST:
            continue
        found = match(name, text, item.values, around)
        if found is None:
            doubts.append(f"there is no matcher `{name}`")
            tests = (*tests, Unknown(f"{name}={text}", True, f"{name}={text}"))
            continue
        tests = (*tests, *found.tests)
        doubts.append(found.doubt)
    return tests
