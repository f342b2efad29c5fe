from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.intent import mean
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.workflow import read_text
from bailiwick.workflow.first_home import PURPOSES, Answers, first_home

TODAY = date(2026, 1, 1)


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    zones = tuple(draw(st.permutations([*PURPOSES, "attic"]))[: draw(st.integers(1, 7))])
    ports = tuple(f"lan{number}" for number in range(draw(st.integers(1, 8))))
    address = draw(st.sampled_from(["dhcp", "pppoe", "203.0.113.2/30"]))
    return Answers(
        name=draw(st.sampled_from(["home", "villa-7"])),
        uplink="wan0",
        address=address,
        gateway="203.0.113.1" if address[0].isdigit() else "",
        user="me@provider.example" if address == "pppoe" else "",
        ports=ports,
        zones=zones,
        manage_from=draw(st.sampled_from(zones)),
        platform=draw(st.sampled_from(["debian-12", "debian-13"])),
    )


@settings(max_examples=40, deadline=None)
@given(answers())
def test_whatever_is_answered_checks_without_a_word(given_answers: Answers) -> None:
    home = read_text("home.yaml", first_home(given_answers), TODAY)
    assert home.warnings == ()
    assert tuple(home.network.zones) == given_answers.zones
    assert not list(mean(home.network).contradictions())
    assert render(make_plan(home.network))


@pytest.mark.parametrize(
    ("ports", "zones", "expected"),
    [
        (("a",), ("lan",), {"a": ("lan", ())}),
        (("a", "b"), ("lan",), {"a": ("lan", ()), "b": ("lan", ())}),
        (("a", "b"), ("lan", "iot"), {"a": ("lan", ()), "b": ("iot", ())}),
        (("a",), ("lan", "iot", "guest"), {"a": ("lan", ("iot", "guest"))}),
        (("a", "b"), ("lan", "iot", "guest"), {"a": ("lan", ("iot", "guest")), "b": ("lan", ())}),
    ],
)
def test_zones_share_a_port_only_when_ports_are_few(
    ports: tuple[str, ...], zones: tuple[str, ...], expected: dict[str, tuple[str, tuple[str, ...]]]
) -> None:
    home = read_text("home.yaml", first_home(Answers(ports=ports, zones=zones)), TODAY)
    assert {port.name: (port.untagged, port.tagged) for port in home.network.router.ports} == expected


def test_every_zone_that_outsiders_could_reach_is_under_a_test() -> None:
    text = first_home(Answers(zones=("lan", "dmz")))
    assert "- outside -> router, lan, dmz: any" in text
    assert "- dmz -> lan: any" in text
