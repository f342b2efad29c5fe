"""Hosts that may what their zone may not, and groups: computed from what is meant, packet set by packet set."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.intent import Intent, mean
from bailiwick.intent.host_table import host_table
from bailiwick.language import load, loads
from bailiwick.network.model import Leg
from bailiwick.network.resolve import resolve
from bailiwick.network.special import PUBLIC
from bailiwick.packets.packet import Packet
from tests.homes import generate_home

TODAY = date(2026, 1, 1)
ROOT = Path(__file__).parents[2]

HOME = """\
name: small
uplinks:
  wan: {interface: router/eth0, address: dhcp}
  vpn: {interface: router/tun0, tunnel: {address: 172.31.255.6/32}}
zones:
  lan: {subnet: 192.168.10.0/24}
  dmz: {subnet: 192.168.20.0/24}
hosts:
  router: {router: linux, ports: {eth1: lan, eth2: dmz}}
  desk: {zone: lan, address: .7}
  tv: {zone: lan, address: .8}
  plain: {zone: lan, address: .9}
  web: {zone: dmz, address: .5}
  both: {legs: {lan: {address: .20}, dmz: {address: .20}}}
groups:
  screens: [desk, tv]
  servers: [web]
  world: [198.51.100.0/24, 8.8.8.0/24]
policy:
  - lan -> internet: any
  - lan -> dmz: ssh
  - lan except desk -> dmz: ping
  - desk -> web: https
  - desk -> world: any
  - lan -> world: https
route-out: {tv: vpn}
dns: {upstreams: [9.9.9.9]}
"""


def intent_of(text: str) -> Intent:
    return mean(resolve(loads({"home.yaml": text}, "home.yaml"), TODAY).network)


@pytest.fixture(scope="module")
def home() -> Intent:
    return intent_of(HOME.replace("198.51.100.0/24", "1.1.1.0/24"))


@pytest.fixture(scope="module")
def table(home: Intent) -> Matrix:
    return host_table(home, groups=("screens", "servers", "world"))


def test_hosts_stand_after_their_zone_and_only_those_that_differ(table: Matrix) -> None:
    assert table.rows[:4] == ("zone:lan", "host:desk", "host:tv", "zone:dmz")
    assert "host:web" in table.columns
    assert table.within["host:desk"] == "zone:lan"
    assert "host:plain" in table.alike
    assert {"host:both@lan", "host:both@dmz"} <= set(table.alike)


def test_a_cell_of_a_host_says_all_that_it_may_or_that_it_is_as_the_zone(table: Matrix) -> None:
    assert table.cells["host:desk", "zone:dmz"].services == ("ssh", "https to web")
    assert table.cells["host:desk", "host:web"].services == ("ssh", "https")
    assert table.cells["zone:lan", "host:web"].services == ("ssh", "ping from all but desk", "https from desk")
    assert table.cells["host:desk", "router"] == Cell(as_zone=True)


def test_a_line_that_adds_nothing_makes_no_difference(table: Matrix) -> None:
    assert table.cells["host:desk", "internet"] == Cell(as_zone=True), "any to world is in any to the internet"


def test_another_way_out_is_a_difference_and_its_barred_questions_are_told(table: Matrix) -> None:
    cell = table.cells["host:tv", "internet"]
    assert "any by vpn" in cell.services
    assert "hygiene:exit-dns:tv" in cell.withheld
    assert "hygiene:exit-dns:tv" in table.cells["zone:lan", "internet"].withheld


def test_what_only_hygiene_bars_is_a_difference_too() -> None:
    table = host_table(intent_of(HOME.replace("lan -> dmz: ssh", "lan -> dmz: any")))
    assert table.cells["host:tv", "zone:dmz"].services == ("any", "ping")
    assert table.cells["host:tv", "zone:dmz"].withheld == ("hygiene:exit-dns:tv",)


def test_the_ordinary_member_is_one_of_the_many() -> None:
    text = HOME.replace("address: .9}", "address: .200}").replace(
        "desk -> web: https", "192.168.10.32/28 -> web: https"
    )
    assert "host:plain" in host_table(intent_of(text)).alike


def test_a_pair_in_one_zone_has_no_cell(table: Matrix) -> None:
    assert ("zone:lan", "host:web") in table.cells
    assert ("zone:dmz", "host:web") not in table.cells
    assert ("host:desk", "group:screens") not in table.cells


def test_groups_come_last_with_the_members_that_a_line_is_about(table: Matrix) -> None:
    assert table.rows[-3:] == table.columns[-3:] == ("group:screens", "group:servers", "group:world")
    assert table.cells["group:screens", "zone:dmz"].services == ("ssh", "ping from tv", "https from desk to web")
    assert table.cells["zone:lan", "group:servers"].services == ("ssh", "ping from all but desk", "https from desk")
    assert table.cells["zone:lan", "group:world"].services == ("any", "any from desk", "https")


def test_a_group_that_is_not_there_is_an_error(home: Intent) -> None:
    with pytest.raises(KeyError, match="nobody"):
        host_table(home, groups=("nobody",))


def test_a_part_of_the_internet_is_said_to_be_one(home: Intent) -> None:
    cell = intent_of(HOME.replace("lan -> internet: any", "lan -> internet except 8.8.8.0/24: ntp")).matrix().cells
    assert "ntp to all but 8.8.8.0/24" in cell["zone:lan", "internet"].services
    assert "https to 2 networks" in home.matrix().cells["zone:lan", "internet"].services


def test_a_prefix_is_told_as_it_was_written_though_the_gateway_is_in_it() -> None:
    text = HOME.replace("desk -> web: https", "192.168.10.0/28 -> 192.168.20.128/25: https")
    assert (
        "https from 192.168.10.0/28 to 192.168.20.128/25"
        in intent_of(text).matrix().cells["zone:lan", "zone:dmz"].services
    )


def test_without_hosts_it_is_the_plain_matrix(home: Intent) -> None:
    plain, table = home.matrix(), host_table(home, hosts=False)
    assert (table.rows, table.columns) == (plain.rows, plain.columns)
    assert {pair: cell.services for pair, cell in table.cells.items()} == {
        pair: cell.services for pair, cell in plain.cells.items()
    }


def _from(packet: Packet, leg: Leg, address: IPv4Address | None = None) -> Packet:
    return replace(packet, ingress=leg.place, source=address or leg.address)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_as_the_zone_is_so_for_packets(seed: int) -> None:
    """The slow way: a packet of every sentence, sent by the host and by a nameless member of its zone."""
    files = generate_home(zones=4, hosts=8, sentences=14, seed=seed)
    intent = mean(resolve(loads(files, "home.yaml"), TODAY).network)
    table = host_table(intent)
    named = {leg.address for host in intent.network.hosts.values() for leg in host.legs}
    for host in intent.network.hosts.values():
        (leg, *others) = host.legs
        row = host.id
        if others or not leg.place.startswith("zone:"):
            continue
        zone = next(zone for zone in intent.network.zones.values() if zone.id == leg.place)
        same = {c for c in table.columns if row in table.alike or table.cells.get((row, c), Cell()).as_zone}
        for one in intent.meant:
            for cube in one.packets.cubes():
                if leg.place not in cube.ingress or int(leg.address) not in cube.sources:
                    continue
                packet = _from(cube.sample(intent.hosts), leg)
                beyond = packet.egress.startswith("uplink:") and int(packet.destination) in PUBLIC
                if ("internet" if beyond else packet.egress) not in same:
                    continue
                fates = {
                    bool(intent.accepts(_from(packet, leg, address)))
                    for address in zone.subnet.hosts()
                    if address not in named and address != zone.gateway
                }
                assert bool(intent.accepts(packet)) in fates, (row, packet)


def test_the_examples_hosts_are_as_the_home_file_says() -> None:
    network = resolve(load(ROOT / "examples" / "public-apps.yaml"), TODAY).network
    table = host_table(mean(network))
    assert table.cells["host:proxy", "zone:services"].services == ("cloud-app to cloud",)
    assert table.cells["host:torrent", "internet"].services == ("any by ivpn",)
    assert table.alike == ("host:hv", "host:camera")
