"""Plan and intent carry out the same page on their own, and must accept the same packets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.intent import mean
from bailiwick.language import Document, load, loads
from bailiwick.network.model import Match, Network
from bailiwick.network.resolve import resolve
from bailiwick.packets.packet import TCP, UDP
from bailiwick.plan import make_plan
from bailiwick.plan.model import Flow, Plan
from tests.homes import homes
from tests.plan.evaluate import Evaluator
from tests.plan.packets import Edges

EXAMPLES = Path(__file__).parents[2] / "examples"
TODAY = date(2026, 6, 1)


def disagreements(network: Network, plan: Plan, random: Random, count: int) -> list[str]:
    intent, evaluator = mean(network), Evaluator(plan)
    found = []
    for drawn in Edges(network, plan, intent).draw(random, count):
        packet = evaluator.landed(drawn)
        if evaluator.possible(packet):
            planned, meant = evaluator.accepts(packet), intent.accepts(evaluator.asked(packet))
            if bool(planned) != bool(meant):
                found.append(f"{packet}: planned {planned}, meant {[m.id for m in meant]}")
    return found


def resolved(document: Document) -> Network:
    return resolve(document, TODAY).network


@pytest.mark.parametrize("name", ["one-router", "public-apps"])
def test_the_examples_are_planned_as_they_are_meant(name: str) -> None:
    network = resolved(load(EXAMPLES / f"{name}.yaml"))
    assert disagreements(network, make_plan(network), Random(1), 4000) == []


@settings(max_examples=30, deadline=None)
@given(homes(), st.integers(0, 2**32))
def test_homes_are_planned_as_they_are_meant(files: dict[str, str], seed: int) -> None:
    network = resolved(loads(files))
    assert disagreements(network, make_plan(network), Random(seed), 250) == []


@pytest.mark.deep
@settings(max_examples=2000, deadline=None)
@given(homes(zones=8, hosts=20, sentences=40), st.integers(0, 2**32))
def test_many_homes_are_planned_as_they_are_meant(files: dict[str, str], seed: int) -> None:
    network = resolved(loads(files))
    assert disagreements(network, make_plan(network), Random(seed), 1000) == []


FRAIL = (
    "flow:policy:iot->internet:any/iot>wan",
    "flow:policy:lan->iot,mgmt,services:any/lan>mgmt",
    "flow:policy:proxy->dmz-allowed:cloud-app/dmz>services",
    "flow:derived:dhcp/iot>router",
    "flow:derived:dns/guest>services",
    "flow:derived:dns-ivpn/services>router",
    "flow:forward:web/wan>dmz",
    "flow:forward:web/dmz>dmz",
)


@pytest.mark.parametrize("id_", FRAIL)
def test_a_flow_that_is_missing_is_seen(id_: str) -> None:
    network = resolved(load(EXAMPLES / "public-apps.yaml"))
    plan = make_plan(network)
    less = replace(plan, flows=tuple(f for f in plan.flows if f.id != id_))
    assert len(less.flows) == len(plan.flows) - 1
    assert disagreements(network, less, Random(2), 4000)


@pytest.mark.parametrize("id_", FRAIL)
def test_a_flow_that_is_open_to_too_many_is_seen(id_: str) -> None:
    network = resolved(load(EXAMPLES / "public-apps.yaml"))
    plan = make_plan(network)
    wide = tuple(widened(f) if f.id == id_ else f for f in plan.flows)
    assert disagreements(network, replace(plan, flows=wide), Random(3), 6000)


def widened(flow: Flow) -> Flow:
    if flow.translated:
        return replace(flow, translated=False)
    if any(match.ports for match in flow.matches):
        return replace(flow, matches=(Match(TCP), Match(UDP)))
    return replace(flow, egress="uplink:ivpn")
