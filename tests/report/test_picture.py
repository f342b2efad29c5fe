from __future__ import annotations

from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.report.picture import WIDTH, picture
from bailiwick.workflow import read
from tests.homes import generate_home

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 1, 1)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("zones", [1, 3, 5, 9])
def test_every_zone_and_uplink_is_in_the_picture_and_no_card_lies_on_another(zones: int) -> None:
    network = resolve(loads(generate_home(zones=zones)), TODAY).network
    root = ElementTree.fromstring(picture(network))
    texts = {element.text for element in root.iter(f"{SVG}text")}
    assert {*network.zones, *network.uplinks, network.router.name} <= texts
    boxes = [
        tuple(int(element.attrib[key]) for key in ("x", "y", "width", "height"))
        for element in root.iter(f"{SVG}rect")
        if element.attrib["class"] != "strip"
    ]
    height = int(root.attrib["viewBox"].split()[3])
    for at, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert x + w <= WIDTH
        assert y + h <= height
        for ox, oy, ow, oh in boxes[at + 1 :]:
            assert x + w <= ox or ox + ow <= x or y + h <= oy or oy + oh <= y


def test_the_picture_in_the_readme_is_up_to_date() -> None:
    network = read(ROOT / "examples" / "public-apps.yaml", TODAY).network
    assert (ROOT / "docs" / "public-apps.svg").read_text(encoding="utf-8") == picture(network)
