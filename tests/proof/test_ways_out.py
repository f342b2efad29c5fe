"""Each usual uplink has its default route, and the first of the home file is taken first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.routeros import read_export
from bailiwick.proof.places import find_places
from bailiwick.proof.ways_out import ways_out
from bailiwick.workflow import check
from bailiwick.workflow.checking import Checked
from tests.targets.routeros.homes import home


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checked, str]:
    path = tmp_path_factory.mktemp("home") / "home.yaml"
    path.write_text(home("routeros", "two"), encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    return checked, checked.trees[0].artifacts[0].text


def said(checked: Checked, device: Device) -> list[str]:
    network = checked.read.network
    return [one.sentence for one in ways_out(network, device, find_places(network, device))]


def test_what_is_rendered_leads_out(two: tuple[Checked, str]) -> None:
    assert said(two[0], read_export(two[1], "x.rsc")) == []


def test_a_way_out_that_is_missing_is_seen_beside_the_other(two: tuple[Checked, str]) -> None:
    checked, text = two
    assert "add-default-route=yes" in text
    changed = text.replace("add-default-route=yes", "add-default-route=no")
    assert said(checked, read_export(changed, "x.rsc")) == ["no default route leads out by wan"]


def test_the_second_before_the_first_is_seen(two: tuple[Checked, str]) -> None:
    checked, text = two
    device = read_export(text, "x.rsc")
    for far in (1, 250):
        routes = tuple(
            replace(one, metric=far) if str(one.prefix) == "0.0.0.0/0" and one.interface == "ether1" else one
            for one in device.routing.routes
        )
        swapped = replace(device, routing=replace(device.routing, routes=routes))
        wrong = far > 1
        assert said(checked, swapped) == (["lte is taken while wan is up"] if wrong else [])
