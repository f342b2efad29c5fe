"""Translation is as the acts say it is, and a router that does otherwise is seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from bailiwick.twin import TwinOptions, try_network
from bailiwick.twin.result import Check
from tests.twin.homes import FIREWALL, Home, small

pytestmark = [pytest.mark.real, pytest.mark.slow]

SYSCTL = "/etc/sysctl.d/90-bailiwick.conf"
ACTS = ("mappings", "strangers", "errors", "hairpins", "sizes", "sources", "forwarding", "timers")


def checks(one: Home, *acts: str) -> tuple[Check, ...]:
    result = try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.2, acts=acts))
    return tuple(check for check in result.checks if check.subject.startswith(OURS))


OURS = ("NAT: ", "sizes: ", "sources: ", "destinations: ", "forwarding: ", "timers: ")


@cache
def whole() -> tuple[Check, ...]:
    return checks(small(), *ACTS)


def differing(found: tuple[Check, ...]) -> set[str]:
    return {check.subject.rpartition(", ")[0] or check.subject for check in found if check.differs}


def test_translation_is_as_it_is_said_to_be() -> None:
    assert [check for check in whole() if check.differs] == []
    assert len([check for check in whole() if check.holds]) > 60


def test_what_nobody_may_open_is_said_to_be_untried() -> None:
    untried = {check.subject for check in whole() if check.holds is None}

    assert {"NAT: one mapping whoever is spoken to, UDP", "timers: a mapping that nothing keeps ends, UDP"} <= untried


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("act", "path", "old", "new", "subject"),
    [
        ("mappings", FIREWALL, "masquerade comment", "masquerade random comment", "NAT: source ports kept"),
        (
            "hairpins",
            FIREWALL,
            "ct status dnat ip saddr 192.168.30.0/24 masquerade",
            "ct status dnat ip saddr 192.168.31.0/24 masquerade",
            "NAT: whom the service of a forward sees",
        ),
        (
            "forwarding",
            SYSCTL,
            "accept_source_route = 0",
            "accept_source_route = 1",
            "forwarding: a packet that chooses",
        ),
        (
            "timers",
            SYSCTL,
            "nf_conntrack_udp_timeout_stream = 300",
            "nf_conntrack_udp_timeout_stream = 100",
            "timers: UDP lives",
        ),
    ],
)
def test_a_router_that_does_otherwise_is_seen(act: str, path: str, old: str, new: str, subject: str) -> None:
    found = checks(small().changed(replaced(old, new), path), act)

    assert any(check.subject.startswith(subject) for check in found if check.differs)
