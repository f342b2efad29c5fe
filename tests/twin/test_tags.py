"""Lies about a zone: which are told on which wire, and who must not believe them."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from functools import cache

import pytest

from bailiwick.twin import TwinOptions, TwinResult, try_network
from bailiwick.twin.acts.tags import Lie, Wire, doubles, lies, models_of, places_of, takers, wires
from bailiwick.twin.aim.probes import held_by, probes_of, stationed
from bailiwick.twin.aim.ways import Ways
from bailiwick.twin.layout import ROUTER, Layout, lay_out, lines_of
from bailiwick.twin.script import Probe, Sighting
from bailiwick.twin.wire.taps import Tap
from tests.twin.homes import Home, native, small, trunks

EVERY = ((7, "uplink:wan"), (10, "zone:mgmt"), (50, "zone:iot"))


@cache
def scene() -> tuple[Home, Layout, tuple[Probe, ...]]:
    one = trunks()
    lines = lines_of(one.network, one.plan)
    probes = probes_of(one.network, one.intent, Ways(one.network, lines), 60_000)
    layout = lay_out(one.network, one.plan, held_by(probes, one.network, lines)).real(vlans=True, filtering=True)
    return one, layout, stationed(probes, layout)


def wire_of(port: str) -> Wire:
    one, layout, _ = scene()
    return next(wire for wire in wires(one.plan, layout) if wire.port == port)


def told(port: str) -> list[Lie]:
    _, layout, probes = scene()
    arrived = {
        probe.serial: Sighting(True, (("somebody", probe.packet.source, probe.destination, 0),)) for probe in probes
    }
    return list(lies(wire_of(port), EVERY, models_of(probes, arrived), layout, "02:00:00:00:00:01"))


def test_a_port_carries_the_tags_that_the_home_gives_it() -> None:
    one, layout, _ = scene()

    assert {wire.port: (wire.place, dict(wire.tags)) for wire in wires(one.plan, layout)} == {
        "eth0": (None, {7: "uplink:wan"}),
        "eth1": ("zone:lan", {10: "zone:mgmt"}),
        "eth2": ("zone:lan", {}),
        "eth3": (None, {10: "zone:mgmt", 50: "zone:iot"}),
    }


def test_who_is_plugged_in_behind_a_hypervisor_does_not_speak_on_the_routers_wire() -> None:
    one = native()
    layout = lay_out(one.network, one.plan, {}).real(vlans=True, filtering=True)
    behind = {station.name for station in layout.stations if station.wired}

    assert behind
    assert not behind & {wire.sender.name for wire in wires(one.plan, layout)}
    assert next(wire for wire in wires(one.plan, layout) if wire.port == "eth1").sender.place == "zone:lan"


@pytest.mark.parametrize(
    ("port", "wrong"),
    [
        ("eth0", {(10, "zone:mgmt"), (50, "zone:iot"), (None, "uplink:wan")}),
        ("eth1", {(7, "uplink:wan"), (50, "zone:iot")}),
        ("eth2", {(7, "uplink:wan"), (10, "zone:mgmt"), (50, "zone:iot")}),
        ("eth3", {(7, "uplink:wan"), (None, "zone:mgmt"), (None, "zone:iot")}),
    ],
)
def test_every_lie_is_told(port: str, wrong: set[tuple[int | None, str]]) -> None:
    assert {(lie.tag, lie.place) for lie in told(port)} == wrong


def doubled(port: str) -> list[Lie]:
    _, layout, probes = scene()
    models = models_of(probes, dict.fromkeys((probe.serial for probe in probes), Sighting(True)))
    return list(doubles(wire_of(port), EVERY, models, layout, "02:00:00:00:00:01"))


@pytest.mark.parametrize("port", ["eth1", "eth3"])
def test_every_pair_of_tags_is_tried_and_those_below_a_bridges_own(port: str) -> None:
    between = {(7, 10), (7, 50), (10, 7), (10, 50), (50, 7), (50, 10)}
    assert {(lie.tag, lie.inner) for lie in doubled(port)} == between | {(1, 7), (1, 10), (1, 50)}


@pytest.mark.parametrize(
    ("tap", "who"),
    [
        (Tap("zone.mgmt.a", "eth0", mine=True), []),  # the outer tag's own, which the port carries
        (Tap(ROUTER, "eth3.10", mine=True), []),
        (Tap("zone.iot.a", "eth0", mine=True), ["seen by zone.iot.a"]),
        (Tap(ROUTER, "iot", mine=True), ["taken by iot for zone:iot's"]),
        (Tap(ROUTER, "", mine=True), ["let in to the router"]),
    ],
)
def test_who_must_not_have_a_frame_with_two_tags(tap: Tap, who: list[str]) -> None:
    one, layout, _ = scene()
    lie = next(lie for lie in doubled("eth1") if (lie.tag, lie.inner) == (10, 50))
    stations = {station.name: station for station in layout.stations}

    assert list(takers(lie, {tap: None}, places_of(one.plan), stations)) == who


def test_a_lie_is_a_packet_that_would_be_let_through_if_believed() -> None:
    believed = {lie.probe.packet.ingress for lie in told("eth2") if lie.tag == 10 and lie.probe.claims}

    assert "zone:mgmt" in believed


def test_a_lie_is_also_aimed_past_the_router() -> None:
    _, layout, _ = scene()

    assert {station.mac for station in layout.at("zone:mgmt")} <= {lie.target for lie in told("eth2") if lie.tag == 10}


@pytest.mark.parametrize(
    ("tap", "who"),
    [
        (Tap(ROUTER, "eth2", mine=True), []),  # the wire itself: it came in
        (Tap(ROUTER, "lan", mine=False), []),  # handed up as somebody else's
        (Tap(ROUTER, "lan", mine=True), []),
        (Tap(ROUTER, "eth1.10", mine=True), ["taken by eth1.10 for zone:mgmt's"]),
        (Tap(ROUTER, "eth1.10", mine=False), []),
        (Tap(ROUTER, "", mine=True), ["let in to the router"]),
        (Tap("zone.lan.a", "eth0", mine=False), []),  # of the wire's own zone
        (Tap("zone.mgmt.a", "eth0", mine=False), ["seen by zone.mgmt.a"]),
        (Tap("uplink.wan.far", "eth0", mine=False), ["seen by uplink.wan.far"]),
    ],
)
def test_who_must_not_have_it(tap: Tap, who: list[str]) -> None:
    one, layout, _ = scene()

    stations = {station.name: station for station in layout.stations}

    lie = told("eth2")[0]
    assert list(takers(lie, {tap: None}, places_of(one.plan), stations)) == who


@cache
def kernel_has_vlans() -> bool:
    """Asked as root, and as whoever may be root in a user namespace."""
    make = ["--net", "sh", "-c", "ip link add probe type bridge && ip link add link probe name probe.7 type vlan id 7"]
    ways = (["unshare", *make], ["unshare", "--user", "--map-root-user", *make])
    return any(subprocess.run(way, capture_output=True, check=False).returncode == 0 for way in ways)


def tried(one: Home) -> TwinResult:
    return try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.15))


@pytest.mark.real
def test_tags_are_tried_where_the_kernel_has_them_and_else_said_to_be_untried() -> None:
    result = tried(trunks())
    (capability,) = [one for one in result.capabilities if one.name == "802.1Q"]
    checks = [check for check in result.checks if check.subject.startswith("frames")]

    assert capability.present == kernel_has_vlans()
    assert [str(difference) for difference in result.differences] == []
    if kernel_has_vlans():
        assert len(checks) == 11  # lies of one tag and of two on four ports, truths on three
        assert None not in {check.holds for check in checks}
    else:
        assert [check.holds for check in checks] == [None]


@pytest.mark.real
@pytest.mark.skipif(not kernel_has_vlans(), reason="the kernel has no 802.1Q")
def test_a_bridge_that_passes_tags_on_is_seen() -> None:
    path = "/etc/systemd/network/10-bailiwick-lan.netdev"
    careless = trunks().changed(lambda text: text.replace("VLANFiltering=yes\n", ""), path)
    careless = careless.changed(lambda text: text.replace("ether type { 8021q, 8021ad } drop", "accept"))

    differing = [check for check in tried(careless).checks if check.differs]

    assert ["eth2" in check.subject and "tag 10: seen by zone.mgmt" in check.seen for check in differing] == [True]


@pytest.mark.real
def test_a_home_without_tags_is_told_no_lies() -> None:
    assert not [check for check in tried(small()).checks if check.subject.startswith("frames")]


def test_only_vlans_stop_being_stood_in_for() -> None:
    one = trunks()
    layout = lay_out(one.network, one.plan, {})

    assert layout.stand_ins
    assert layout.real(vlans=True, filtering=True) == replace(layout, stand_ins=())
