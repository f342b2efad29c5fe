"""What a scanner sends: to every other segment, as nobody else, and with what is meant of each packet."""

from __future__ import annotations

from functools import cache

from bailiwick.twin import Fate
from bailiwick.twin.aim.probes import held_by, probes_of
from bailiwick.twin.aim.scans import SERVICES, scanner_of, scans_of
from bailiwick.twin.aim.ways import Ways
from bailiwick.twin.layout import Layout, lay_out, lines_of
from bailiwick.twin.script import Probe
from tests.twin.homes import Home, trunks


@cache
def scene() -> tuple[Home, Layout, tuple[Probe, ...]]:
    one = trunks()
    lines = lines_of(one.network, one.plan)
    ways = Ways(one.network, lines)
    layout = lay_out(
        one.network, one.plan, held_by(probes_of(one.network, one.intent, ways, 60_000), one.network, lines)
    )
    return one, layout, scans_of(one.network, one.intent, ways, layout)


def test_every_zone_sweeps_every_other_and_the_router() -> None:
    one, _, scans = scene()

    for zone in one.network.zones.values():
        theirs = [probe for probe in scans if probe.row == zone.id]
        others = [other for other in one.network.zones.values() if other is not zone]
        for other in others:
            assert any(probe.destination in other.subnet and probe.destination != other.gateway for probe in theirs)
            assert any(probe.destination == other.gateway for probe in theirs)
        assert {(probe.packet.protocol, probe.port) for probe in theirs} == set(SERVICES)


def test_the_scanner_is_nobody_else() -> None:
    one, layout, _ = scene()

    for zone in one.network.zones.values():
        scanner = scanner_of(zone, one.network, layout)
        assert scanner in zone.subnet
        assert scanner not in {held.ip for station in layout.stations for held in station.addresses}


def test_how_far_each_may_come_is_what_the_home_means() -> None:
    one, _, scans = scene()
    accepted = {(probe.row, probe.column) for probe in scans if probe.expected is Fate.ARRIVED}

    assert ("zone:mgmt", "zone:iot") in accepted
    assert ("zone:iot", "zone:mgmt") not in accepted
    for probe in scans:
        assert bool(one.intent.accepts(probe.packet)) is (probe.expected is Fate.ARRIVED)
