"""Whole trials of the example homes, with real packets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bailiwick.claims.claim import Outcome
from bailiwick.twin import Fate, TwinOptions, TwinResult, try_network
from bailiwick.twin.ruleset import parts
from tests.twin.homes import FIREWALL, Home, home

pytestmark = pytest.mark.real

QUICK = TwinOptions(patience=0.15)
HARMLESS = ("loopback", "hygiene:invalid", "hygiene:rh0", "hygiene:ipv6", "refuse")
"""Rules whose loss no IPv4 opening can show: what follows them drops the same, or only replies and IPv6 meet them."""


def trial(one: Home, options: TwinOptions = QUICK) -> TwinResult:
    return try_network(one.network, one.intent, one.plan, one.tree, options)


def dropping(line: str, after: int = 1) -> Callable[[str], str]:
    """A change that leaves out the first line with this in it, from line ``after`` on."""

    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        index = next(number for number, one in enumerate(lines) if number + 1 >= after and line in one)
        return "".join(lines[:index] + lines[index + 1 :])

    return change


@pytest.mark.parametrize("name", ["one-router", "public-apps"])
def test_an_example_is_as_it_was_meant(name: str) -> None:
    result = trial(home(name), TwinOptions())

    assert [str(one) for one in result.differences] == []
    assert [one for one in result.checks if one.differs] == []
    assert [one for one in result.leases if not one.holds] == []
    assert [one for one in result.loaded if one.found is False] == []
    assert not any(one.seen is Fate.LOST for one in result.observations)
    assert not any(one.outcome is Outcome.REFUTED for one in result.evidence)
    assert result.holds


def test_every_promise_of_an_example_has_a_witness() -> None:
    one = home("public-apps")
    result = trial(one)
    outcomes = {evidence.claim: evidence.outcome for evidence in result.evidence}

    promised = [claim.id for claim in one.intent.claims() if claim.verdict.value == "accept"]

    assert promised
    assert {outcomes[claim] for claim in promised} == {Outcome.CONFIRMED}


@pytest.mark.parametrize(
    ("name", "line", "ingress", "egress"),
    [
        ("one-router", "policy:lan->internet", "zone:lan", "uplink:wan"),
        ("public-apps", "104.16.0.0-104.27.255.255 . 192.168.30.5", "uplink:wan", "zone:dmz"),
        ("public-apps", "policy:proxy->dmz-allowed:cloud-app", "zone:dmz", "zone:services"),
        ("public-apps", 'tcp . 443 comment "dnat:web"', "uplink:wan", "zone:dmz"),
    ],
)
def test_a_line_that_is_gone_is_seen(name: str, line: str, ingress: str, egress: str) -> None:
    result = trial(home(name).changed(dropping(line)))

    assert (ingress, egress) in {(one.packet.ingress, one.packet.egress) for one in result.differences}
    assert not result.holds


def test_a_wider_port_is_seen() -> None:
    wider = home("public-apps").changed(lambda text: text.replace("tcp . 44311", "tcp . 44311-44312"))

    strays = [one for one in trial(wider).differences if one.seen is Fate.ARRIVED]

    assert {(str(one.packet.source), one.packet.destination_port) for one in strays} == {("192.168.30.5", 44312)}


def test_a_rule_that_the_kernel_lacks_is_named() -> None:
    def loader(text: str) -> str:
        return text.replace('grep -vx "delete', 'sed "/policy:lan->router/d" "$file" | grep -vx "delete').replace(
            '" "$file"\n}', '"\n}'
        )

    result = trial(home("one-router").changed(loader, "/usr/lib/bailiwick/load-firewall"))

    missing = [one for one in result.loaded if one.found is False]
    assert missing
    assert all(one.place.startswith(FIREWALL) for one in missing)


@pytest.mark.deep
@pytest.mark.parametrize("name", ["one-router", "public-apps"])
def test_no_line_of_the_ruleset_goes_unseen(name: str) -> None:
    one = home(name)
    text = one.tree.file(FIREWALL).text
    lines = text.splitlines(keepends=True)
    unseen: list[str] = []
    for part in parts(text):
        for number, comment in part.items:
            if comment in HARMLESS:
                continue
            if trial(one.changed(dropping(lines[number - 1], number))).holds:
                unseen.append(lines[number - 1].strip())
    assert unseen == []
