from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from bailiwick.network.addresses import Unclear, addresses, complete, pool
from bailiwick.packets.interval import IntervalSet


@pytest.mark.parametrize(
    ("text", "subnet", "expected"),
    [
        (".5", "192.168.40.0/24", "192.168.40.5"),
        (".200", "192.168.40.128/25", "192.168.40.200"),
        (".5", "192.168.40.128/25", "192.168.40.5"),  # outside: the check says so, with both numbers
        ("10.4.0.5", "10.4.0.0/16", "10.4.0.5"),
    ],
)
def test_complete(text: str, subnet: str, expected: str) -> None:
    assert complete(text, IPv4Network(subnet)) == IPv4Address(expected)


@pytest.mark.parametrize("text", [".5", "tv", "1.2.3", "1.2.3.4/24", "300.1.1.1", "dhcp", ""])
def test_what_is_no_address_in_a_wide_subnet(text: str) -> None:
    with pytest.raises(Unclear):
        complete(text, IPv4Network("10.4.0.0/16"))


def test_pool_keeps_the_order_as_written() -> None:
    assert pool(".199-.100", IPv4Network("10.0.0.0/24")) == (IPv4Address("10.0.0.199"), IPv4Address("10.0.0.100"))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("10.0.0.7", "10.0.0.7", "10.0.0.7"),
        ("10.0.0.0/28", "10.0.0.0", "10.0.0.15"),
        ("10.0.0.7-10.0.1.9", "10.0.0.7", "10.0.1.9"),
    ],
)
def test_addresses(text: str, first: str, last: str) -> None:
    assert addresses(text) == IntervalSet.span(int(IPv4Address(first)), int(IPv4Address(last)))


@pytest.mark.parametrize("text", ["10.0.0.9-10.0.0.7", "10.0.0.1/28", "10.0.0.0/33", "10.0.0", ".7", "10.0.0.0/2x"])
def test_what_is_no_set_of_addresses(text: str) -> None:
    with pytest.raises(Unclear):
        addresses(text)
