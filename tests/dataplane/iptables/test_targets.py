"""One case for each way to end a rule."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from random import Random

import pytest

from bailiwick.dataplane.rules import (
    Accept,
    Among,
    Chain,
    CopyField,
    Drop,
    FastTrack,
    Goto,
    Jump,
    Note,
    NoTrack,
    Reject,
    Return,
    Scramble,
    SetField,
    Step,
    Table,
    Target,
    Translate,
    Whatever,
    unknown_target,
)
from tests.dataplane.iptables.rules_of import is_in, reading, steps_of, table_of

A, B = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.9")
SIX, SIX2 = IPv6Address("2001:db8::1"), IPv6Address("2001:db8::9")
TRACKED = is_in("state", (0, 2))


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        ("-j ACCEPT", [Accept()]),
        ("-j DROP", [Drop()]),
        ("-j RETURN", [Return()]),
        ("--jump=OTHER", [Jump("OTHER")]),
        ("-g OTHER", [Goto("OTHER")]),
        ("", []),
        ("-j REJECT", [Reject("icmp-port-unreachable")]),
        ("-j REJECT --reject-with tcp-reset", [Reject("tcp-reset")]),
        ('-j LOG --log-prefix "a b" --log-uid', [Note("LOG --log-prefix a b --log-uid")]),
        ("-j NFLOG --nflog-group 1", [Note("NFLOG --nflog-group 1")]),
        ("-j TCPMSS --clamp-mss-to-pmtu", [Note("TCPMSS --clamp-mss-to-pmtu")]),
        ("-j SET --add-set bad src", [Note("SET --add-set bad src")]),
        ("-j TEE --gateway 10.0.0.1", [Note("TEE --gateway 10.0.0.1")]),
        ("-j CT --helper ftp", [Note("CT --helper ftp")]),
        ("-j CT --notrack", [NoTrack()]),
        ("-j NOTRACK", [NoTrack()]),
        ("-j FLOWOFFLOAD --hw", [FastTrack("FLOWOFFLOAD --hw")]),
        ("-j MARK --set-mark 0x5", [SetField("mark", 5)]),
        ("-j MARK --set-xmark 0x5/0xff", [SetField("mark", 5, 0xFF)]),
        ("-j MARK --set-mark 0x105/0xff", [SetField("mark", 0x105, 0x1FF)]),
        ("-j MARK --and-mark 0xff", [SetField("mark", 0, 0xFFFFFF00)]),
        ("-j MARK --or-mark 0x10", [SetField("mark", 0x10, 0x10)]),
        ("-j CONNMARK --set-xmark 0x5/0xffffffff", [TRACKED, SetField("ct_mark", 5)]),
        ("-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff", [TRACKED, CopyField("ct_mark", "mark")]),
        ("-j CONNMARK --restore-mark", [TRACKED, CopyField("mark", "ct_mark")]),
        ("-j DNAT --to-destination 10.0.0.1", [Translate("dnat", Target(A, A))]),
        ("-j DNAT --to-destination 10.0.0.1-10.0.0.9:80-90", [Translate("dnat", Target(A, B, (80, 90)))]),
        ("-j DNAT --to 10.0.0.1:80-90/5000", [Translate("dnat", Target(A, A, (80, 90)))]),
        ("-j DNAT --to-destination :80 --random", [Translate("dnat", Target(ports=(80, 80)))]),
        ("-j SNAT --to-source 10.0.0.1:1-2 --persistent", [Translate("snat", Target(A, A, (1, 2)))]),
        ("-j MASQUERADE", [Translate("masquerade")]),
        ("-j MASQUERADE --to-ports 1024-65535", [Translate("masquerade", Target(ports=(1024, 65535)))]),
        ("-j REDIRECT --to-port 3128", [Translate("redirect", Target(ports=(3128, 3128)))]),
    ],
)
def test_a_target(rule: str, steps: list[Step]) -> None:
    assert steps_of(rule) == tuple(steps)


@pytest.mark.parametrize(
    ("rule", "step"),
    [
        ("-j REJECT", Reject("icmp6-port-unreachable")),
        ("-j DNAT --to-destination 2001:db8::1", Translate("dnat", Target(SIX, SIX))),
        ("-j DNAT --to-destination 2001:db8::1-2001:db8::9", Translate("dnat", Target(SIX, SIX2))),
        ("-j DNAT --to-destination [2001:db8::1]:80", Translate("dnat", Target(SIX, SIX, (80, 80)))),
        ("-j DNAT --to-destination [2001:db8::1]-[2001:db8::9]:80", Translate("dnat", Target(SIX, SIX2, (80, 80)))),
        ("-j DNAT --to-destination [2001:db8::1-2001:db8::9]:1-2", Translate("dnat", Target(SIX, SIX2, (1, 2)))),
        ("-j DNAT --to-destination :80", Translate("dnat", Target(ports=(80, 80)))),
    ],
)
def test_a_target_of_ipv6(rule: str, step: Step) -> None:
    assert steps_of(rule, family=6) == (step,)


@pytest.mark.parametrize(
    "target",
    [
        "QUEUE", "NFQUEUE --queue-num 1", "NFQUEUE --queue-num 1 --queue-bypass", "TARPIT",
        "NOBODY --knows this", "CLUSTERIP --new", "INPUT", "MISSING", "DNAT",
        "SNAT --to-source x",
        "DNAT --to-destination 10.0.0.9-10.0.0.1", "DNAT --to-destination 10.0.0.1:0x", "MARK --set-mark x", "MARK",
        "DNAT ! --to-destination 10.0.0.1", "DNAT --to-destination 10.0.0.1 --to-destination 10.0.0.2",
        "OTHER --dport 22", "DNAT --to-destination [::1", "DNAT --to-destination -",
    ],
)  # fmt: skip
def test_a_target_that_nobody_knows_may_do_anything(target: str) -> None:
    found = reading(f"-A USER -j {target}")
    (rule,) = found.tables[0].chains["USER"].rules
    scrambled, _ = rule.steps
    assert isinstance(scrambled, Scramble) and rule.steps == unknown_target(scrambled.text)
    assert [line.number for line, _ in found.tally.unknown] == [5]


@pytest.mark.parametrize("target", ["SYNPROXY --mss 1460", "TPROXY --on-port 1"])
def test_a_target_that_takes_the_packet_or_not_changes_nothing(target: str) -> None:
    assert steps_of(f"-j {target}") == (Whatever(target),)


def test_a_goto_to_no_chain_may_do_anything() -> None:
    assert [type(step) for step in steps_of("-g DROP")] == [Scramble, Whatever]


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        ("HMARK --hmark-tuple src --hmark-mod 5 --hmark-rnd 1", ("mark",)),
        ("SET --map-set of src --map-mark", ("mark",)),
        ("CONNMARK --restore-mark --left-shift-mark 4", ("mark",)),
        ("CONNMARK --save-mark --right-shift-mark 4", ("ct_mark",)),
    ],
)
def test_a_mark_that_nobody_can_tell(target: str, fields: tuple[str, ...]) -> None:
    found = reading(f"-A USER -j {target}")
    (rule,) = found.tables[0].chains["USER"].rules
    assert rule.steps[-1] == Scramble(fields, target)
    assert [(line.number, why) for line, why in found.tally.unknown] == [(5, target)]


def test_a_transparent_proxy_marks_and_takes() -> None:
    assert steps_of("-p tcp -j TPROXY --on-port 80 --tproxy-mark 0x1/0x1", "mangle")[1:] == (
        SetField("mark", 1, 1),
        Whatever("TPROXY --on-port 80 --tproxy-mark 0x1/0x1"),
    )


def test_a_zone_of_conntrack_is_told() -> None:
    found = reading("-A PREROUTING -j CT --zone 5", table="raw")
    assert [line.number for line, _ in found.tally.unknown] == [5]


def test_a_network_is_mapped_to_some_address_of_the_other() -> None:
    found = reading("-A POSTROUTING -j USER", "-A USER -j NETMAP --to 10.0.0.0/30", table="nat")
    (rule,) = found.tables[0].chains["USER"].rules
    assert rule.steps == (Translate("snat", Target(IPv4Address("10.0.0.0"), IPv4Address("10.0.0.3"))),)
    assert [line.number for line, _ in found.tally.unknown] == [6]
    assert steps_of("-j NETMAP --to 10.0.0.0/30", "nat")[0] != rule.steps[0]  # reached from nowhere: of which kind?


# ---- marks whose change takes more than one step


def changed(table: Table, chain: Chain, marks: dict[str, int]) -> bool:
    """Run a chain that has nothing but marks in it; whether a rule returned."""
    for rule in chain.rules:
        for step in rule.steps:
            if isinstance(step, Among):
                if step.field == "state":
                    continue
                value = marks[step.field]
                if ((value if step.mask is None else value & step.mask) in step.values) is step.negated:
                    break
            elif isinstance(step, SetField):
                mask = 0xFFFFFFFF if step.mask is None else step.mask
                assert step.value & ~mask == 0
                marks[step.field] = (marks[step.field] & ~mask) | step.value
            elif isinstance(step, CopyField):
                marks[step.field] = marks[step.origin]
            elif isinstance(step, Jump):
                changed(table, table.chains[step.chain], marks)
            elif isinstance(step, Return):
                return True
            else:
                raise AssertionError(step)
    return False


def test_bits_of_marks_change_as_in_the_kernel() -> None:
    """xt_mark.c and xt_connmark.c: ``(old & ~mask) ^ value``, and the like between the two marks."""
    random = Random(1)
    for _ in range(300):
        value, mask, nf, ct = (random.getrandbits(32) & random.choice((0xFF, 0xF0F, 0xFFFFFFFF)) for _ in range(4))
        mark, ct_mark = random.getrandbits(32), random.getrandbits(32)
        rules = {
            f"MARK --set-xmark {value:#x}/{mask:#x}": ((mark & ~mask) ^ value, ct_mark),
            f"MARK --set-mark {value:#x}/{mask:#x}": ((mark & ~mask) | value, ct_mark),
            f"MARK --xor-mark {value:#x}": (mark ^ value, ct_mark),
            f"CONNMARK --set-xmark {value:#x}/{mask:#x}": (mark, (ct_mark & ~mask) ^ value),
            f"CONNMARK --and-mark {value:#x}": (mark, ct_mark & value),
            f"CONNMARK --save-mark --nfmask {nf:#x} --ctmask {ct:#x}": (mark, (ct_mark & ~ct) ^ (mark & nf)),
            f"CONNMARK --restore-mark --nfmask {nf:#x} --ctmask {ct:#x}": ((mark & ~nf) ^ (ct_mark & ct), ct_mark),
            f"CONNMARK --restore-mark --mask {nf:#x}": ((mark & ~nf) | (ct_mark & nf), ct_mark),
        }
        for rule, wanted in rules.items():
            table = table_of(f"-A USER -j {rule}", table="mangle")
            marks = {"mark": mark, "ct_mark": ct_mark}
            changed(table, table.chains["USER"], marks)
            assert (marks["mark"], marks["ct_mark"]) == wanted, rule
