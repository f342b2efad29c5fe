"""Named sets and maps, what comes and goes in them, and maps that have no lookup in the common form."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address

import pytest

from bailiwick.dataplane.rules import (
    Accept,
    AddressType,
    AnyOf,
    Drop,
    Family,
    Jump,
    Key,
    Lookup,
    Rule,
    Scramble,
    SetField,
    Target,
    Translate,
    Unknown,
    VerdictMap,
)
from bailiwick.packets.interval import IntervalSet
from tests.dataplane.nft.loading import chain, loaded

pytestmark = pytest.mark.real


def number(text: str) -> IntervalSet:
    return IntervalSet.single(int(ip_address(text)))


def test_a_named_set_keeps_its_name_and_its_lines() -> None:
    more = 'set s {\ntype ipv4_addr . inet_service\nelements = {\n1.1.1.1 . 22,\n2.2.2.2 . 53 comment "x, y",\n}\n}'
    (rule,) = chain("ip saddr . tcp dport @s accept", more)
    lookup = rule.steps[2]
    assert isinstance(lookup, Lookup)
    assert lookup.name == "s"
    found = dict(zip(lookup.entries, lookup.lines, strict=True))
    assert {line.number for line in found.values() if line} == {5, 6}
    assert (number("2.2.2.2"), IntervalSet.single(53)) in found
    line = found[number("2.2.2.2"), IntervalSet.single(53)]
    assert line is not None
    assert line.text == '2.2.2.2 . 53 comment "x, y",'


def test_a_set_of_prefixes_is_asked_of_masked_bits() -> None:
    more = "set s {\ntype ipv4_addr\nelements = { 10.0.0.0 }\n}"
    (rule,) = chain("ip saddr & 255.0.0.0 @s accept", more)
    lookup = rule.steps[1]
    assert isinstance(lookup, Lookup)
    assert (lookup.keys, lookup.entries) == ((Key("source", 0xFF000000),), ((number("10.0.0.0"),),))


@pytest.mark.parametrize(
    ("declared", "filling"),
    [
        ("flags timeout; elements = { 1.1.1.1 timeout 1h }", ""),
        ("size 10; flags dynamic", "add @s { ip daddr } accept"),
    ],
)
def test_what_comes_and_goes_in_a_set_is_unknown(declared: str, filling: str) -> None:
    tables, tally = loaded(
        f"table inet t {{\nset s {{\ntype ipv4_addr; {declared}\n}}\n"
        f"chain c {{\nip saddr @s accept\n{filling}\n}}\n}}\n"
    )
    step = tables[0].chains["c"].rules[0].steps[1]
    assert isinstance(step, AnyOf)
    assert any(isinstance(test, Unknown) for option in step.options for test in option)
    assert tally.unknown


def test_an_element_that_stays_matches_for_certain_among_those_that_go() -> None:
    more = "set s {\ntype ipv4_addr\nflags timeout\nelements = { 1.1.1.1 timeout 1h, 2.2.2.2 }\n}"
    (rule,) = chain("ip saddr @s accept", more)
    step = rule.steps[1]
    assert isinstance(step, AnyOf)
    lookup = step.options[0][0]
    assert isinstance(lookup, Lookup)
    assert lookup.entries == ((number("2.2.2.2"),),)


def test_a_default_in_a_map_is_a_rule_for_all_others() -> None:
    more = "map m {\ntype ipv4_addr : verdict\nflags interval\nelements = { 1.1.1.1 : accept, * : drop }\n}"
    first, second = chain("ip saddr vmap @m", more)
    assert isinstance(first.steps[1], VerdictMap)
    assert second.steps[0] == Family(4)
    assert isinstance(second.steps[1], Lookup)
    assert second.steps[1].negated
    assert second.steps[1].entries == ((number("1.1.1.1"),),)
    assert second.steps[2] == Drop()
    assert first.line == second.line


def test_a_map_of_what_is_no_field_becomes_a_rule_for_each_outcome() -> None:
    rules = chain("fib daddr type vmap { local : accept, broadcast : drop, multicast : drop }")
    assert [rule.steps for rule in rules] == [
        (AddressType("destination", frozenset({"local"})), Accept()),
        (AddressType("destination", frozenset({"broadcast", "multicast"})), Drop()),
    ]


def test_a_map_by_chance_may_lead_anywhere_it_names() -> None:
    rules = chain("numgen random mod 2 vmap { 0 : jump sub, 1 : accept }")
    assert [rule.steps[1] for rule in rules] == [Jump("sub"), Accept()]
    assert all(isinstance(rule.steps[0], Unknown) and not rule.steps[0].steady for rule in rules)


def test_a_map_of_marks_becomes_a_rule_for_each_mark() -> None:
    rules = chain("meta mark set ip saddr map { 1.1.1.1 : 1, 2.2.2.2 : 2, 3.3.3.3 : 1 }")
    assert [rule.steps[-1] for rule in rules] == [SetField("mark", 1), SetField("mark", 2)]
    lookup = rules[0].steps[1]
    assert isinstance(lookup, Lookup)
    assert set(lookup.entries) == {(number("1.1.1.1"),), (number("3.3.3.3"),)}


def test_a_mark_that_decides_by_itself_what_it_becomes_is_unknown() -> None:
    (rule,) = chain("meta mark set meta mark map { 1 : 2 }")
    assert rule.steps == (
        Unknown("there is meta mark map { 1 : 2 }"),
        Scramble(("mark",), "mark set meta mark map { 1 : 2 }"),
    )


def test_an_unknown_part_of_a_key_leaves_the_known_part_certain() -> None:
    (rule,) = chain("ether saddr . ip saddr { 00:11:22:33:44:55 . 1.1.1.1 } accept")
    step = rule.steps[1]
    assert isinstance(step, AnyOf)
    ((lookup, unknown),) = step.options
    assert lookup == Lookup((Key("source"),), ((number("1.1.1.1"),),))
    assert isinstance(unknown, Unknown)


def test_two_questions_never_share_a_key() -> None:
    rules = chain("th dport 5 accept\nth dport 6 drop\nct status != dnat accept\nct status == dnat drop\n")
    keys = [
        test.key
        for rule in rules
        for step in rule.steps
        if isinstance(step, AnyOf)
        for option in step.options
        for test in option
        if isinstance(test, Unknown)
    ]
    assert len(keys) == len(set(keys)) == 4


TO = IPv4Address("10.0.0.1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dnat to 10.0.0.1", Translate("dnat", Target(TO, TO))),
        ("tcp dport 80 dnat to 10.0.0.1:8080", Translate("dnat", Target(TO, TO, (8080, 8080)))),
        ("dnat to 10.0.0.1-10.0.0.9", Translate("dnat", Target(TO, IPv4Address("10.0.0.9")))),
        ("tcp dport 80 dnat to :81", Translate("dnat", Target(ports=(81, 81)))),
        ("tcp dport 80 redirect to :1024-2000", Translate("redirect", Target(ports=(1024, 2000)))),
        ("redirect", Translate("redirect")),
        (
            "dnat to tcp dport map { 80 : 10.0.0.1 }",
            Translate("dnat", Target(), (Key("destination_port"),), (((IntervalSet.single(80),), Target(TO, TO)),)),
        ),
        (
            "dnat ip addr . port to tcp dport map { 80 : 10.0.0.1 . 8080 }",
            Translate(
                "dnat",
                Target(),
                (Key("destination_port"),),
                (((IntervalSet.single(80),), Target(TO, TO, (8080, 8080))),),
            ),
        ),
    ],
)
def test_translation(text: str, expected: Translate) -> None:
    tables, tally = loaded(
        f"table ip t {{\nchain c {{\ntype nat hook prerouting priority dstnat; policy accept;\n{text}\n}}\n}}\n"
    )
    rule: Rule = tables[0].chains["c"].rules[0]
    assert rule.steps[-1] == expected
    assert not tally.unknown


def test_a_translation_that_names_its_family_asks_for_it() -> None:
    text = (
        "table inet t {\nchain c {\ntype nat hook postrouting priority srcnat\nsnat ip to 10.0.0.1\nmasquerade\n}\n}\n"
    )
    tables, _ = loaded(text)
    first, second = tables[0].chains["c"].rules
    assert first.steps == (Family(4), Translate("snat", Target(TO, TO)))
    assert second.steps == (Translate("masquerade"),)
