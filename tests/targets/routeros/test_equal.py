"""One home on two routers: both texts mean what the home file says, and accept the same connections."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from bailiwick.proof.comparison import Side, compare
from bailiwick.proof.difference import Kind
from bailiwick.workflow import check
from bailiwick.workflow.proving import Proven, prove_home
from tests.targets.routeros.homes import FURTHER, RESOLVERS, UPLINKS, further, home

pytestmark = [pytest.mark.real, pytest.mark.slow]

FAMILY = [
    *((uplink, "router") for uplink in UPLINKS if uplink != "two"),
    *(("dhcp", one) for one in RESOLVERS if one != "router"),
]


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


EXAMPLE = Path(__file__).parents[3] / "examples/public-apps-mikrotik.yaml"
ONLY_THERE = {
    "    router: routeros\n    platform: routeros-7.20\n    model: rb5009\n": "    router: linux\n",
    "\nddns:\n  - {provider: mikrotik, name: home.example.com}\n": "",
    "      ether8: {mirror: [ether2, ether3, ether4], link: hv/ens2}     # the IDS listens there\n": "",
    ", listens-on: gate/ether8": "",
}
"""What of the example a Linux router does not do, and what stands in its place."""


def test_the_example_means_the_same_on_linux(tmp_path: Path) -> None:
    """But for whom a host of ``route-out`` asks for names (docs/routeros.md), and the router itself by the tunnel."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in ONLY_THERE.items():
        assert old in text
        text = text.replace(old, new)
    shutil.copy(EXAMPLE.parent / "cloudflare-ipv4.txt", tmp_path)
    linux, routeros = proven(tmp_path, "linux", text), prove_home(check(EXAMPLE, date(2026, 1, 1)))
    assert linux.proof.differences == routeros.proof.differences == ()
    found = compare(side(linux), side(routeros))
    more = {(one.ingress, one.egress, one.words) for one in found.allowed}
    assert more == {
        ("router", "uplink:ivpn", ("any",)),  # from the tunnel's address: by the tunnel there, by nothing here
        ("zone:services", "uplink:ivpn", ("from 192.168.20.66 to 9.9.9.9: tcp,udp/53",)),
    }
    assert [(one.ingress, one.egress, one.words) for one in found.denied] == [
        ("zone:services", "router", ("from 192.168.20.66 to 192.168.20.1: tcp,udp/21164",))  # the exit's own resolver
    ]


def test_a_home_that_opens_one_port_more_is_told_apart(tmp_path: Path) -> None:
    linux = proven(tmp_path, "linux", home("linux"))
    routeros = proven(tmp_path, "routeros", home("routeros").replace("modem: http\n", "modem: http, ssh\n"))
    found = compare(side(linux), side(routeros))
    assert [(one.ingress, one.egress, one.packet.destination_port) for one in found.allowed] == [
        ("zone:lan", "uplink:wan", 22)
    ]
    assert found.denied == ()


@pytest.mark.parametrize("uplink", FURTHER)
def test_with_two_uplinks_what_goes_through_is_the_same(tmp_path: Path, uplink: str) -> None:
    """What the router may send of its own is told by routes, which come and go in other ways on the two."""
    linux, routeros = (proven(tmp_path, router, further(router, uplink)) for router in ("linux", "routeros"))
    assert linux.proof.differences == routeros.proof.differences == ()
    found = compare(side(linux), side(routeros))
    assert {one.ingress for one in (*found.allowed, *found.denied)} <= {"router"}


@pytest.mark.parametrize(
    "dropped", ["action=mark-connection", "action=mark-routing", "distance=1 routing-table=by-lte"]
)
def test_answers_that_leave_by_the_usual_uplink_are_seen(tmp_path: Path, dropped: str) -> None:
    one = proven(tmp_path, "routeros", home("routeros", "two"))
    [text] = one.texts.values()
    lines = [line for line in text.splitlines() if dropped not in line]
    assert len(lines) < len(text.splitlines())
    (tmp_path / "built").mkdir()
    (tmp_path / "built/bailiwick.rsc").write_text("\n".join(lines), encoding="utf-8")
    found = prove_home(one.checked, tmp_path / "built").proof.differences
    assert {one.kind for one in found} & {Kind.WAY, Kind.REPLY, Kind.LESS}
