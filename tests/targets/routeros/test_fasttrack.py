"""Fasttrack: both routers still accept the same, and a script in which it steps over a rule is not proven."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bailiwick.proof.comparison import compare
from bailiwick.proof.difference import Difference, Kind
from bailiwick.proof.prove import prove
from bailiwick.workflow import check
from bailiwick.workflow.checking import Checked
from bailiwick.workflow.machines import read_script
from tests.targets.routeros.homes import home
from tests.targets.routeros.test_equal import proven, side

pytestmark = [pytest.mark.real, pytest.mark.slow]

ASKED = "fasttrack: yes\n"
RULE = "/ip firewall filter add chain=forward action=fasttrack-connection "


@pytest.mark.parametrize("uplink", ["dhcp", "pppoe"])
def test_a_router_that_does_accepts_what_one_accepts_that_does_not(tmp_path: Path, uplink: str) -> None:
    linux = proven(tmp_path, "linux", home("linux", uplink))
    routeros = proven(tmp_path, "routeros", home("routeros", uplink) + ASKED)
    [text] = routeros.texts.values()
    assert text.count(RULE) == 2
    assert routeros.proof.differences == ()
    found = compare(side(linux), side(routeros))
    assert [*found.allowed, *found.denied] == []


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    path = tmp_path_factory.mktemp("fast") / "home.yaml"
    path.write_text(home("routeros") + ASKED, encoding="utf-8")
    return check(path, date(2026, 1, 1))


def differences(checked: Checked, *more: str) -> list[Difference]:
    """Of what was built, and of these lines after it."""
    [only] = checked.trees[0].artifacts
    text = only.text + "\n".join(more) + "\n"
    return list(prove(checked.intent, read_script("gate", {"/bailiwick.rsc": text})).differences)


CHOOSING = {
    "a rule of routing": (
        "/routing table add name=by-lte fib=yes",
        "/ip route add dst-address=0.0.0.0/0 gateway=203.0.113.1 routing-table=by-lte",
        "/routing rule add src-address=192.168.10.66/32 action=lookup table=by-lte",
    ),
    "a mark": (
        "/ip firewall mangle add chain=prerouting action=mark-connection in-interface=ether7 new-connection-mark=lte",
    ),
}


@pytest.mark.parametrize("what", CHOOSING)
def test_what_chooses_a_way_is_not_stepped_over(asked: Checked, what: str) -> None:
    assert differences(asked) == []
    found = [one for one in differences(asked, *CHOOSING[what]) if one.kind is Kind.WAY and what in one.sentence]
    assert found
    assert all(one.line is not None and "action=fasttrack-connection" in one.line.text for one in found)


def test_nobody_is_fast_tracked_unasked(tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(home("routeros"), encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    assert differences(checked) == []
    found = differences(checked, f"{RULE}connection-state=established,related")
    assert any("the home file asks for none" in one.sentence for one in found)


def test_the_rule_that_accepts_is_still_needed(asked: Checked) -> None:
    """Not every packet of a fast-tracked connection takes the short way."""
    [only] = asked.trees[0].artifacts
    lines = [
        line
        for line in only.text.splitlines()
        if "chain=forward action=accept connection-state=established,related" not in line
    ]
    device = read_script("gate", {"/bailiwick.rsc": "\n".join(lines)})
    assert Kind.REPLY in {one.kind for one in prove(asked.intent, device).differences}
