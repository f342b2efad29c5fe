"""Sets of ipset: each dump below is how ipset 7.17 saves what it was given."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from bailiwick.dataplane.iptables import read_sets
from bailiwick.dataplane.rules import Accept, AnyOf, Key, Lookup, Step, Unknown
from bailiwick.packets.interval import IntervalSet
from tests.dataplane.iptables.rules_of import is_in, reading, steps_of

SAVED = """create h hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x0a984965
add h 10.0.0.1
add h 10.0.0.9
create n hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x7642ea79
add n 10.0.0.0/8
add n 10.1.0.0/16 nomatch
add n 10.1.1.0/24
create w hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x74a63826
add w 10.0.0.1,tcp:82
add w 10.0.0.2,gre:0
add w 10.0.0.1,icmp:echo-request
add w 10.0.0.2,sctp:7
create np hash:net,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x24084295
add np 10.0.0.0/8,udp:53
create npn hash:net,port,net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x24084295
add npn 10.0.0.0/8,udp:53,11.0.0.0/8
create ni hash:net,iface family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x04e0a568
add ni 10.3.0.0/16,et wildcard
add ni 10.0.0.0/8,eth0
create pd hash:net,iface family inet
add pd 10.0.0.0/8,physdev:eth0
create bp bitmap:port range 0-65535
add bp 80
create bm bitmap:ip range 10.0.0.0-10.0.255.255 netmask 24
add bm 10.0.3.0
create im hash:ip,mark family inet markmask 0xff
add im 10.0.3.7,0x1
create mac hash:mac hashsize 1024
add mac 02:00:00:00:00:01
create t hash:ip family inet timeout 100 counters comment
add t 10.0.0.2 timeout 0 packets 0 bytes 0 comment "a word"
add t 10.0.0.3 timeout 20 packets 0 bytes 0
create h6 hash:net family inet6 hashsize 1024 maxelem 65536
add h6 2001:db8::/32
create l list:set size 8
add l h
add l np
create empty hash:ip family inet
"""
SETS = read_sets(SAVED)


def net(text: str) -> IntervalSet:
    network = ip_network(text)
    return IntervalSet.span(int(network[0]), int(network[-1]))


def one(number: int) -> IntervalSet:
    return IntervalSet.single(number)


def bare(step: Step) -> Step:
    """A lookup without the places of its entries."""
    if isinstance(step, AnyOf):
        options = tuple(tuple(bare(test) for test in tests) for tests in step.options)
        return AnyOf(options, step.negated)  # type: ignore[arg-type]
    return Lookup(step.keys, step.entries, step.negated) if isinstance(step, Lookup) else step


def lookup(*keys: str | Key, entries: list[tuple[IntervalSet | tuple[str, ...], ...]]) -> Lookup:
    return Lookup(tuple(Key(key) if isinstance(key, str) else key for key in keys), tuple(entries))


HOSTS = lookup("source", entries=[(net("10.0.0.1/32"),), (net("10.0.0.9/32"),)])
TEN = net("10.0.0.0/8")
EXCEPT = lookup("source", entries=[((TEN - net("10.1.0.0/16")) | net("10.1.1.0/24"),)])
TCP, SCTP, GRE = (
    lookup("source", "protocol", "destination_port", entries=[(net("10.0.0.1/32"), one(6), one(82))]),
    lookup("source", "protocol", "destination_port", entries=[(net("10.0.0.2/32"), one(132), one(7))]),
    lookup("source", "protocol", entries=[(net("10.0.0.2/32"), one(47))]),
)
PORTED = lookup("source", "protocol", "destination_port", entries=[*TCP.entries, *SCTP.entries])
PING = lookup(
    "source", "protocol", "icmp_type", "icmp_code", entries=[(net("10.0.0.1/32"), one(1), one(8), one(0))]
)  # fmt: skip
DNS = lookup("source", "protocol", "destination_port", entries=[(TEN, one(17), one(53))])


MAC = "set mac src, which holds MAC addresses"


@pytest.mark.parametrize(
    ("match", "steps"),
    [
        ("h src", [HOSTS]),
        ("h dst,dst", [lookup("destination", entries=list(HOSTS.entries))]),
        ("n src", [EXCEPT]),
        ("w src,dst", [AnyOf(((PORTED,), (GRE,), (PING,)))]),
        ("np src,dst", [DNS]),
        ("np src", [is_in("protocol")]),
        ("npn src,dst,dst", [lookup("source", "protocol", "destination_port", "destination",
                                    entries=[(TEN, one(17), one(53), net("11.0.0.0/8"))])]),
        ("ni src,dst", [lookup("source", "oif", entries=[(net("10.3.0.0/16"), ("et*",)), (TEN, ("eth0",))])]),
        ("bp src", [lookup("protocol", "source_port", entries=[(IntervalSet.of([(6, 6), (17, 17)]), one(80))])]),
        ("bm src", [lookup(Key("source", 0xFFFFFF00), entries=[(net("10.0.3.0/32"),)])]),
        ("im src,src", [lookup("source", Key("mark", 0xFF), entries=[(net("10.0.3.7/32"), one(1))])]),
        ("mac src", [Unknown(MAC, True, MAC)]),
        ("t src", [AnyOf(((lookup("source", entries=[(net("10.0.0.2/32"),)]),),
                          (lookup("source", entries=[(net("10.0.0.3/32"),)]),
                           Unknown("set t: an entry with a timeout"))))]),
        ("h6 src", [is_in("protocol")]),
        ("l src,dst", [AnyOf(((HOSTS,), (DNS,)))]),
        ("l src", [HOSTS]),
        ("empty src", [is_in("protocol")]),
        ("nowhere src", [Unknown("set nowhere src", True, "set nowhere src")]),
    ],
)  # fmt: skip
def test_a_set_is_asked(match: str, steps: list[Step]) -> None:
    found = steps_of(f"-m set --match-set {match} -j ACCEPT", sets=SETS)
    assert tuple(bare(step) for step in found) == (*steps, Accept())


def test_a_set_of_ipv6() -> None:
    found = steps_of("-m set --match-set h6 dst -j ACCEPT", family=6, sets=SETS)
    assert bare(found[0]) == lookup("destination", entries=[(net("2001:db8::/32"),)])


def test_what_is_negated_is_the_whole_set() -> None:
    found = steps_of("-m set ! --match-set w src,dst -j ACCEPT", sets=SETS)
    assert bare(found[0]) == AnyOf(((PORTED,), (GRE,), (PING,)), negated=True)
    assert bare(steps_of("-m set ! --match-set np src -j ACCEPT", sets=SETS)[0]) == is_in("protocol", negated=True)


def test_entries_know_their_lines() -> None:
    step = steps_of("-m set --match-set h src -j ACCEPT", sets=SETS)[0]
    assert isinstance(step, Lookup)
    assert step.name == "h"
    assert [line.number for line in step.lines if line] == [2, 3]


def test_a_set_that_rules_change_is_what_it_is_and_may_be_more_or_less() -> None:
    for option, options in (
        ("add-set", [[Lookup], [Unknown]]),
        ("del-set", [[Lookup, Unknown]]),
    ):
        found = reading("-A INPUT -m set --match-set h src -j ACCEPT", f"-A INPUT -j SET --{option} h src", sets=SETS)
        step = found.tables[0].chains["INPUT"].rules[0].steps[0]
        tests = step.options if isinstance(step, AnyOf) else (found.tables[0].chains["INPUT"].rules[0].steps[:2],)
        assert [[type(test) for test in each] for each in tests] == options
        assert [line.number for line, _ in found.tally.unknown] == [5]
    changed = reading("-A INPUT -m set --match-set gone src -j ACCEPT", "-A INPUT -j SET --add-set gone src")
    assert changed.tables[0].chains["INPUT"].rules[0].steps[0] == Unknown("set gone src")


def test_counters_and_exceptions_are_unknown() -> None:
    for option in ("--packets-gt 5", "--return-nomatch"):
        assert isinstance(steps_of(f"-m set --match-set h src {option} -j ACCEPT", sets=SETS)[0], Unknown)
    assert isinstance(steps_of("-m set --match-set pd src,src -j ACCEPT", sets=SETS)[0], Unknown)


def test_every_line_of_a_dump_of_sets_is_accounted_for() -> None:
    assert SETS.tally.adds_up
    assert SETS.tally.understood == SETS.tally.lines == len(SAVED.splitlines())
    strange = read_sets("# note\n\ncreate a hash:ip family inet9\nadd b 10.0.0.1\nfoo\nadd\ncreate c hash:ip timeout\n")
    assert strange.tally.adds_up
    assert [line.number for line, _ in strange.tally.unknown] == [3, 4, 5, 6, 7]
    assert [line.number for line, _ in strange.tally.ignored] == [1, 2]
    assert int(ip_address("10.0.0.1")) == 0x0A000001


def test_a_line_that_is_not_understood_breaks_its_set() -> None:
    """An entry that is lost would make a closed door of an open one, or the other way round."""
    for text, broken in (("add h 10.0.0.2 timeout", ["h"]), ("destroy np", ["np"]), ("what is this", list("hn"))):
        sets = read_sets(f"{SAVED}{text}\n")
        assert [name for name in ("h", "n", "np") if sets.by_name[name].broken][: len(broken)] == broken
        found = reading(f"-A INPUT -m set --match-set {broken[0]} src,dst -j ACCEPT", sets=sets)
        step = found.tables[0].chains["INPUT"].rules[0].steps[0]
        assert isinstance(step, AnyOf)
        assert isinstance(step.options[-1][0], Unknown)
        assert [line.number for line, _ in found.tally.unknown] == [5]
    assert isinstance(steps_of("-m set ! --match-set h src -j DROP", sets=read_sets(f"{SAVED}flush h\n"))[0], AnyOf)


def test_an_entry_has_the_timeout_of_its_set() -> None:
    sets = read_sets("create t hash:ip timeout 60\nadd t 10.0.0.1\nadd t 10.0.0.2 timeout 0\n")
    assert [entry.lasting for entry in sets.by_name["t"].entries] == [False, True]
