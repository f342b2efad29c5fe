"""A host in an intruder's hands: it comes as far as its blast radius says, and a router that lets it further shows."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from bailiwick.intent import mean
from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.proof.blast_radius import How, blast_radius
from bailiwick.targets import render
from bailiwick.twin import Fate, TwinOptions, try_network
from bailiwick.twin.acts.owned import SUBJECT, check_of
from bailiwick.twin.aim.owned import Raid, raid_of
from bailiwick.twin.aim.steps import Step
from bailiwick.twin.aim.ways import Ways
from bailiwick.twin.layout import lines_of
from bailiwick.twin.result import Check
from tests.twin.homes import Home, home


@cache
def raid(one: Home, host: str) -> Raid:
    ways = Ways(one.network, lines_of(one.network, one.plan))
    return raid_of(one.network, one.intent, ways, one.network.hosts[host])


@pytest.mark.parametrize("host", ["proxy", "cloud", "camera", "hv"])
def test_every_pair_of_the_radius_is_tried(host: str) -> None:
    one = home("public-apps")
    radius = blast_radius(one.intent, one.network.hosts[host])
    found = raid(one, host)

    claimed = {(step.origin, step.target) for step in found.steps if step.claimed}
    assert claimed == {(one.origin, one.target) for one in radius.reached if one.how is not How.SAME_ZONE}
    assert all(step.serials for step in found.steps)
    spared = {step.target for step in found.steps if not step.claimed}
    assert {f"others in {zone}" for zone in radius.spared} <= spared


@pytest.mark.parametrize("host", ["proxy", "camera"])
def test_what_is_claimed_has_a_packet_that_is_meant_to_arrive(host: str) -> None:
    found = raid(home("public-apps"), host)
    fates = {probe.serial: probe.expected for probe in found.probes}

    for step in found.steps:
        assert (Fate.ARRIVED in {fates[serial] for serial in step.serials}) is step.claimed


def test_it_speaks_as_itself_first() -> None:
    found = raid(home("public-apps"), "proxy")

    assert str(found.probes[0].packet.source) == "192.168.30.5"


@pytest.mark.parametrize(
    ("claimed", "fates", "holds"),
    [
        (True, [Fate.DROPPED, Fate.ARRIVED], True),
        (True, [Fate.DROPPED, Fate.REFUSED], False),
        (False, [Fate.DROPPED, Fate.REFUSED], True),
        (False, [Fate.DROPPED, Fate.STRAYED], False),
        (False, [Fate.LOST], None),
        (True, [], None),
    ],
)
def test_a_pair_is_compared(claimed: bool, fates: list[Fate], holds: bool | None) -> None:
    assert check_of(Step("proxy", "cloud", claimed, ("https",), ()), fates).holds is holds


DOORLESS = """\
name: doorless
uplinks:
  wan: {interface: gate/eth0, address: 81.2.69.10/29, gateway: 81.2.69.9}
zones:
  lan: {subnet: 192.168.40.0/24}
  dmz: {subnet: 192.168.30.0/24}
hosts:
  gate: {router: linux, ports: {eth1: lan, eth2: dmz}}
  web: {zone: dmz, address: .5}
  nas: {zone: lan, address: .9}
policy:
  - lan -> dmz: https
  - web -> internet: https
dns: {upstreams: [9.9.9.9]}
"""


@cache
def doorless() -> Home:
    """A home whose DMZ reaches nothing of the LAN."""
    network = resolve(loads({"home.yaml": DOORLESS}), date(2026, 1, 1)).network
    plan = make_plan(network)
    return Home(network, mean(network), plan, render(plan)[0])


def pairs(one: Home) -> list[Check]:
    result = try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.15, owned="web"))
    return [check for check in result.checks if check.subject.startswith(SUBJECT)]


@pytest.mark.real
@pytest.mark.slow
def test_it_comes_as_far_as_its_radius_says() -> None:
    seen = {
        check.subject.removeprefix(SUBJECT): (check.expected.split()[0], check.holds) for check in pairs(doorless())
    }

    assert seen == {
        "router, from web": ("reached", True),
        "wan, from web": ("reached", True),
        "nas, from web": ("not", True),
        "others in lan, from web": ("not", True),
    }


@pytest.mark.real
@pytest.mark.slow
def test_a_router_that_lets_it_further_shows() -> None:
    known = '"eth1" . "eth2" : jump'
    careless = doorless().changed(lambda text: text.replace(known, f'"eth2" . "eth1" : accept, {known}'))

    differing = {check.subject.removeprefix(SUBJECT) for check in pairs(careless) if check.differs}

    assert differing == {"nas, from web", "others in lan, from web"}
