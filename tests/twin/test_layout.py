"""Who stands where, decided before anything is made."""

from __future__ import annotations

from ipaddress import IPv4Address

from bailiwick.twin.layout import lay_out, lines_of
from bailiwick.twin.scene.wires import addressing
from tests.twin.homes import Home, home, uplinks


def ways_of(one: Home, station: str) -> list[str]:
    """The routes of one station to single addresses."""
    held = {zone.id: {zone.subnet[2]} for zone in one.network.zones.values()}
    layout = lay_out(one.network, one.plan, held)
    where = next(each for each in layout.stations if each.name == station)
    commands = [command.split() for command in addressing(where, layout)]
    return [
        words[2] for words in commands if words[:2] == ["route", "add"] and "via" in words and words[2] != "default"
    ]


def test_a_tunnels_far_end_is_in_its_subnet() -> None:
    one = uplinks()
    line = lines_of(one.network, one.plan)[2]

    assert str(line.address) == "10.8.0.2/24"
    assert line.far == IPv4Address("10.8.0.1")


def test_a_tunnel_without_a_subnet_has_a_far_end_all_the_same() -> None:
    one = home("public-apps")
    line = lines_of(one.network, one.plan)[1]

    assert line.address.network.num_addresses == 1
    assert line.far not in line.address.network


def test_whoever_stands_for_every_address_leaves_the_router_its_own() -> None:
    assert ways_of(uplinks(), "uplink.wan.far") == ["192.168.40.1", "192.168.99.1", "5.39.1.254", "10.8.0.2"]
    assert ways_of(uplinks(), "zone.lan.a") == []
