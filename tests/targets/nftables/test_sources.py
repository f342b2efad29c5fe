"""Forged sources on the forward hook: what the plan's slow reader drops as such, no written permission accepts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.intent import mean
from bailiwick.language import load, loads
from bailiwick.network.model import Network
from bailiwick.network.resolve import resolve
from bailiwick.packets.packet import Packet
from bailiwick.plan import make_plan
from bailiwick.plan.model import Flow, Hook, Plan
from bailiwick.targets.linux.nftables.permissions import permissions
from tests.homes import homes
from tests.plan.evaluate import Evaluator
from tests.plan.packets import Edges
from tests.targets.nftables.reading import decide

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[3] / "examples"
TODAY = date(2026, 6, 1)


def disagreements(network: Network, random: Random, count: int) -> tuple[list[str], int]:
    """Packets from zones that the written permissions and the plan's slow reader part about; how many were forged."""
    plan, forged, found = make_plan(network), 0, []
    evaluator = Evaluator(plan)
    pairs: dict[tuple[str | None, str | None], list[Flow]] = defaultdict(list)
    for flow in plan.flows:
        if flow.hook is Hook.FORWARD and flow.ingress in plan.hygiene.anti_spoof:
            pairs[flow.ingress, flow.egress].append(flow)
    made = cache(lambda pair: permissions("forward.a.b", pairs[pair], plan))
    for drawn in Edges(network, plan, mean(network)).draw(random, count):
        for packet in (drawn, *lies(plan, drawn, random)):
            pair = packet.ingress, packet.egress
            if pair not in pairs or other_hygiene(evaluator, packet):
                continue
            forged += evaluator.forged(packet)
            opened, logged = decide(made(pair), packet)
            if (opened is not None) != bool(evaluator.accepts(packet)) or (logged and opened is None):
                found.append(f"{packet}: written {opened}, logged {logged}, planned {evaluator.accepts(packet)}")
    return found, forged


def lies(plan: Plan, packet: Packet, random: Random) -> list[Packet]:
    """The same packet from the router's addresses, the broadcast ones, the networks' own, and somebody else."""
    if packet.ingress not in plan.hygiene.anti_spoof:
        return []
    own = plan.interface_of(packet.ingress).address
    assert own is not None
    first, last = own.network.network_address, own.network.broadcast_address
    other = random.choice([net for net in plan.home_subnets if net != own.network] or [own.network])
    sources = (own.ip, first, last, first - 1, last + 1, other.network_address + 2, other.broadcast_address)
    return [replace(packet, source=source) for source in (*sources, IPv4Address(0))]


def other_hygiene(evaluator: Evaluator, packet: Packet) -> bool:
    """Whether rules in front of the permissions drop it: the guard of the exits, or its destination."""
    hygiene = replace(evaluator.plan.hygiene, anti_spoof=())
    return Evaluator(replace(evaluator.plan, hygiene=hygiene)).unclean(packet)


@pytest.mark.parametrize("name", ["one-router", "public-apps"])
def test_no_permission_of_the_examples_holds_for_a_forged_source(name: str) -> None:
    network = resolve(load(EXAMPLES / f"{name}.yaml"), TODAY).network
    found, forged = disagreements(network, Random(5), 600)
    assert found == []
    assert forged > 200


@settings(max_examples=25, deadline=None)
@given(homes(), st.integers(0, 2**32))
def test_no_permission_of_a_home_holds_for_a_forged_source(files: dict[str, str], seed: int) -> None:
    assert disagreements(resolve(loads(files), TODAY).network, Random(seed), 60)[0] == []


@pytest.mark.deep
@settings(max_examples=300, deadline=None)
@given(homes(zones=8, hosts=20, sentences=40), st.integers(0, 2**32))
def test_no_permission_of_many_homes_holds_for_a_forged_source(files: dict[str, str], seed: int) -> None:
    assert disagreements(resolve(loads(files), TODAY).network, Random(seed), 100)[0] == []
