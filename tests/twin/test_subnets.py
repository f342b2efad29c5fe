from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from bailiwick.twin.aim.subnets import broadcasts, machines, member
from tests.twin.homes import uplinks


@pytest.mark.parametrize(
    ("subnet", "first", "last"),
    [
        ("192.168.1.0/24", "192.168.1.1", "192.168.1.254"),
        ("192.168.1.4/30", "192.168.1.5", "192.168.1.6"),
        ("192.168.1.4/31", "192.168.1.4", "192.168.1.5"),
        ("192.168.1.4/32", "192.168.1.4", "192.168.1.4"),
    ],
)
def test_machines_have_neither_end_of_a_subnet_that_has_ends(subnet: str, first: str, last: str) -> None:
    assert machines(IPv4Network(subnet)).spans == ((int(IPv4Address(first)), int(IPv4Address(last))),)


def test_a_link_of_two_has_no_broadcast() -> None:
    subnets = [IPv4Network(text) for text in ("10.0.0.0/24", "10.0.1.0/31", "10.0.2.1/32")]

    assert broadcasts(subnets) == {IPv4Address("10.0.0.255")}


def test_a_zone_of_one_machine_gives_that_one() -> None:
    zones = uplinks().network.zones

    assert str(member(zones["lan"], 5)) == "192.168.40.5"
    assert str(member(zones["tiny"], 5)) == "192.168.99.2"
