"""Made-up homes resolve silently, the same each time, and whatever the order of their policy."""

from __future__ import annotations

import random
from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.language import loads
from bailiwick.network.model import Permission, Place
from bailiwick.network.resolve import Resolution, resolve
from tests.homes import generate_home, homes
from tests.network.small import TODAY


def resolution(files: dict[str, str]) -> Resolution:
    return resolve(loads(files), TODAY)


@settings(max_examples=60, deadline=None)
@given(homes())
def test_made_up_homes_are_silent(files: dict[str, str]) -> None:
    assert resolution(files).warnings == ()


@pytest.mark.deep
@settings(max_examples=5000, deadline=None)
@given(homes(zones=12, hosts=60, sentences=80))
def test_many_made_up_homes_are_silent(files: dict[str, str]) -> None:
    assert resolution(files).warnings == ()


@settings(max_examples=20, deadline=None)
@given(homes())
def test_the_same_file_is_the_same_network(files: dict[str, str]) -> None:
    assert resolution(files) == resolution(files)


def test_the_same_seed_is_the_same_file() -> None:
    assert generate_home(6, 30, 40, seed=7) == generate_home(6, 30, 40, seed=7)
    assert generate_home(6, 30, 40, seed=7) != generate_home(6, 30, 40, seed=8)


def test_a_large_home_has_what_was_asked_for() -> None:
    network = resolution(generate_home(16, 300, 800, seed=1)).network
    assert len(network.zones) == 16
    assert len(network.hosts) >= 300
    assert len(network.policy) >= 800


def without_places(permission: Permission) -> tuple[object, ...]:
    return permission.id, permission.source.extents, permission.target.extents, permission.matches, permission.but


@settings(max_examples=30, deadline=None)
@given(homes(), st.integers(0, 1 << 16))
def test_the_order_of_the_policy_does_not_matter(files: dict[str, str], seed: int) -> None:
    head, _, rest = files["home.yaml"].partition("policy:\n")
    lines = rest.split("\n")
    last = next(i for i, line in enumerate(lines) if not line.startswith("  - "))
    random.Random(seed).shuffle(shuffled := lines[:last])
    other = {**files, "home.yaml": f"{head}policy:\n" + "\n".join([*shuffled, *lines[last:]])}
    one, two = resolution(files).network.policy, resolution(other).network.policy
    assert {without_places(p) for p in one} == {without_places(p) for p in two}


@settings(max_examples=30, deadline=None)
@given(homes())
def test_every_extent_is_where_its_addresses_are(files: dict[str, str]) -> None:
    network = resolution(files).network
    subnets = {zone.id: zone.subnet for zone in network.zones.values()}
    for permission in (*network.policy, *network.deny, *network.accept):
        for party in (permission.source, permission.target):
            assert party.extents
            for extent in party.extents:
                assert extent.addresses
                ends = [IPv4Address(end) for pair in extent.addresses.spans for end in pair]
                if extent.place in subnets:
                    assert all(end in subnets[extent.place] for end in ends)
                if extent.place == Place.INTERNET:
                    assert not extent.addresses.overlaps(network.inside())
