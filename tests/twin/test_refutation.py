"""Real trials of files that were made wrong: the line that is wrong is named, and the packet that shows it recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bailiwick.claims.claim import Outcome
from bailiwick.twin import TwinOptions, TwinResult, try_network
from bailiwick.twin.result import Refutation
from tests.twin.homes import FIREWALL, Home, small

pytestmark = [pytest.mark.real, pytest.mark.slow]

OPTIONS = TwinOptions(patience=0.15)
SYSCTL = "/etc/sysctl.d/90-bailiwick.conf"
LOADER = "/usr/lib/bailiwick/load-firewall"
EARLY = "ip daddr 192.168.30.5 tcp dport 443 drop"


def trial(one: Home) -> TwinResult:
    return try_network(one.network, one.intent, one.plan, one.tree, OPTIONS)


def number_of(home: Home, words: str, path: str = FIREWALL) -> int:
    """The one line with these words, from 1."""
    lines = home.tree.file(path).text.splitlines()
    (found,) = [number for number, line in enumerate(lines, 1) if words in line]
    return found


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


def refuted(result: TwinResult, claim: str) -> Refutation:
    assert {one.claim: one.outcome for one in result.evidence}[claim] is Outcome.REFUTED
    return next(one for one in result.refutations if one.claim.id == claim)


@dataclass(frozen=True)
class Fault:
    change: Callable[[str], str]
    claim: str
    line: str
    """Words of the line that must be named first."""
    why: str
    path: str = FIREWALL


FAULTS = {
    "a wider port": Fault(
        replaced("tcp dport 44311", "tcp dport 44311-44312"),
        "rest:zone:dmz->zone:lan",
        "tcp dport 44311-44312",
        "the rule written there lets it pass",
    ),
    "a source that is not hidden": Fault(
        replaced('oifname { "eth0", "wg-out" } ip saddr', 'oifname { "eth9", "wg-out" } ip saddr'),
        "policy:dmz->internet:tcp/25",
        "chain postrouting {",
        "no rule of source NAT takes it",
    ),
    "a router that does not forward": Fault(
        replaced("ipv4/ip_forward = 1", "ipv4/ip_forward = 0"),
        "policy:lan->dmz:https",
        "ipv4/ip_forward = 0",
        "not routed: the device does not forward",
        SYSCTL,
    ),
    "a rule that drops too early": Fault(
        replaced("\t\tct state invalid drop", f"\t\t{EARLY}\n\t\tct state invalid drop"),
        "policy:lan->dmz:https",
        EARLY,
        "the rule written there drops it",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_wrong_line_is_named(name: str) -> None:
    fault = FAULTS[name]
    home = small().changed(fault.change, fault.path)
    result = trial(home)

    one = refuted(result, fault.claim)
    assert one.why == fault.why
    number = number_of(home, fault.line, fault.path) if name != "a rule that drops too early" else one.lines[0].number
    assert (one.lines[0].file, one.lines[0].number) == (fault.path, number)
    assert fault.line in home.tree.file(fault.path).text.splitlines()[number - 1]
    assert one.asked[0] == one.claim.span
    assert all(decision.agrees is not False for decision in result.decisions)
    taps = {frame.machine for frame in one.frames}
    assert {one.station, "router"} <= taps
    assert all(frame.serial == one.observation.serial for frame in one.frames)


def test_a_rule_that_the_kernel_lacks_is_named_by_the_file() -> None:
    home = small().changed(
        replaced("content=$(transaction)", "content=$(transaction | sed '/tcp dport 44311/d')"), LOADER
    )
    result = trial(home)

    one = refuted(result, "policy:proxy->seed:tcp/44311")
    assert one.why == "the kernel does not do what the files say"
    assert one.lines[0].number == number_of(home, "tcp dport 44311")
    assert "policy:proxy->seed" in one.foretold
    assert one.took != one.foretold
    assert {span.line for span in one.asked} == {one.claim.span.line}
    assert [check.holds for check in result.checks if check.subject == "the rules that decide what comes from dmz"] == [
        False
    ]


def test_rules_that_nft_refuses_are_named_by_its_error() -> None:
    home = small().changed(replaced("tcp dport 44311", "tcp dport fourty"))
    result = trial(home)

    one = refuted(result, "rest:zone:dmz->zone:lan")
    assert [line.number for line in one.lines] == [number_of(home, "tcp dport fourty")]
    assert one.why.startswith("nft refuses the rules: ")


def test_one_claim_alone() -> None:
    claim = "policy:proxy->seed:tcp/44311"
    one = small()
    parts: list[str] = []
    options = TwinOptions(patience=0.15, only=(claim,))
    result = try_network(one.network, one.intent, one.plan, one.tree, options, listener=parts.append)

    assert [(evidence.claim, evidence.outcome) for evidence in result.evidence] == [(claim, Outcome.CONFIRMED)]
    assert {observation.claims for observation in result.observations} == {(claim,)}
    assert parts == ["scene", "router", "packets", "deciding rules", "refutations", "leases", "exits"]
