from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bailiwick.intent import Intent, mean
from bailiwick.proof.blast_radius import BlastRadius, How, blast_radius
from bailiwick.workflow import read, read_text

EXAMPLE = Path(__file__).parents[2] / "examples" / "public-apps.yaml"


@pytest.fixture(scope="module")
def intent() -> Intent:
    return mean(read(EXAMPLE, date(2026, 1, 1)).network)


def steps(found: BlastRadius) -> set[tuple[int, str, str, str]]:
    return {(one.depth, one.how.value, one.origin, one.target) for one in found.reached}


def test_a_camera_reaches_what_its_zone_may_and_then_what_stands_beside_that(intent: Intent) -> None:
    found = blast_radius(intent, intent.network.hosts["camera"])
    assert found.spared == ("mgmt", "dmz", "lan", "guest")
    assert {(1, "itself", "camera", "dns"), (1, "itself", "camera", "router"), (1, "itself", "camera", "wan")} <= steps(
        found
    )
    assert (2, "same zone", "dns", "cloud") in steps(found)


def test_an_address_of_a_neighbour_opens_the_neighbours_way(intent: Intent) -> None:
    """Only the torrent host goes out by the VPN: whoever stands in its zone can speak as it."""
    found = blast_radius(intent, intent.network.hosts["cloud"])
    way = next(one for one in found.reached if one.target == "ivpn")
    assert (way.depth, way.how, way.origin) == (1, How.NEIGHBOUR, "cloud")


def test_each_step_names_the_lines_without_which_it_is_gone(intent: Intent) -> None:
    found = blast_radius(intent, intent.network.hosts["proxy"])
    step = next(one for one in found.reached if one.target == "cloud")
    assert step.services == ("cloud-app",)
    assert [line.text for line in step.lines] == ["proxy -> dmz-allowed: cloud-app"]
    assert "proxy -> dmz-allowed: cloud-app" in EXAMPLE.read_text().splitlines()[step.lines[0].span.line - 1]


def test_what_is_beside_it_needs_no_router(intent: Intent) -> None:
    found = blast_radius(intent, intent.network.hosts["camera"])
    beside = next(one for one in found.reached if one.target == "others in iot")
    assert beside.how is How.SAME_ZONE
    assert beside.isolated
    assert beside.lines == ()


def test_the_host_itself_is_no_target(intent: Intent) -> None:
    for host in intent.network.hosts.values():
        assert host.name not in {one.target for one in blast_radius(intent, host).reached}


def test_a_host_with_two_legs_is_a_way_between_their_zones() -> None:
    text = """\
name: two-legs
uplinks:
  wan: {interface: router/eth0, address: dhcp}
zones:
  lan: {subnet: 192.168.10.0/24}
  iot: {vlan: 20, subnet: 192.168.20.0/24}
  lab: {vlan: 30, subnet: 192.168.30.0/24}
hosts:
  router: {router: linux, ports: {eth1: {native: lan, trunk: [iot, lab]}}}
  nas: {legs: {lan: {address: .9}, iot: {address: .9}}}
  camera: {zone: iot, address: .20}
policy:
  - lab -> camera: https
  - lan -> router: ssh
dns: {upstreams: [9.9.9.9]}
"""
    intent = mean(read_text("home.yaml", text, date(2026, 1, 1)).network)
    found = blast_radius(intent, intent.network.hosts["camera"])
    assert (2, "same zone", "nas", "others in lan") in steps(found)
    assert found.spared == ("lab",)
