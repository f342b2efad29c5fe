"""Which interfaces hear a frame, held against the same flooded step by step."""

from __future__ import annotations

import pytest

from bailiwick.dataplane.segments import Segments
from tests.dataplane.segments.brute import flooded
from tests.dataplane.segments.wirings import VLANS, generated

TAGS = ((), *((vlan,) for vlan in VLANS), (2, 3), (3, 2), (4, 4))


def compare(seed: int) -> int:
    """How many interfaces heard something; fails where the two differ."""
    wiring = generated(seed)
    segments = Segments(wiring)
    count = 0
    for name, device in wiring.devices.items():
        for interface in device.interfaces:
            for tags in TAGS:
                flood = segments.flood(name, interface, tags)
                found = {(one.device, one.interface, one.tags) for one in flood.heard}
                assert found == flooded(wiring, name, interface, tags), (seed, name, interface, tags)
                count += len(found)
                for one in flood.heard:
                    path = flood.path(one)
                    assert len(set(path)) == len(path), "a witness goes nowhere twice"
    return count


def test_it_hears_what_a_flood_reaches() -> None:
    assert sum(compare(seed) for seed in range(100)) > 1000, "the wirings carry something"


@pytest.mark.deep
def test_many_wirings() -> None:
    for seed in range(100, 3000):
        compare(seed)
