"""A zone that keeps its clients apart on the router's own bridge: a rogue router in it is heard by nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from bailiwick.intent import mean
from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.twin import TwinOptions, try_network
from bailiwick.twin.acts.rogues import TRICKS, left_to_others, pair_of, rogues
from bailiwick.twin.layout import Layout, lay_out
from bailiwick.twin.result import Check
from tests.twin.homes import Home, home

APART = """\
name: apart
uplinks:
  wan: {interface: gate/eth0, address: 81.2.69.10/29, gateway: 81.2.69.9}
zones:
  iot: {subnet: 192.168.50.0/24, isolate: true}
hosts:
  gate: {router: linux, ports: {eth1: iot, eth2: iot}}
policy:
  - iot -> internet: https
dns: {upstreams: [9.9.9.9]}
"""
SUBJECT = "a rogue router in iot, heard by any other client"


@cache
def apart() -> Home:
    network = resolve(loads({"home.yaml": APART}), date(2026, 1, 1)).network
    plan = make_plan(network)
    return Home(network, mean(network), plan, render(plan)[0])


def layout_of(one: Home) -> Layout:
    return lay_out(
        one.network, one.plan, {zone.id: {zone.subnet[2], zone.subnet[3]} for zone in one.network.zones.values()}
    )


def test_the_two_stand_on_different_links() -> None:
    pair = pair_of(apart().network.zones["iot"], layout_of(apart()))

    assert pair is not None
    assert {station.interface for station in pair} == {"eth1", "eth2"}


def test_the_other_client_must_not_hear_it() -> None:
    one = apart()
    casts = list(rogues(one.network, one.plan, layout_of(one)))

    assert [cast.subject for cast in casts] == [SUBJECT] * len(TRICKS)
    assert {cast.apart for cast in casts} == {("zone.iot.b",)}
    assert not list(left_to_others(one.network, one.plan, layout_of(one)))


def test_what_the_access_point_is_to_do_is_left_open() -> None:
    one = home("public-apps")
    checks = list(left_to_others(one.network, one.plan, layout_of(one)))

    assert [check.holds for check in checks] == [None, None]
    assert all("access point" in check.seen for check in checks)


def test_without_isolation_only_other_zones_must_not_hear_it() -> None:
    one = apart()
    interfaces = tuple(replace(interface, isolate=False) for interface in one.plan.interfaces)

    assert {cast.apart for cast in rogues(one.network, replace(one.plan, interfaces=interfaces), layout_of(one))} == {
        ()
    }


def heard(one: Home) -> Check:
    result = try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.15))
    return next(check for check in result.checks if check.subject == SUBJECT)


@pytest.mark.real
@pytest.mark.slow
def test_nobody_hears_it() -> None:
    assert heard(apart()).holds


@pytest.mark.real
@pytest.mark.slow
def test_a_bridge_that_keeps_nobody_apart_shows() -> None:
    one = apart()
    for port in ("eth1", "eth2"):
        path = f"/etc/systemd/network/10-bailiwick-{port}.network"
        one = one.changed(lambda text: text.replace("Isolated=yes", "Isolated=no"), path)

    check = heard(one)

    assert check.holds is False
    assert "seen by zone.iot.b" in check.seen
