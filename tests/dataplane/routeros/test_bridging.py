"""What a port of a RouterOS bridge takes and sends: pvid, frame-types, ingress-filtering, horizon, the VLAN table."""

from __future__ import annotations

import pytest

from bailiwick.dataplane.model import Interface, Wiring
from bailiwick.dataplane.routeros import read_export
from bailiwick.dataplane.segments import Segments, bare, carried

TEXT = """\
/interface bridge
add name=bridge vlan-filtering={filtering}
/interface bridge port
add bridge=bridge interface=ether2 {port}
add bridge=bridge interface=ether3 pvid=30
/interface bridge vlan
add bridge=bridge tagged=ether3{tagged} vlan-ids=20{more}
"""


def port(said: str, tagged: str = "", more: str = "") -> Interface:
    text = TEXT.format(port=said, tagged=tagged, more=more, filtering="yes")
    return read_export(text, "sw.rsc", "sw").interfaces["ether2"]


@pytest.mark.parametrize(
    ("said", "tagged", "more", "expected"),
    [
        ("pvid=20", "", "", (20, {20}, {20})),
        ("pvid=20", ",ether2", "", (20, {20}, set())),
        ("frame-types=admit-only-vlan-tagged pvid=20", "", "", (None, set(), set())),
        ("frame-types=admit-only-vlan-tagged", ",ether2", "", (None, {20}, set())),
        ("pvid=40", "", " untagged=ether2", (40, {20, 40}, {20, 40})),
        ("", "", "", (1, {1}, {1})),
    ],
)
def test_vlans_of_a_port(said: str, tagged: str, more: str, expected: tuple[int | None, set[int], set[int]]) -> None:
    found = port(said, tagged, more)
    assert (found.untagged, set(carried(found)), set(bare(found))) == expected


def test_what_a_port_takes() -> None:
    assert port("frame-types=admit-only-untagged-and-priority-tagged").admits == "untagged"
    assert port("ingress-filtering=no").lax
    assert not port("").lax
    assert port("horizon=2").horizon == "2"
    assert port("horizon=none").horizon == ""


@pytest.mark.parametrize("said", ["frame-types=some", "tag-stacking=yes"])
def test_what_is_not_read_here_is_unknown(said: str) -> None:
    text = TEXT.format(port=said, tagged="", more="", filtering="yes")
    assert read_export(text, "sw.rsc", "sw").tally.unknown


@pytest.mark.parametrize(("filtering", "filters"), [("yes", True), ("no", False)])
def test_a_bridge_that_does_not_filter_is_known_as_such(filtering: str, filters: bool) -> None:
    device = read_export(TEXT.format(port="", tagged="", more="", filtering=filtering), "sw.rsc", "sw")
    assert Segments(Wiring({"sw": device})).filters("sw", "bridge") == filters


def test_a_value_without_a_name_is_unknown() -> None:
    text = TEXT.format(port="=yes", tagged="", more="", filtering="yes")
    assert read_export(text, "sw.rsc", "sw").tally.unknown
