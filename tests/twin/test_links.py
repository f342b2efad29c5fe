from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bailiwick.intent import mean
from bailiwick.language import loads
from bailiwick.network import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.twin import try_network

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

NO_WAY = "\n[Route]\nDestination=10.99.0.0/16\nGateway=203.0.113.9\n"
"""A gateway that is on no link: the kernel refuses the route, and networkd goes on without it."""


def test_a_route_that_the_kernel_refused_is_missed() -> None:
    network = resolve(loads({"home.yaml": HOME}), date(2026, 6, 1)).network
    plan = make_plan(network)
    tree = render(plan)[0]
    artifacts = tuple(
        replace(a, text=a.text + NO_WAY) if a.path.endswith("-eth1.network") else a for a in tree.artifacts
    )
    result = try_network(network, mean(network), plan, replace(tree, artifacts=artifacts))
    missing = [entry.subject for entry in result.loaded if entry.found is False]
    assert missing == ["route of eth1: Destination=10.99.0.0/16 Gateway=203.0.113.9"]
    there = {entry.subject for entry in result.loaded if entry.found}
    assert {"Address=192.168.40.1/24 of eth1", "DHCP=ipv4 of eth0"} <= there
    assert not result.holds
