"""What a line means does not hang on where it stands: shuffled homes have the same plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.language import loads
from bailiwick.network.model import Network
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.plan.model import Plan
from tests.homes import homes

Noun = TypeVar("Noun")


def shuffled(network: Network, random: Random) -> Network:
    """Every order that means nothing, changed. The uplinks keep theirs: the first is the usual one."""

    def mixed(nouns: Mapping[str, Noun]) -> dict[str, Noun]:
        return dict(random.sample(list(nouns.items()), len(nouns)))

    def turned(nouns: tuple[Noun, ...]) -> tuple[Noun, ...]:
        return tuple(random.sample(nouns, len(nouns)))

    return replace(
        network,
        zones=mixed(network.zones),
        hosts=mixed(network.hosts),
        devices=mixed(network.devices),
        policy=turned(network.policy),
        forwards=turned(network.forwards),
        routes_out=turned(network.routes_out),
        ntp=turned(network.ntp),
        router=replace(network.router, ports=turned(network.router.ports)),
    )


def ids(plan: Plan) -> list[str]:
    found = [i.id for i in plan.interfaces] + [e.id for e in plan.exits] + [f.id for f in plan.flows]
    found += [t.id for t in plan.translations] + [m.id for m in plan.masquerades] + [c.id for c in plan.clamps]
    found += [d.id for d in plan.dhcp] + [r.id for d in plan.dhcp for r in d.reservations]
    return found + [r.id for r in plan.resolvers] + [s.id for s in plan.sheets]


def holds(files: dict[str, str], random: Random) -> None:
    network = resolve(loads(files), date(2026, 6, 1)).network
    plan = make_plan(network)
    assert make_plan(shuffled(network, random)) == plan
    assert len(set(ids(plan))) == len(ids(plan))


@settings(max_examples=25, deadline=None)
@given(homes(), st.integers(0, 2**32))
def test_order_means_nothing_and_ids_are_unique(files: dict[str, str], seed: int) -> None:
    holds(files, Random(seed))


@pytest.mark.deep
@settings(max_examples=1500, deadline=None)
@given(homes(zones=8, hosts=20, sentences=40), st.integers(0, 2**32))
def test_order_means_nothing_in_many_homes(files: dict[str, str], seed: int) -> None:
    holds(files, Random(seed))
