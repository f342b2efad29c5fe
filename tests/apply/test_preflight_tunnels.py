"""A tunnel that the home makes itself, on a device where another program made it before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bailiwick.agent.model import File, Finding, Generation
from bailiwick.apply.facts import Facts, Link
from bailiwick.apply.preflight import judge
from bailiwick.workflow.checking import Checked, check
from tests.proof.test_tunnels import HOME, NETDEV

CARDS = tuple(Link(name, f"02:00:00:00:00:0{name[-1]}", "", (), False) for name in ("eth0", "eth1"))
TUNNEL = Link("wg-vpn", "", "wireguard", (), False)
UNITS = {"systemd-networkd.service": ("disabled", False)}
FACTS = Facts("debian", "13", True, CARDS, UNITS, 0, None, None)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    path = tmp_path_factory.mktemp("home") / "home.yaml"
    path.write_text(HOME.replace("SERVER", "5.41.0.1"), encoding="utf-8")
    return check(path, date(2026, 1, 1))


def found(checked: Checked, facts: Facts) -> tuple[Finding, ...]:
    return judge(checked.plan, checked.trees[0], "debian-13", facts)


def test_one_that_is_not_there_yet_is_nothing_to_speak_of(checked: Checked) -> None:
    assert found(checked, FACTS) == ()


def test_one_of_another_programs_making_is_not_taken(checked: Checked) -> None:
    [error] = found(checked, replace(FACTS, links=(*CARDS, TUNNEL)))
    assert (error.severity, error.what) == ("error", "wg-vpn")
    assert "no file of ours made it" in error.text


def test_one_that_an_earlier_generation_made_is_ours(checked: Checked) -> None:
    ours = Generation(1, "gate", "debian-13", files=(File(NETDEV, 0o644, "root:root", ""),))
    assert found(checked, replace(FACTS, links=(*CARDS, TUNNEL), confirmed=1, generation=ours)) == ()
