"""What goes wrong around the router: nothing forbidden passes meanwhile, and everything is back afterwards."""

from __future__ import annotations

from functools import cache

import pytest

from bailiwick.twin import TwinOptions, try_network
from bailiwick.twin.result import Check
from tests.twin.homes import Home, small, trunks

pytestmark = [pytest.mark.real, pytest.mark.slow]

APPLIED = "the files applied again while packets flow"


def checks(one: Home, *acts: str) -> tuple[Check, ...]:
    options = TwinOptions(patience=0.2, acts=acts)
    result = try_network(one.network, one.intent, one.plan, one.tree, options)
    assert result.differences == ()
    return result.checks


@cache
def scenes() -> tuple[Check, ...]:
    return checks(small(), "files applied again", "dnsmasq killed", "clock", "reboot")


@cache
def renumbering() -> tuple[Check, ...]:
    return checks(trunks(), "uplinks renumbered")


def test_nothing_forbidden_passes_and_all_is_back() -> None:
    assert [check for check in scenes() if check.differs] == []
    held = {check.subject for check in scenes() if check.holds}
    assert {
        "a reboot in the middle of flows: what is denied",
        "a reboot in the middle of flows: what is open, afterwards",
        "a reboot in the middle of flows: what is loaded, afterwards",
        "a reboot in the middle of flows: connections from before, dmz by wan",
        "dnsmasq killed: what is denied",
        "dnsmasq killed: what is open",
    } <= held


def test_nothing_forbidden_passes_while_files_are_applied() -> None:
    assert all(check.holds for check in scenes() if check.subject.startswith(APPLIED))


def test_what_cannot_be_played_here_is_said() -> None:
    untried = [check.subject for check in scenes() if check.holds is None]

    assert "dnsmasq killed: systemd starts it again" in untried
    assert "a clock that jumps: connections" in untried


def test_an_uplink_comes_back_with_another_address() -> None:
    assert [check for check in renumbering() if check.differs] == []
    moved = [check for check in renumbering() if "conversations of before" in check.subject and check.holds]
    assert moved


def test_a_firewall_that_is_not_loaded_at_boot_is_seen() -> None:
    """The second time its loader does nothing, as a unit that is ordered too late."""
    later = small().changed(
        lambda text: text.replace("set -eu\n", "set -eu\n[ -e /run/once ] && exit 0\n: > /run/once\n", 1),
        "/usr/lib/bailiwick/load-firewall",
    )

    found = {check.subject: check for check in checks(later, "reboot")}

    assert found["a reboot in the middle of flows: what is denied"].differs
    assert found["a reboot in the middle of flows: what is loaded, afterwards"].differs
