from __future__ import annotations

import pytest

from bailiwick.twin import try_network
from tests.twin.homes import plain

pytestmark = pytest.mark.real

ZONE = "/etc/systemd/network/10-bailiwick-eth1.network"
NO_WAY = "\n[Route]\nDestination=10.99.0.0/16\nGateway=203.0.113.9\n"
"""A gateway that is on no link: the kernel refuses the route, and networkd goes on without it."""


def test_a_route_that_the_kernel_refused_is_missed() -> None:
    one = plain().changed(lambda text: text + NO_WAY, ZONE)
    result = try_network(one.network, one.intent, one.plan, one.tree)
    missing = [entry.subject for entry in result.loaded if entry.found is False]
    assert missing == ["route of eth1: Destination=10.99.0.0/16 Gateway=203.0.113.9"]
    there = {entry.subject for entry in result.loaded if entry.found}
    assert {"Address=192.168.40.1/24 of eth1", "DHCP=ipv4 of eth0"} <= there
    assert not result.holds
