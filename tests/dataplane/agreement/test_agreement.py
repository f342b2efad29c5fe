"""Dumps that people published, an article's export and our own examples, each asked about thousands of packets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from ipaddress import ip_interface, ip_network
from pathlib import Path

import pytest

from bailiwick.dataplane.iptables import read
from bailiwick.dataplane.linux import read_tree, rules
from bailiwick.dataplane.model import Device, Interface, Route, Routing
from bailiwick.dataplane.routeros import read_export
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, Interfaces
from bailiwick.workflow.checking import check
from bailiwick.workflow.devices import load
from bailiwick.workflow.nft_listing import nft_listing
from tests.dataplane.agreement.agreeing import compare
from tests.dataplane.iptables.real_dumps import REAL, WHY, text_of
from tests.dataplane.routeros.exports import ARTICLE

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[3] / "examples"
HOMES = ("public-apps", "one-router")
FEW, MANY = 250, 6000
SUBNETS = (
    ("192.168.0.1/24", "fd00::1/64"),
    ("203.0.113.7/24", "2001:db8::7/64"),
    ("10.0.0.1/24", "fd00:1::1/64"),
    ("131.159.14.36/25", "fd00:2::1/64"),
)


def of_dump(path: Path) -> Iterator[Device]:
    """With all interfaces that its rules name and two more: nothing known of its routes, and a made-up network."""
    device = Device("dump", tables=read(text_of(path), path.name).tables)
    names = [name for name in Interfaces.of(device, also=("eth8", "eth9")).numbers if name != LOOPBACK]
    interfaces = {name: Interface(name) for name in names}
    yield replace(device, interfaces=interfaces, routing=Routing(known=False))
    for name, addresses in zip(names, SUBNETS, strict=False):
        interfaces[name] = replace(interfaces[name], addresses=tuple(map(ip_interface, addresses)))
    outward = (Route(ip_network(net), interface=names[1]) for net in ("0.0.0.0/0", "::/0"))
    yield replace(device, interfaces=interfaces, routing=Routing(tuple(outward)))


def of_listings(folder: str) -> Device:
    where = REAL[0].parents[1] / folder
    (loaded,) = load([path for pattern in TOGETHER[folder] for path in sorted(where.glob(pattern))])
    return loaded.device


def of_home(name: str) -> Device:
    tree = check(EXAMPLES / f"{name}.yaml", date(2026, 1, 1)).trees[0]
    texts = {one.path: one.text for one in tree.artifacts}
    listing = nft_listing(rules(texts))
    return read_tree(texts, listing.ruleset, tree.device, listing.places)


def check_device(device: Device, number: int, *, quiet: bool = False, families: tuple[int, ...] = (4, 6)) -> None:
    """``quiet``: nothing passes for certain."""
    for family in families:
        count = compare(device, family, number)
        assert count.compared > number * 3 // 4
        assert count.refused > number // 20
        if family == 4 and device.routing.known and not quiet:
            assert count.passing > number // 100


BY_NAME = {path.name: path for path in REAL}
TOGETHER = {
    "openlab": ("ip-*.txt", "iptables-save.txt"),
    "home_user": ("ip_addr", "typical_home_user_iptables-save"),
    "sqrl": ("2015_aug_ip-addr", "2015_aug_iptables-save"),
}
"""Folder to what describes one device: its addresses, rules and routes beside the dump, where somebody listed them."""
QUIET = {"typical_home_user_iptables-save", "home_user"}
"""A limit stands before each of its permissions."""


@pytest.mark.skipif(not REAL, reason=WHY)
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_dumps(name: str) -> None:
    for device in of_dump(BY_NAME[name]):
        check_device(device, FEW, quiet=name in QUIET, families=(4,))


@pytest.mark.skipif(not REAL, reason=WHY)
@pytest.mark.parametrize("name", sorted(TOGETHER))
def test_dumps_with_what_ip_lists(name: str) -> None:
    check_device(of_listings(name), FEW, quiet=name in QUIET, families=(4,))


def test_an_export() -> None:
    check_device(read_export(ARTICLE.read_text(), "article.rsc"), FEW)


@pytest.mark.real
@pytest.mark.parametrize("name", HOMES)
def test_homes(name: str) -> None:
    check_device(of_home(name), FEW)


@pytest.mark.deep
@pytest.mark.skipif(not REAL, reason=WHY)
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_many_packets_through_dumps(name: str) -> None:
    for device in of_dump(BY_NAME[name]):
        check_device(device, MANY, quiet=name in QUIET, families=(4,))


@pytest.mark.deep
@pytest.mark.skipif(not REAL, reason=WHY)
@pytest.mark.parametrize("name", sorted(TOGETHER))
def test_many_packets_through_dumps_with_what_ip_lists(name: str) -> None:
    check_device(of_listings(name), MANY, quiet=name in QUIET, families=(4,))


@pytest.mark.deep
def test_many_packets_through_an_export() -> None:
    check_device(read_export(ARTICLE.read_text(), "article.rsc"), MANY)


@pytest.mark.deep
@pytest.mark.real
@pytest.mark.parametrize("name", HOMES)
def test_many_packets_through_homes(name: str) -> None:
    check_device(of_home(name), MANY)
