"""The listing itself: quirks of nft's versions, what is not understood, the account, and broken listings."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

import pytest

from bailiwick.dataplane.nft import read
from bailiwick.dataplane.rules import (
    MARKS,
    Accept,
    Among,
    AnyOf,
    Drop,
    Family,
    FastTrack,
    Key,
    Lookup,
    Note,
    NoTrack,
    OnInterface,
    Scramble,
    Step,
    Table,
    Translate,
    Unknown,
    Whatever,
    unknown_target,
)
from bailiwick.dataplane.tally import Tally
from bailiwick.dataplane.unreadable import Unreadable
from bailiwick.packets.interval import IntervalSet


def rule(*statements: object, comment: str = "") -> dict[str, Any]:
    inner: dict[str, Any] = {"family": "inet", "table": "t", "chain": "c", "expr": list(statements)}
    return {"rule": {**inner, "comment": comment} if comment else inner}


def listing(
    *rules: object, table: object = None, chain: object = None, sets: tuple[object, ...] = ()
) -> dict[str, Any]:
    table = {"family": "inet", "name": "t", **(table or {})}  # type: ignore[dict-item]
    base = {"family": "inet", "table": "t", "name": "c", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}
    sub = {"family": "inet", "table": "t", "name": "sub"}
    objects = [{"table": table}, *sets, {"chain": {**base, **(chain or {})}}, {"chain": sub}, *rules]  # type: ignore[dict-item]
    return {"nftables": [{"metainfo": {"version": "1.1.3"}}, *objects]}


def one(*rules: object, **more: Any) -> tuple[Table, Tally]:
    (table,), tally = read(listing(*rules, **more))
    assert tally.adds_up
    return table, tally


def match(left: object, right: object, op: str = "==") -> dict[str, Any]:
    return {"match": {"op": op, "left": left, "right": right}}


DPORT = {"payload": {"protocol": "tcp", "field": "dport"}}
SADDR = {"payload": {"protocol": "ip", "field": "saddr"}}
ACCEPT, DROP = {"accept": None}, {"drop": None}
TEN = {"prefix": {"addr": "10.0.0.0", "len": 8}}


def test_chains_keep_hook_priority_and_policy() -> None:
    table, _ = one(chain={"prio": "mangle + 5", "policy": "drop"})
    hook = table.chains["c"].hook
    assert hook is not None
    assert (hook.type, hook.name, hook.priority, hook.policy) == ("filter", "input", -145, Drop())
    assert table.chains["sub"].hook is None


def test_flags_joined_by_bars_are_those_joined_by_commas() -> None:
    flags = {"payload": {"protocol": "tcp", "field": "flags"}}
    new = match({"&": [flags, {"|": [{"|": ["syn", "rst"]}, "ack"]}]}, {"|": ["syn", "ack"]})
    old = match({"&": [flags, ["syn", "rst", "ack"]]}, ["syn", "ack"])
    table, _ = one(rule(new, ACCEPT), rule(old, ACCEPT))
    first, second = table.chains["c"].rules
    assert first.steps == second.steps
    assert first.steps[1] == Among("tcp_flags", IntervalSet.single(18), 22)


def test_names_of_services_and_protocols_are_our_own() -> None:
    table, _ = one(rule(match(DPORT, {"set": ["ssh", "https", {"range": ["http", 90]}]}), ACCEPT))
    assert table.chains["c"].rules[0].steps[1] == Among(
        "destination_port", IntervalSet.of([(22, 22), (80, 90), (443, 443)])
    )


def test_a_set_declared_by_typeof_and_with_the_flag_dynamic() -> None:
    kind = {"typeof": {"concat": [SADDR, DPORT]}}
    inner = {"family": "inet", "table": "t", "name": "s", "type": kind, "elem": [{"concat": ["1.1.1.1", 22]}]}
    key = {"concat": [SADDR, DPORT]}
    table, tally = one(rule(match(key, "@s"), ACCEPT), sets=({"set": inner},))
    assert isinstance(table.chains["c"].rules[0].steps[2], Lookup)
    assert not tally.unknown
    _, tally = one(rule(match(key, "@s"), ACCEPT), sets=({"set": {**inner, "flags": ["dynamic"]}},))
    assert "come and go" in tally.unknown[0][1]


def inner(tunnel: str, protocol: str, field: str) -> dict[str, Any]:
    return {"payload": {"tunnel": tunnel, "protocol": protocol, "field": field}}


@pytest.mark.parametrize(("tunnel", "carrier"), [("gre", 47), ("gretap", 47), ("vxlan", 17), ("geneve", 17)])
def test_the_header_inside_a_tunnel_is_not_the_packets_own(tunnel: str, carrier: int) -> None:
    """nft 1.0.6 does not know these; 1.1.3 writes them so."""
    own = match(SADDR, "2.2.2.2")
    table, tally = one(rule(match(inner(tunnel, "ip", "saddr"), "1.1.1.1"), own, ACCEPT))
    over = Among("protocol", IntervalSet.single(carrier))
    asked = f"{tunnel} ip saddr 1.1.1.1"
    steps = table.chains["c"].rules[0].steps
    assert steps[:3] == (over, Unknown(asked, True, asked), Family(4))
    assert isinstance(steps[3], Among)
    assert tally.unknown[0][1] == asked
    table, _ = one(rule(own, match(inner(tunnel, "ip6", "saddr"), "::1"), ACCEPT))
    asked = f"{tunnel} ip6 saddr ::1"
    assert table.chains["c"].rules[0].steps[2:4] == (over, Unknown(asked, True, asked))


@pytest.mark.parametrize(
    "change",
    [{"map": {"op": "update", "elem": SADDR, "data": 5, "map": "@m"}}, "update @m { ip saddr : 0x00000005 }"],
    ids=["1.1.3", "1.0.6"],
)
def test_a_map_that_a_rule_fills_holds_what_nobody_knows(change: object) -> None:
    kept = {"family": "inet", "table": "t", "name": "m", "type": "ipv4_addr", "map": "mark", "size": 10}
    marked = {"mangle": {"key": {"meta": {"key": "mark"}}, "value": {"map": {"key": SADDR, "data": "@m"}}}}
    table, tally = one(rule(marked), rule(change, ACCEPT), sets=({"map": kept},))
    reads, fills = table.chains["c"].rules
    assert isinstance(reads.steps[0], Unknown)
    assert isinstance(fills.steps[-2], Unknown)
    assert not any(isinstance(step, Whatever) for step in fills.steps)
    assert len(tally.unknown) == 2


def test_what_a_rule_takes_out_of_a_set_may_be_gone() -> None:
    kept = {"family": "inet", "table": "t", "name": "s", "type": "ipv4_addr", "elem": ["1.1.1.1"]}
    asks, takes = rule(match(SADDR, "@s"), DROP), {"set": {"op": "delete", "elem": SADDR, "set": "@s"}}
    table, tally = one(asks, rule(takes), sets=({"set": kept},))
    step = table.chains["c"].rules[0].steps[1]
    assert isinstance(step, AnyOf)
    assert step.options[0][0] == Lookup((Key("source"),), (), name="s")
    assert len(tally.unknown) == 1


def test_what_a_rule_takes_out_of_a_map_lets_the_packet_go_on() -> None:
    new = {"map": {"op": "delete", "elem": SADDR, "data": 5, "map": "@m"}}
    table, tally = one(rule(new, ACCEPT), rule("delete @m { ip saddr : 0x00000005 }", ACCEPT))
    assert all(isinstance(rule_.steps[0], Note) and rule_.steps[1] == Accept() for rule_ in table.chains["c"].rules)
    assert not tally.unknown


def test_a_table_that_may_be_dormant_may_be_passed_by() -> None:
    for flags, hooked, first in (("dormant", False, Drop()), (["owner"], True, Drop()), ("inet", True, None)):
        table, tally = one(rule(DROP), table={"flags": flags})
        assert (table.chains["c"].hook is not None) is hooked
        step = table.chains["c"].rules[0].steps[0]
        assert isinstance(step, Unknown) if first is None else step == first
        assert bool(tally.unknown) is (first is None)


@pytest.mark.parametrize(
    ("device", "its", "first", "unknown"),
    [
        ("eth0", "eth0", Drop(), 0),
        (["eth0"], "eth0", Drop(), 0),
        (["eth0", "eth1"], "", OnInterface("iif", ("eth0", "eth1"), negated=True), 0),
        ("eth*", "", OnInterface("iif", ("eth*",), negated=True), 0),
        (None, "", None, 1),
    ],
)
def test_an_ingress_of_several_interfaces_passes_all_others(
    device: object, its: str, first: Step | None, unknown: int
) -> None:
    """Of which interface it is, nft 1.0.6 does not say."""
    table, tally = one(rule(DROP), chain={"hook": "ingress", **({"dev": device} if device else {})})
    hook, steps = table.chains["c"].hook, table.chains["c"].rules[0].steps
    assert hook is not None
    assert hook.device == its
    assert isinstance(steps[0], Unknown) if first is None else steps[0] == first
    assert steps[1:] == (() if its else (Accept(),))
    assert len(tally.unknown) == unknown


def test_what_iptables_hides_says_what_to_give_instead() -> None:
    table, tally = one(
        rule({"xt": {"type": "match", "name": "mac"}}, ACCEPT),
        rule({"xt": {"type": "target", "name": "SET"}}),
        rule({"xt": {"type": "match", "name": "comment"}}, ACCEPT),
        rule({"xt": None}),
    )
    steps = [rule_.steps[0] for rule_ in table.chains["c"].rules]
    assert [type(step) for step in steps] == [Unknown, Scramble, Note, Scramble]
    assert len(tally.unknown) == 3
    assert all("iptables-save" in why for _, why in tally.unknown[:2])


@pytest.mark.parametrize("kind", ["tproxy", "queue", "dup", "fwd", "synproxy", "flowers"])
def test_a_statement_that_nobody_knows_may_do_anything(kind: str) -> None:
    table, tally = one(rule({kind: {"num": 1}}))
    steps = table.chains["c"].rules[0].steps
    text = f"{kind} num 1"
    assert steps == (unknown_target(text) if kind in ("queue", "flowers") else (Whatever(text),))
    assert len(tally.unknown) == 1


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("MARK", [(Scramble(MARKS, "xt target MARK"),)]),
        ("CT", [(Unknown("xt target CT"), NoTrack())]),
        ("TPROXY", [(Scramble(MARKS, "xt target TPROXY"), Whatever("xt target TPROXY"))]),
        ("NETMAP", [unknown_target("xt target NETMAP")]),
    ],
)
def test_a_hidden_target_may_change_what_its_name_says(name: str, steps: list[tuple[Step, ...]]) -> None:
    table, tally = one(rule({"xt": {"type": "target", "name": name}}))
    assert [rule_.steps for rule_ in table.chains["c"].rules] == steps
    assert "iptables-save" in tally.unknown[0][1]


@pytest.mark.parametrize(("name", "kind"), [("DNAT", "dnat"), ("REDIRECT", "dnat"), ("MASQUERADE", "snat")])
def test_a_hidden_translation_leads_anywhere(name: str, kind: str) -> None:
    table, _ = one(rule({"xt": {"type": "target", "name": name}}))
    found = [step for rule_ in table.chains["c"].rules for step in rule_.steps if isinstance(step, Translate)]
    assert {(step.kind, step.target.first.version) for step in found if step.target.first} == {(kind, 4), (kind, 6)}


def test_an_object_that_nobody_knows_is_in_the_account() -> None:
    found = listing()
    found["nftables"].append({"tunnel": {"family": "inet", "table": "t", "name": "x"}})
    _, tally = read(found)
    assert tally.adds_up
    assert [why for _, why in tally.unknown] == ["nobody here knows a `tunnel`"]


def test_only_what_the_flowtable_takes_goes_on_in_the_rule() -> None:
    table, tally = one(
        rule({"flow": {"op": "add", "flowtable": "@f"}}), rule({"flow": {"op": "add", "flowtable": "@f"}}, ACCEPT)
    )
    last, going = table.chains["c"].rules
    assert isinstance(last.steps[0], FastTrack)
    assert isinstance(going.steps[1], Unknown)
    assert len(tally.unknown) == 1


def test_a_limit_on_a_log_alone_hangs_nothing_on_itself() -> None:
    limit = {"limit": {"rate": 5, "per": "second"}}
    _, tally = one(rule(limit, {"log": {"prefix": "x"}}))
    assert not tally.unknown
    _, tally = one(rule(limit, {"log": None}, ACCEPT))
    assert len(tally.unknown) == 1


def test_a_drop_in_front_of_the_same_drop_hangs_nothing_on_itself() -> None:
    strange = match({"exthdr": {"name": "rt", "field": "type"}}, 0)
    _, tally = one(rule(strange, DROP), rule(DROP))
    assert not tally.unknown
    for after in ((ACCEPT,), (match(DPORT, 22), DROP)):
        _, tally = one(rule(strange, DROP), rule(*after))
        assert len(tally.unknown) == 1


def test_what_was_asked_for_in_vain_is_asked_again() -> None:
    """A statement that cannot be said leaves nothing behind that a later one could lean on."""
    table, _ = one(rule(match({"concat": [SADDR, DPORT]}, "@gone"), match(SADDR, "1.1.1.1"), match(DPORT, 5), ACCEPT))
    kinds = [type(step) for step in table.chains["c"].rules[0].steps]
    assert kinds == [Unknown, Family, Among, Among, Among, Accept]


def test_the_account_counts_objects_and_elements() -> None:
    inner = {"family": "inet", "table": "t", "name": "s", "type": "ipv4_addr", "elem": ["1.1.1.1", "2.2.2.2"]}
    _, tally = one(rule(match(SADDR, "@s"), ACCEPT), sets=({"set": inner},))
    # metainfo, table, set, two elements, two chains, a rule
    assert (tally.lines, tally.understood, len(tally.ignored)) == (8, 7, 1)


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (None, "the listing"),
        ({"nftables": 5}, "the listing"),
        ({"nftables": [5]}, "nftables[0]"),
        ({"nftables": [{"table": {"family": "inet"}}]}, "nftables[0]"),
        ({"nftables": [{"table": {"family": "x25", "name": "t"}}]}, "nftables[0]"),
        ({"nftables": [{"rule": {"family": "inet", "table": "t", "chain": "c"}}]}, "nftables[0]"),
        (listing(chain={"policy": "maybe"}), "chain inet t c"),
        (listing(chain={"prio": "often"}), "chain inet t c"),
        (listing(rule({"jump": {"target": "c"}})), "table inet t"),
    ],
)
def test_what_is_no_listing_is_refused_with_a_place(broken: object, place: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(broken)
    assert caught.value.place == place


def test_too_deep_is_refused() -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = {"&": [deep, 1]}
    with pytest.raises(Unreadable, match="deeper"):
        read(listing(rule(match(deep, 1))))


def test_a_jump_to_nowhere_may_do_anything() -> None:
    table, tally = one(rule(match(DPORT, 22), {"jump": {"target": "gone"}}))
    assert isinstance(table.chains["c"].rules[0].steps[0], Whatever)
    assert "no chain gone" in tally.unknown[0][1]


SEED = listing(
    rule(match({"ct": {"key": "state"}}, ["established", "related"], "in"), ACCEPT),
    rule(match({"concat": [SADDR, DPORT]}, {"set": [{"concat": [TEN, 22]}]}), DROP),
    rule({"vmap": {"key": {"meta": {"key": "iifname"}}, "data": "@m"}}),
    rule({"mangle": {"key": {"meta": {"key": "mark"}}, "value": {"|": [{"&": [{"meta": {"key": "mark"}}, 15]}, 16]}}}),
    rule(match({"fib": {"result": "oif", "flags": ["saddr", "iif"]}}, False), DROP),
    rule({"dnat": {"family": "ip", "addr": {"map": {"key": DPORT, "data": {"set": [[80, "10.0.0.1"]]}}}}}),
    rule({"set": {"op": "add", "elem": SADDR, "set": "@s", "stmt": [{"limit": {"rate": 1}}]}}, ACCEPT),
    sets=(
        {"map": {"family": "inet", "table": "t", "name": "m", "type": "ifname", "map": "verdict",
                 "elem": [["eth0", {"jump": {"target": "sub"}}], ["*", DROP]]}},
        {"set": {"family": "inet", "table": "t", "name": "s", "type": "ipv4_addr", "flags": ["interval"],
                 "elem": ["1.1.1.1", {"range": ["2.0.0.0", "3.0.0.0"]}]}},
    ),
)  # fmt: skip
JUNK: list[Any] = [
    None, True, 0, -1, 5, 2**200, 1.5, "", "x", "*", "@m", "@s", "@gone", "1.1.1.1", "::1", [], {}, [[]], [None],
    {"set": []}, {"concat": []}, {"range": [5, 1]}, {"range": [1]}, {"prefix": {"addr": "1.1.1.1", "len": 99}},
    {"elem": {}}, {"&": [1, 2]}, {"jump": {"target": "sub"}}, {"jump": {"target": "c"}}, {"numgen": {"mod": 10**9}},
    {"map": {"key": {"meta": {"key": "mark"}}, "data": "@m"}}, {"payload": {"protocol": "th", "field": "dport"}},
]  # fmt: skip


def paths(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one_ in inner for found in paths(one_, (*path, key)))]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def damage(found: Any, random: Random) -> None:
    path = random.choice([one_ for one_ in paths(found) if len(one_) > 1])
    parent, key = at(found, path[:-1]), path[-1]
    match random.randrange(4):
        case 0 | 1:
            parent[key] = copy.deepcopy(random.choice(JUNK))
        case 2:
            parent[key] = copy.deepcopy(at(found, random.choice(paths(found))))
        case _:
            del parent[key]


def damaged(seeds: range) -> int:
    refused = 0
    for seed in seeds:
        random = Random(seed)
        found = copy.deepcopy(SEED)
        for _ in range(random.randint(1, 4)):
            damage(found, random)
        try:
            _, tally = read(found)
        except Unreadable as unreadable:
            assert unreadable.place
            refused += 1
            continue
        assert tally.adds_up, json.dumps(found)
        assert tally.understood >= 0
    return refused


def test_a_damaged_listing_is_read_or_refused() -> None:
    assert 0 < damaged(range(1500)) < 1500


@pytest.mark.deep
def test_many_damaged_listings_are_read_or_refused() -> None:
    assert damaged(range(100_000, 150_000))
