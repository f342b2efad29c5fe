"""The words of ``try --scene``."""

from __future__ import annotations

import click
import pytest

from bailiwick.cli.scenes import owned_host
from tests.twin.homes import home


@pytest.mark.parametrize(("scene", "host"), [("camera-owned", "camera"), ("dmz-owned", "proxy"), ("mgmt-owned", "hv")])
def test_a_scene_names_a_host_or_the_first_of_a_zone(scene: str, host: str) -> None:
    assert owned_host(scene, home("public-apps").network) == host


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        ("proxy", "A scene is a host or a zone and -owned"),
        ("dmx-owned", "no host and no zone dmx"),
        ("guest-owned", "No host of the zone guest has a name"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(scene: str, said: str) -> None:
    with pytest.raises(click.UsageError, match=said):
        owned_host(scene, home("public-apps").network)
