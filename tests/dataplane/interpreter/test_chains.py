from __future__ import annotations

import pytest

from bailiwick.dataplane.interpreter import BrokenRules, End, outcomes, walk
from bailiwick.dataplane.rules import (
    Accept,
    Among,
    Chain,
    Continue,
    Drop,
    Goto,
    Hook,
    Jump,
    Key,
    Lookup,
    OnInterface,
    Reject,
    Return,
    SetField,
    Step,
    Table,
    Unknown,
    VerdictMap,
    Whatever,
)
from bailiwick.packets.interval import IntervalSet
from tests.dataplane.interpreter.devices import base, comes_by, device, packet, port, rules, table


def forward(*each: tuple[Step, ...], drops: bool = False, **chains: tuple[tuple[Step, ...], ...]) -> Table:
    others = [Chain(name, rules(*body, file=name)) for name, body in chains.items()]
    return table(base("forward", rules(*each), "forward", drops=drops), *others)


def decided(*tables: Table, port: int = 443) -> tuple[str, str]:
    way = walk(device(*tables), packet(port=port))
    return way.end.value, str(way.decided)


def test_the_first_rule_that_matches_decides() -> None:
    each = forward((port(80), Drop()), (port(443), Accept()), (Drop(),))
    assert decided(each) == ("accept", "rules:2")
    assert decided(each, port=80) == ("drop", "rules:1")


def test_the_policy_decides_when_no_rule_does() -> None:
    assert decided(forward((port(80), Drop()))) == ("accept", "forward:0")
    assert decided(forward((port(80), Accept()), drops=True)) == ("drop", "forward:0")


def test_a_chain_comes_back_after_its_end_and_after_return() -> None:
    for last in ((port(1), Accept()), (Return(),)):
        assert decided(forward((Jump("sub"),), (Reject(),), sub=(last,))) == ("reject", "rules:2")


def test_return_in_a_base_chain_is_its_policy() -> None:
    assert decided(forward((Return(),), (Accept(),), drops=True)) == ("drop", "forward:0")


def test_goto_comes_back_where_the_chain_that_went_would_have() -> None:
    assert decided(forward((Goto("sub"),), (Accept(),), drops=True, sub=())) == ("drop", "forward:0")
    nested = forward((Jump("sub"),), (Accept(),), drops=True, sub=((Goto("tail"),), (Drop(),)), tail=((Return(),),))
    assert decided(nested) == ("accept", "rules:2")


def test_accept_in_a_jump_ends_the_base_chain_but_not_the_hook() -> None:
    first = forward((Jump("sub"),), (Drop(),), sub=((Accept(),),))
    assert decided(first) == ("accept", "sub:1")
    second = table(base("later", rules((Drop(),), file="later"), "forward", 10), name="u")
    assert decided(first, second) == ("drop", "later:1")
    assert decided(second, first) == ("drop", "later:1")


def test_a_rule_that_accepts_has_the_word_before_a_later_policy() -> None:
    first = forward((port(443), Accept()))
    second = table(base("later", (), "forward", 10), name="u")
    assert decided(first, second) == ("accept", "rules:1")
    assert decided(first, second, port=80) == ("accept", "later:0")


def test_of_equal_priority_the_last_registered_comes_first() -> None:
    one = table(base("one", rules((Drop(),), file="one"), "forward"), name="one")
    two = table(base("two", rules((Reject(),), file="two"), "forward"), name="two")
    assert decided(one, two) == ("reject", "two:1")
    assert decided(two, one) == ("drop", "one:1")


def test_what_ran_before_a_failing_test_has_happened() -> None:
    marked = Among("mark", IntervalSet.single(5))
    assert decided(forward((SetField("mark", 5), port(1), Drop()), (marked, Reject()))) == ("reject", "rules:2")


def test_a_mark_is_set_within_its_mask() -> None:
    each = forward(
        (SetField("mark", 0xFF),), (SetField("mark", 0x20, 0xF0),), (Among("mark", IntervalSet.single(0x2F)), Drop())
    )
    assert decided(each) == ("drop", "rules:3")


def test_a_verdict_map_without_the_key_fails() -> None:
    entries = (((IntervalSet.single(80),), Drop()), ((IntervalSet.single(443),), Continue()))
    ports = VerdictMap((Key("destination_port"),), entries)
    each = forward((ports,), (SetField("mark", 1),), (Accept(),))
    assert decided(each, port=80) == ("drop", "rules:1")
    assert [step.matched for step in walk(device(each), packet(port=443)).steps] == [True, True, True]
    assert [step.matched for step in walk(device(each), packet(port=22)).steps] == [False, True, True]


def test_a_lookup_holds_when_one_entry_holds_every_field() -> None:
    keys = (Key("iif"), Key("destination_port"))
    entries = ((("lan",), IntervalSet.single(80)), (("dm*",), IntervalSet.span(400, 500)))
    assert decided(forward((Lookup(keys, entries), Drop()))) == ("accept", "forward:0")
    assert decided(forward((Lookup(keys, entries, negated=True), Drop()))) == ("drop", "rules:1")
    here = (*entries, (("la*",), IntervalSet.span(400, 500)))
    assert decided(forward((Lookup(keys, here), Drop()))) == ("drop", "rules:1")


def test_no_interface_matches_no_pattern_and_every_negated_one() -> None:
    own = packet("203.0.113.7", iif=None)
    for negated, end in ((False, End.ACCEPT), (True, End.DROP)):
        output = table(base("output", rules((OnInterface("iif", ("*",), negated), Drop())), "output"))
        assert walk(device(output), own).end is end


def test_a_chain_that_loops_is_an_error_with_its_place() -> None:
    for how in (Jump, Goto):
        with pytest.raises(BrokenRules, match="sub:1: chain sub comes round"):
            decided(forward((Jump("sub"),), sub=((how("sub"),),)))
    with pytest.raises(BrokenRules, match="no chain"):
        decided(forward((Jump("sub"),)))


def test_seventeen_jumps_are_an_error() -> None:
    def deep(number: int) -> Table:
        chains: dict[str, tuple[tuple[Step, ...], ...]] = {
            f"c{n}": ((Jump(f"c{n + 1}"),) if n < number else (Drop(),),) for n in range(1, number + 1)
        }
        return forward((Jump("c1"),), drops=False, **chains)

    assert decided(deep(16))[0] == "drop"
    with pytest.raises(BrokenRules, match="deep"):
        decided(deep(17))


def test_a_field_that_conntrack_does_not_have_ends_the_rule() -> None:
    for negated in (False, True):
        asks = Among("ct_mark", IntervalSet.single(0), negated=negated)
        raw = table(base("raw", rules((asks, Drop())), "prerouting", -300))
        assert walk(device(raw), packet()).end is End.ACCEPT
    invalid = table(base("raw", rules((Among("state", IntervalSet.single(3)), Drop())), "prerouting", -300))
    assert walk(device(invalid), packet()).end is End.DROP


def test_ingress_comes_first_and_only_of_its_interface() -> None:
    for name, end in (("lan", End.DROP), ("dmz", End.ACCEPT), ("", End.DROP)):
        chain = Chain("in", rules((Drop(),)), Hook("filter", "ingress", 0, device=name))
        assert walk(device(table(chain, family="netdev")), packet()).end is end


def test_of_two_chains_at_one_ingress_the_last_registered_comes_first() -> None:
    hook = Hook("filter", "ingress", 0, device="lan")
    one, two = (
        table(Chain(name, rules((Drop(),), file=name), hook), name=name, family="netdev") for name in ("one", "two")
    )
    assert decided(one, two) == ("drop", "two:1")


def test_what_is_unknown_leaves_every_way_open() -> None:
    each = forward((Unknown("limit"), Drop()), (comes_by("lan"), Accept()))
    assert walk(device(each), packet()).end is End.UNKNOWN
    assert walk(device(each), packet(), assume=lambda _: True).end is End.DROP
    both = outcomes(device(each), packet())
    assert {way.end for way in both.walks} == {End.ACCEPT, End.DROP} and both.complete
    assert both.possibly(End.DROP) and not both.certainly(End.ACCEPT)
    assert outcomes(device(forward((Unknown("limit"),))), packet()).certainly(End.ACCEPT)


def test_steady_unknowns_agree_and_others_do_not() -> None:
    for steady, ways in ((True, 2), (False, 4)):
        test = Unknown("mac", steady, "mac")
        assert len(outcomes(device(forward((test,), (test,))), packet()).walks) == ways


def test_an_unknown_target_may_be_anything() -> None:
    both = outcomes(device(forward((Whatever("NFQUEUE"),), (Reject(),))), packet())
    assert sorted(way.end for way in both.walks) == [End.ACCEPT, End.DROP, End.REJECT]


def test_more_ways_than_the_bound_are_said_to_be_more() -> None:
    each = forward(*(((Unknown("chance"),),) * 10))
    few = outcomes(device(each), packet(), bound=8)
    assert len(few.walks) == 8 and not few.complete and not few.certainly(End.ACCEPT)
