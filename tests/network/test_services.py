from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.network.catalogue import ANY, CATALOGUE, PROTOCOLS
from bailiwick.network.inline_services import Unmatched, inline
from bailiwick.network.model import Match
from tests.network.small import codes, sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tcp/80", Match(6, (80, 80))),
        ("udp/1-10", Match(17, (1, 10))),
        ("tcp", Match(6)),
        ("icmp", Match(1)),
        ("icmp/echo-request", Match(1, icmp_type=8)),
        ("icmp/8", Match(1, icmp_type=8)),
        ("esp", Match(50)),
        ("proto/50", Match(50)),
    ],
)
def test_inline(text: str, expected: Match) -> None:
    assert inline(text) == expected


NO_SERVICES = """
    tcp/0 tcp/65536 tcp/10-1 tcp/ tcp/1- tcp/x tcp/\u0663 esp/4 icmp/256 icmp/pong proto/0 proto/256 proto/ quake /80
    tcp/1-2-3 proto/\u00b2
"""


@pytest.mark.parametrize("text", NO_SERVICES.split())
def test_what_is_no_service(text: str) -> None:
    with pytest.raises(Unmatched):
        inline(text)


@given(st.integers(1, 65535), st.integers(1, 65535))
def test_every_range_of_ports_reads_back(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert inline(f"udp/{low}-{high}") == Match(17, (low, high))


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_common_service_means_something(name: str) -> None:
    assert sentence(f"lan -> internet: {name}").matches


def test_no_common_service_has_the_name_of_a_protocol() -> None:
    assert not CATALOGUE.keys() & {*PROTOCOLS, ANY, "proto"}


def test_web_is_two_services_over_tcp() -> None:
    assert sentence("lan -> internet: web").matches == (Match(6, (80, 80)), Match(6, (443, 443)))


def test_mail_is_a_clients_and_not_a_servers() -> None:
    assert Match(6, (25, 25)) not in sentence("lan -> internet: mail").matches


def test_own_services_nest_and_repeat_nothing() -> None:
    own = "  suite: [app, https, udp/7000]\n  app: [tcp/8000, https]"
    matches = sentence("lan -> iot: suite, https", services=own).matches
    assert matches == (Match(6, (8000, 8000)), Match(6, (443, 443)), Match(17, (7000, 7000)))


def test_except_stands_apart() -> None:
    found = sentence("lan -> internet: any except udp/13233")
    assert (found.matches, found.but) == ((Match(),), (Match(17, (13233, 13233)),))


@pytest.mark.parametrize("name", ["https", "icmp", "any", "proto"])
def test_a_common_name_is_not_redefined(name: str) -> None:
    assert "service-shadows" in codes(services=f"  {name}: tcp/8443", policy=f"  - lan -> router: ssh, {name}")
