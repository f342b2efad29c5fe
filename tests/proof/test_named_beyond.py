"""Who is named beyond a second uplink is looked for there, and a route or a rule that is missing is seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.routeros import read_export
from bailiwick.dataplane.symbolic.interfaces import Interfaces
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.packets import engine, header
from bailiwick.proof.named_beyond import named_beyond
from bailiwick.proof.places import find_places
from bailiwick.proof.universe import Universe
from bailiwick.workflow import check
from bailiwick.workflow.checking import Checked
from tests.targets.routeros.homes import FURTHER, further

EMPTY: dict[str, list[object]] = {"nftables": []}
"""What nft lists of no rules: these tests ask for routes alone."""


def said(checked: Checked, device: Device) -> list[str]:
    places = find_places(checked.read.network, device)
    interfaces = Interfaces.of(device, also=places.by_interface)
    pipeline = Pipeline(device, 4, interfaces, engine.space(header.widths(4)))
    universe = Universe(pipeline, places, checked.intent.hosts)
    return [one.sentence for one in named_beyond(checked.read.network, universe)]


def read(directory: Path, router: str, uplink: str, more: str = "") -> tuple[Checked, dict[str, str]]:
    path = directory / "home.yaml"
    path.write_text(further(router, uplink) + more, encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    return checked, {one.path: one.text for one in checked.trees[0].artifacts}


LED = "/routing rule add dst-address=172.20.0.9/32 action=lookup-only-in-table table=by-lte"
FAR = "172.20.0.9 is beyond lte, and is looked for"
ASTRAY: Mapping[str, tuple[str, str, str]] = {
    "another host": (LED, LED.replace(".9/32", ".8/32"), f"{FAR} through ether1"),
    "another table": (LED, LED.replace("by-lte", "main"), f"{FAR} through ether1"),
    "an earlier rule": (LED, f"/routing rule add action=lookup table=main\n{LED}", f"{FAR} through ether1"),
    "for some alone": (LED, LED.replace(" action", " src-address=192.168.40.0/25 action"), f"{FAR} through ether1"),
    "for the zones alone": (LED, LED.replace(" action", " src-address=192.168.0.0/16 action"), f"{FAR} by the router"),
    "the table leads elsewhere": (
        "gateway=203.0.113.1 distance=1",
        "gateway=ether1 distance=1",
        f"{FAR} through ether1",
    ),
    "the table leads nowhere": ("gateway=203.0.113.1 distance=1", "blackhole=yes distance=1", f"{FAR} nowhere"),
}


@pytest.mark.parametrize("change", ASTRAY)
def test_a_rule_that_is_missing_on_a_mikrotik_is_seen(tmp_path: Path, change: str) -> None:
    checked, texts = read(tmp_path, "routeros", "static")
    [text] = texts.values()
    assert said(checked, read_export(text, "x.rsc")) == []
    old, new, sentence = ASTRAY[change]
    assert text.count(old) == 1
    found = said(checked, read_export(text.replace(old, new), "x.rsc"))
    assert any(one.startswith(sentence) for one in found), found


@pytest.mark.parametrize("uplink", FURTHER)
def test_a_route_that_is_missing_on_linux_is_seen(tmp_path: Path, uplink: str) -> None:
    checked, texts = read(tmp_path, "linux", uplink)
    assert said(checked, read_tree(texts, EMPTY, "gate")) == []
    [path] = [path for path, text in texts.items() if "172.20.0.9/32" in text and path.endswith(".network")]
    changed = re.sub(r"\[Route\]\nDestination=172\.20\.0\.9/32\n", "[Route]\nDestination=172.20.0.8/32\n", texts[path])
    assert changed != texts[path]
    found = said(checked, read_tree({**texts, path: changed}, EMPTY, "gate"))
    assert found == [f"{FAR} through ether1", f"{FAR} by the router itself through ether1"]


@pytest.mark.parametrize("router", ["linux", "routeros"])
@pytest.mark.parametrize("way", ["wan", "lte"])
def test_whom_route_out_names_is_led_where_it_says(tmp_path: Path, router: str, way: str) -> None:
    """By the same uplink to whoever is beyond it, by another to nobody there."""
    checked, texts = read(tmp_path, router, "dhcp", f"route-out: {{farm: {way}}}\n")
    device = read_tree(texts, EMPTY, "gate") if router == "linux" else read_export(next(iter(texts.values())), "x.rsc")
    assert said(checked, device) == []
