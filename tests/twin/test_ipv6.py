from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bailiwick.intent import mean
from bailiwick.language import loads
from bailiwick.network import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.targets.artifact import Tree
from bailiwick.twin import try_network
from bailiwick.twin.result import Check, TwinResult

pytestmark = pytest.mark.real

HOME = """
name: home
uplinks:
  wan: {interface: gate/eth0, address: dhcp}
zones:
  lan: {subnet: 192.168.40.0/24}
hosts:
  gate: {router: linux, ports: {eth1: lan}}
policy:
  - lan -> router: ssh
dns: {upstreams: [9.9.9.9]}
"""


def tried(without: str) -> TwinResult:
    network = resolve(loads({"home.yaml": HOME}), date(2026, 6, 1)).network
    plan = make_plan(network)
    tree = render(plan)[0]
    kept = tuple(
        replace(a, text="".join(line for line in a.text.splitlines(True) if not without or without not in line))
        for a in tree.artifacts
    )
    return try_network(network, mean(network), plan, Tree(tree.device, kept, tree.spans, tree.enable, tree.disable))


def about_ipv6(result: TwinResult) -> dict[str, Check]:
    return {check.subject: check for check in result.checks if check.subject.startswith("IPv6")}


def test_ipv6_is_closed() -> None:
    checks = about_ipv6(tried(without=""))
    assert set(checks) == {
        "IPv6 addresses of the router",
        "IPv6 sockets of the router",
        "IPv6 from lan",
        "IPv6 from wan",
    }
    assert all(check.holds for check in checks.values())


def test_an_ipv6_that_is_left_on_is_seen() -> None:
    assert about_ipv6(tried(without="disable_ipv6"))["IPv6 addresses of the router"].holds is False
