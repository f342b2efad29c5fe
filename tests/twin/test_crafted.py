"""Packets that no plain host would send: a router as rendered lets none of them through, and a careless one shows."""

from __future__ import annotations

from functools import cache

import pytest

from bailiwick.twin import TwinOptions, TwinResult, try_network
from bailiwick.twin.result import Check
from tests.twin.homes import Home, trunks
from tests.twin.test_trial import without

pytestmark = [pytest.mark.real, pytest.mark.slow]

SYSCTL = "/etc/sysctl.d/90-bailiwick.conf"
CARELESS = {"arp_ignore": "0", "accept_source_route": "1", "bc_forwarding": "1"}
FAMILIES = (
    "fragments of accepted packets",
    "fragments of denied packets",
    "fragments that make no packet",
    "accepted packets with IPv4 options",
    "denied packets with IPv4 options",
    "packets that choose their own way",
    "packets that are spent or damaged",
    "TCP flags that begin nothing",
    "ICMP that belongs to nothing",
    "answers from",
    "broadcasts and multicast",
    "ARP asked of the router",
    "other zones' addresses claimed by ARP",
    "addresses of hosts that others claimed",
    "a rogue router in",
    "a scan from",
)


def tried(one: Home) -> TwinResult:
    return try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.15))


@cache
def as_rendered() -> TwinResult:
    return tried(trunks())


def of(family: str, result: TwinResult) -> list[Check]:
    return [check for check in result.checks if check.subject.startswith(family)]


def careless(text: str) -> str:
    """The same settings, three of them as no router's should be."""
    lines = []
    for line in text.splitlines(keepends=True):
        key = line.partition("=")[0].strip().rsplit("/", 1)[-1].rsplit(".", 1)[-1]
        lines.append(f"{line.partition('=')[0]}= {CARELESS[key]}\n" if key in CARELESS else line)
    assert lines != text.splitlines(keepends=True)
    return "".join(lines)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_router_as_rendered_stands_it(family: str) -> None:
    checks = of(family, as_rendered())

    assert checks
    assert [check for check in checks if not check.holds] == []


def test_every_zone_is_scanned_from() -> None:
    assert [check.subject for check in of("a scan from", as_rendered())] == [
        f"a scan from {zone}, captured in every other segment" for zone in ("mgmt", "lan", "iot")
    ]


def forgetful(text: str) -> str:
    """A filter that looks at first fragments alone, and lets all later ones pass: none is put together before it."""
    raw = (
        "\tchain raw {\n\t\ttype filter hook prerouting priority -450; policy accept;\n"
        "\t\tip frag-off & 0x3fff != 0 notrack\n\t}\n\n"
    )
    hook = "type filter hook forward priority filter; policy drop;\n"
    assert text.count(hook) == 1
    later = text.replace(hook, f"{hook}\t\tip frag-off & 0x1fff != 0 accept\n")
    return later.replace("\t# packets through the router\n", f"{raw}\t# packets through the router\n")


def test_a_filter_that_never_sees_packets_whole_shows() -> None:
    differing = {
        check.subject.partition(" from ")[0] for check in tried(trunks().changed(forgetful)).checks if check.differs
    }

    assert differing == {"fragments of denied packets", "fragments that make no packet"}


def test_a_careless_router_shows() -> None:
    one = trunks().changed(careless, SYSCTL)
    one = one.changed(without("hygiene:invalid"))

    differing = {
        check.subject.partition(" from ")[0].partition(" in ")[0] for check in tried(one).checks if check.differs
    }

    assert differing == {
        "packets that choose their own way",
        "TCP flags that begin nothing",
        "ICMP that belongs to nothing",
        "broadcasts and multicast",
        "ARP asked of the router",
    }
