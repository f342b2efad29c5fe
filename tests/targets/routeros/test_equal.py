"""One home on two routers: both texts mean what the home file says, and accept the same connections."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bailiwick.proof.comparison import Side, compare
from bailiwick.workflow import check
from bailiwick.workflow.proving import Proven, prove_home
from tests.targets.routeros.homes import RESOLVERS, UPLINKS, home

pytestmark = pytest.mark.real

FAMILY = [*((uplink, "router") for uplink in UPLINKS), *(("dhcp", one) for one in RESOLVERS if one != "router")]


def proven(directory: Path, router: str, text: str) -> Proven:
    path = directory / f"{router}.yaml"
    path.write_text(text, encoding="utf-8")
    return prove_home(check(path, date(2026, 1, 1)))


def side(one: Proven) -> Side:
    return Side(one.device, one.proof.places, one.checked.intent)


@pytest.mark.parametrize(("uplink", "resolver"), FAMILY)
def test_both_routers_accept_the_same(tmp_path: Path, uplink: str, resolver: str) -> None:
    linux, routeros = (proven(tmp_path, router, home(router, uplink, resolver)) for router in ("linux", "routeros"))
    assert linux.proof.differences == ()
    assert routeros.proof.differences == ()
    found = compare(side(linux), side(routeros))
    assert [*found.allowed, *found.denied] == []


def test_a_home_that_opens_one_port_more_is_told_apart(tmp_path: Path) -> None:
    linux = proven(tmp_path, "linux", home("linux"))
    routeros = proven(tmp_path, "routeros", home("routeros").replace("modem: http\n", "modem: http, ssh\n"))
    found = compare(side(linux), side(routeros))
    assert [(one.ingress, one.egress, one.packet.destination_port) for one in found.allowed] == [
        ("zone:lan", "uplink:wan", 22)
    ]
    assert found.denied == ()
