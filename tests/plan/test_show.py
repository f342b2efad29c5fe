from __future__ import annotations

import json
from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from bailiwick.packets.interval import IntervalSet
from bailiwick.plan import as_data, make_plan, show
from bailiwick.plan.show import aligned
from bailiwick.plan.words import duration, ranged
from tests.plan import networks as make

LAN = make.zone("lan", 40, dhcp=True)
HOME = make.network(
    [LAN],
    [make.port("eth1", "lan")],
    policy=(make.permission(make.subnet(LAN), make.INTERNET, make.ANY, log=True),),
)


def test_a_sentence_is_shown_with_its_place_in_the_file() -> None:
    (line,) = (line for line in show(make_plan(HOME)).splitlines() if "logged" in line)
    assert line.startswith("    any  lan -> internet") and line.endswith("home.yaml:80")


def test_what_is_not_there_has_no_heading() -> None:
    text = show(make_plan(HOME))
    assert "Interfaces\n" in text and "Exits\n" not in text and "Devices" not in text


def test_data_is_plain_and_keeps_every_id() -> None:
    plan = make_plan(HOME)
    data = json.loads(json.dumps(as_data(plan)))
    assert [f["id"] for f in data["flows"]] == [f.id for f in plan.flows]
    assert data["dhcp"][0]["pool"] == ["192.168.40.100", "192.168.40.199"]
    assert data["hygiene"]["anti_spoof"] == ["zone:lan"]


def test_a_heading_counts_for_no_width() -> None:
    rows = [("a heading far wider than the rest",), ("a", "b"), ("aaa", "b")]
    assert list(aligned(rows)) == ["a heading far wider than the rest", "a    b", "aaa  b"]


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**16))
def test_a_range_reads_back(first: int, size: int) -> None:
    last = min(first + size, 2**32 - 1)
    text = ranged((first, last))
    if "/" in text:
        assert IntervalSet.networks([IPv4Network(text)]).spans == ((first, last),)
    else:
        assert text.count("-") == (first != last)


def test_durations_in_the_largest_unit_that_fits() -> None:
    assert [duration(s) for s in (43200, 86400, 5400, 90, 0)] == ["12h", "1d", "90m", "90s", "0s"]
