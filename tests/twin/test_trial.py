"""Whole trials of the example homes, with real packets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest

from bailiwick.claims.claim import Outcome, Verdict
from bailiwick.intent import mean
from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.twin import Fate, TwinOptions, TwinResult, try_network
from bailiwick.twin.loaded.ruleset import parts
from tests.twin.homes import FIREWALL, TRUNKS, Home, home, small, trunks, uplinks

pytestmark = pytest.mark.real

QUICK = TwinOptions(patience=0.15)
HARMLESS = ("loopback", "hygiene:invalid", "hygiene:rh0", "hygiene:ipv6", "refuse", "clamp:")
"""Rules whose loss no IPv4 opening can show: what follows them drops the same, only replies and IPv6 meet them, or
they change no verdict."""
SECOND_LOCKS = {
    ("forward", "exit:out"): "the routing rules keep those who leave by the exit from every other uplink",
    ("output", "exit:out"): "the exit's resolver is bound to its interface",
    ("output", "replies"): "the router may open all that it may answer",
    ("output", "router:icmp-errors"): "they answer packets that began nothing",
    ("input", "hygiene:bogons:uplink:out"): "nothing is open from this tunnel",
    ("forward", "hygiene:bogons:uplink:out"): "nothing is open from this tunnel",
}
"""Rules of a chain, by comment, without which this home drops the same packets, and why."""
UNENTERED = ("bogons.out", "bogons.out.networks")
"""Sets of the tunnel's sources: nothing is open from it, whoever speaks."""
ZERO, LOOPBACK = ("0.0.0.0,", "0.0.0.0/8,"), ("127.0.0.0,", "127.0.0.0/8,")
GROUPS = tuple(f"{first}.0.0.0," for first in range(224, 240))


def never_met(part: str, line: str) -> bool:
    """Whether Linux drops by itself what this element or rule is about (``ip_route_input_slow``, net/ipv4/route.c)."""
    if part.startswith("bogons."):
        return line.startswith((*ZERO, *LOOPBACK, *GROUPS))
    if part.startswith("martians."):
        return line.startswith((*ZERO, *LOOPBACK))
    if part == "zones.broadcasts" or "@zones.broadcasts" in line:
        return True  # where it has rules for routing, as with an exit (``__fib_validate_source``, fib_frontend.c)
    return line.startswith(("ip saddr 0.0.0.0/8 ", '"eth1" . 192.168.40.1 '))  # 0.0.0.0 speaks to everybody alone


def trial(one: Home, options: TwinOptions = QUICK) -> TwinResult:
    return try_network(one.network, one.intent, one.plan, one.tree, options)


def without(words: str) -> Callable[[str], str]:
    """A change that leaves out every line with these words in it."""

    def change(text: str) -> str:
        kept = [line for line in text.splitlines(keepends=True) if words not in line]
        assert len(kept) < len(text.splitlines())
        return "".join(kept)

    return change


def without_words(words: str) -> Callable[[str], str]:
    """A change that leaves out these words wherever they stand."""

    def change(text: str) -> str:
        assert words in text
        return text.replace(words, "")

    return change


def without_rule(chain: str, words: str) -> Callable[[str], str]:
    """A change that leaves out the rules with these words of one chain."""

    def change(text: str) -> str:
        before, name, rest = text.partition(f"\tchain {chain} {{\n")
        rules, end, after = rest.partition("\n\t}\n")
        assert name
        return before + name + without(words)(rules) + end + after

    return change


def without_line(number: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        return "".join(lines[: number - 1] + lines[number:])

    return change


@pytest.mark.parametrize("name", ["one-router", "public-apps"])
def test_an_example_is_as_it_was_meant(name: str) -> None:
    one = home(name)
    result = trial(one, TwinOptions())

    assert [str(difference) for difference in result.differences] == []
    assert [check for check in result.checks if check.differs] == []
    assert [lease for lease in result.leases if not lease.holds] == []
    assert [entry for entry in result.loaded if entry.found is False] == []
    assert not any(observation.seen is Fate.LOST for observation in result.observations)
    outcomes = {evidence.claim: evidence.outcome for evidence in result.evidence}
    assert Outcome.REFUTED not in outcomes.values()
    promised = [claim.id for claim in one.intent.claims() if claim.verdict is Verdict.ACCEPT]
    assert [claim for claim in promised if outcomes[claim] is not Outcome.CONFIRMED] == []
    assert result.holds


@cache
def small_trial() -> TwinResult:
    return trial(small())


def test_a_small_home_is_as_it_was_meant() -> None:
    result = small_trial()

    assert [str(difference) for difference in result.differences] == []
    assert [check for check in result.checks if check.differs] == []
    assert result.holds


def test_refusals_are_told_where_the_home_says_so() -> None:
    told = [one for one in small_trial().observations if one.seen is Fate.REFUSED]

    assert {one.packet.ingress for one in told} == {"zone:lan"}


def test_nobody_leaves_by_another_uplink_while_theirs_is_away() -> None:
    checks = [check for check in small_trial().checks if "who leave by uplink:out alone" in check.subject]

    assert [check.subject.split(", ")[-1] for check in checks] == [
        "before its interface is up",
        "while its interface is down",
        "with its interface gone",
    ]
    assert all(check.holds for check in checks)


def test_uplinks_of_every_kind_are_as_they_were_meant() -> None:
    result = trial(uplinks())

    assert [str(difference) for difference in result.differences] == []
    assert [check for check in result.checks if check.differs] == []
    assert result.holds
    assert not any(observation.seen is Fate.LOST for observation in result.observations)
    away = [check.subject for check in result.checks if "who leave by" in check.subject]
    assert [subject.split("leave by ")[1] for subject in away] == [
        "uplink:vpn alone, before its interface is up",
        "uplink:lte alone, while its interface is down",
        "uplink:vpn alone, while its interface is down",
        "uplink:lte alone, with its interface gone",
        "uplink:vpn alone, with its interface gone",
    ]
    shells = [check for check in result.checks if check.subject.startswith("tcp from 50.1.") and ":22" in check.subject]
    assert len(shells) == 2


def test_names_are_asked_by_the_exit_alone() -> None:
    checks = {check.subject: check for check in small_trial().checks if "out-zone-lan" in check.subject}

    assert [check.seen for subject, check in checks.items() if "of out-" in subject] == [
        "185.199.108.153; uplink.out.far was asked"
    ]
    assert [check.seen for subject, check in checks.items() if "of away-" in subject] == ["nobody was asked"]


@pytest.mark.parametrize(
    ("line", "ingress", "egress"),
    [
        ("policy:lan->internet:icmp,web/lan>wan", "zone:lan", "uplink:wan"),
        ('comment "dnat:smtp"', "uplink:wan", "zone:dmz"),
        ("203.0.113.0/24", "uplink:wan", "router"),
        ("fib saddr . iif", "zone:lan", "zone:dmz"),
    ],
)
def test_a_line_that_is_gone_is_seen(line: str, ingress: str, egress: str) -> None:
    result = trial(small().changed(without(line)))

    assert (ingress, egress) in {(one.packet.ingress, one.packet.egress) for one in result.differences}
    assert not result.holds


def test_a_zone_that_is_no_longer_told_of_refusals_is_seen() -> None:
    silent = trial(small().changed(without("reject with icmpx")))

    assert sorted(check.subject for check in silent.checks if check.differs) == [
        "refusals told to lan, of packets for others",
        "refusals told to lan, of packets for the router",
    ]


def test_a_wider_port_is_seen() -> None:
    wider = small().changed(lambda text: text.replace("tcp dport 44311", "tcp dport 44311-44312"))

    strays = [one for one in trial(wider).differences if one.seen is Fate.ARRIVED]

    assert {(str(one.packet.source), one.packet.destination_port) for one in strays} == {("192.168.30.5", 44312)}


def test_a_rule_that_the_kernel_lacks_is_named() -> None:
    shorter = small().changed(
        lambda text: text.replace("content=$(transaction)", "content=$(transaction | sed '/lan->router:ssh/d')"),
        "/usr/lib/bailiwick/load-firewall",
    )

    missing = [one for one in trial(shorter).loaded if one.found is False]

    assert missing
    assert all(one.place.startswith(FIREWALL) and "policy:lan->router:ssh" in one.subject for one in missing)


def test_permissions_that_do_not_look_at_the_source_are_seen() -> None:
    own = "ip saddr 192.168.40.0/24 ip saddr != 192.168.40.1 ip saddr != 192.168.40.255 "
    result = trial(small().changed(without_words(own)))

    passed = {one.packet for one in result.differences if one.seen in (Fate.ARRIVED, Fate.STRAYED)}
    assert {(one.ingress, one.egress) for one in passed} == {("zone:lan", "zone:dmz"), ("zone:lan", "uplink:wan")}
    assert not any(str(one.source).startswith("192.168.40.") for one in passed)


def test_a_forged_source_is_not_told_of_refusals() -> None:
    result = trial(small().changed(without_rule("forward", "fib saddr . iif")))

    assert {one.seen for one in result.differences} == {Fate.REFUSED}
    assert {one.packet.ingress for one in result.differences} == {"zone:lan"}


@pytest.mark.deep
@pytest.mark.parametrize(
    "change",
    [
        without("@zones.broadcasts"),
        without("192.168.10.255,"),
        without_rule("input", "@zones.broadcasts"),
        without_words(" ip saddr != 192.168.10.255"),
        without_words(" ip saddr != 192.168.40.255"),
    ],
)
def test_a_broadcast_as_source_is_seen_where_the_kernel_lets_it_in(change: Callable[[str], str]) -> None:
    result = trial(trunks().changed(change))

    assert {str(one.packet.source)[-4:] for one in result.differences} == {".255"}


@pytest.mark.deep
def test_a_broadcast_as_source_is_not_told_of_refusals() -> None:
    lan = "lan: {vlan: 40, subnet: 192.168.40.0/24"
    network = resolve(loads({"home.yaml": TRUNKS.replace(lan, f"{lan}, refuse: reject")}), date(2026, 1, 1)).network
    plan = make_plan(network)
    refusing = Home(network, mean(network), plan, render(plan)[0])
    assert trial(refusing).holds

    result = trial(refusing.changed(without_rule("forward", "@zones.broadcasts")))

    assert {(one.seen, str(one.packet.source)) for one in result.differences} == {(Fate.REFUSED, "192.168.40.255")}


@pytest.mark.deep
def test_no_line_of_the_ruleset_goes_unseen() -> None:
    one = small()
    text = one.tree.file(FIREWALL).text
    lines = text.splitlines()
    assert not any(line.strip().startswith('"wg-out" ') and "jump" in line for line in lines)
    unseen: list[str] = []
    for part in parts(text):
        for number, comment in part.items:
            line = lines[number - 1].strip()
            if comment.startswith(HARMLESS) or (part.name, comment) in SECOND_LOCKS or part.name in UNENTERED:
                continue
            if not never_met(part.name, line) and trial(one.changed(without_line(number))).holds:
                unseen.append(f"{part.name}: {line}")
    assert unseen == []
