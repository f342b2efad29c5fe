from __future__ import annotations

import pytest

from bailiwick.twin import try_network
from bailiwick.twin.result import Check
from tests.twin.homes import Home, plain

pytestmark = pytest.mark.real

SYSCTL = "/etc/sysctl.d/90-bailiwick.conf"


def about_ipv6(one: Home) -> dict[str, Check]:
    result = try_network(one.network, one.intent, one.plan, one.tree)
    return {check.subject: check for check in result.checks if check.subject.startswith("IPv6")}


def test_ipv6_is_closed() -> None:
    checks = about_ipv6(plain())
    assert set(checks) == {
        "IPv6 addresses of the router",
        "IPv6 sockets of the router",
        "IPv6 from lan",
        "IPv6 from wan",
        "IPv6 from unknown",
    }
    assert all(check.holds for check in checks.values())


def test_an_ipv6_that_is_left_on_is_seen() -> None:
    left_on = plain().changed(lambda text: "".join(x for x in text.splitlines(True) if "disable_ipv6" not in x), SYSCTL)
    assert about_ipv6(left_on)["IPv6 addresses of the router"].holds is False
