"""An owner whom the new rules would not let in as they came is told before anything is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bailiwick.agent.model import Finding
from bailiwick.apply.facts import Facts
from bailiwick.workflow.checking import check
from bailiwick.workflow.proving import Proven, prove_home
from bailiwick.workflow.way_in import way_in

EXAMPLE = Path(__file__).parents[2] / "examples" / "one-router.yaml"
FACTS = Facts("debian", "12", True, (), {}, 0, None, None, came_by="192.168.11.254", came_from="192.168.11.5")


def proven(directory: Path, policy: str) -> Proven:
    text = EXAMPLE.read_text().replace("lan -> router: ssh, icmp", policy).split("tests:")[0]
    (directory / "home.yaml").write_text(text)
    return prove_home(check(directory / "home.yaml", date(2026, 1, 1)))


@pytest.fixture(scope="module")
def open_one(tmp_path_factory: pytest.TempPathFactory) -> Proven:
    return proven(tmp_path_factory.mktemp("open"), "lan -> router: ssh, icmp")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Proven:
    return proven(tmp_path_factory.mktemp("closed"), "lan -> router: icmp")


def found(home: Proven, facts: Facts = FACTS) -> tuple[Finding, ...]:
    return way_in(home.device, facts)


def test_who_is_let_in_hears_nothing(open_one: Proven) -> None:
    assert found(open_one) == ()


def test_who_is_not_is_warned(closed: Proven) -> None:
    (one,) = found(closed)

    assert one.severity == "warning"
    assert "192.168.11.5 to 192.168.11.254, tcp/22" in one.text


def test_who_came_from_outside_is_asked_for_there(open_one: Proven) -> None:
    (one,) = found(open_one, replace(FACTS, came_from="198.51.100.7"))

    assert "198.51.100.7" in one.text


@pytest.mark.parametrize(
    "facts",
    [
        replace(FACTS, came_from="", came_by=""),
        replace(FACTS, came_from="fe80::1", came_by="fe80::2"),
        replace(FACTS, came_by="192.168.11.2"),
    ],
)
def test_of_another_way_nothing_is_said(closed: Proven, facts: Facts) -> None:
    assert found(closed, facts) == ()
