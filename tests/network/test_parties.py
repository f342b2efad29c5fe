from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.language import loads
from bailiwick.network.areas import Area
from bailiwick.network.draft import Draft
from bailiwick.network.findings import Findings
from bailiwick.network.groups import Areas
from bailiwick.network.model import Place
from bailiwick.network.names import gather
from bailiwick.network.special import PUBLIC
from bailiwick.network.zones import resolve_zones
from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet
from tests.network.small import SECTIONS, codes, network, places, sentence, text

ALL = EVERY_ADDRESS.size()
INTERNET = PUBLIC.size()  # the small home's zones are private


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("lan", {"zone:lan": 256}),
        ("nas", {"zone:lan": 1}),
        ("lan, tv", {"zone:lan": 256, "zone:iot": 1}),
        ("lan except nas", {"zone:lan": 255}),
        ("lan except 192.168.40.0/25", {"zone:lan": 128}),
        ("192.168.40.250-192.168.50.3", {"zone:lan": 6, "zone:iot": 4, "outside": 2304}),
        ("pair", {"zone:lan": 1, "zone:iot": 1}),
        ("nested", {"zone:lan": 2, "zone:iot": 1}),
    ],
)
def test_sources(source: str, expected: dict[str, int]) -> None:
    groups = "  pair: [nas, tv]\n  nested: [pair, 192.168.40.99]"
    tests = f"  deny:\n    - {source} -> router: telnet\n    - nested -> router: rdp"
    assert places(network(groups=groups, tests=tests).deny[0].source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("outside", {"outside": ALL}),
        ("internet", {"outside": INTERNET}),
        ("wan", {"uplink:wan": ALL}),
        ("modem", {"uplink:wan": 1}),
        ("9.9.9.0/24", {"outside": 256}),
        ("outside except 9.9.9.9", {"outside": ALL - 1}),
        ("wan except 9.9.9.9", {"uplink:wan": ALL - 1}),
        ("outside except modem", {"outside": ALL - 1}),
    ],
)
def test_sources_from_outside(source: str, expected: dict[str, int]) -> None:
    assert places(sentence(f"{source} -> router: udp/51820").source) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("internet", {"internet": INTERNET}),
        ("internet except 9.9.9.0/24", {"internet": INTERNET - 256}),
        ("9.9.9.9", {"internet": 1}),
        ("wan", {"uplink:wan": INTERNET}),
        ("modem", {"uplink:wan": 1}),
        ("192.168.1.1", {"uplink:wan": 1}),
        ("box", {"uplink:wan": 1}),
        ("192.168.1.2", {"uplink:wan": 1}),
        ("router", {"router": ALL}),
        ("gate", {"router": ALL}),
        ("0.0.0.0/0", {"internet": INTERNET, "uplink:wan": 2, "zone:iot": 256, "zone:lan": 256}),
        ("tv", {"zone:iot": 1}),
    ],
)
def test_targets(target: str, expected: dict[str, int]) -> None:
    hosts = SECTIONS["hosts"] + "\n  box: {uplink: wan, address: 192.168.1.2}"
    assert places(sentence(f"lan -> {target}: web", hosts=hosts).target) == expected


def test_a_host_in_two_zones_is_in_both() -> None:
    hosts = SECTIONS["hosts"] + "\n  bridge: {legs: {lan: {address: .30}, iot: {address: .30}}}"
    assert places(sentence("bridge -> internet: web", hosts=hosts).source) == {"zone:iot": 1, "zone:lan": 1}


def test_the_internet_has_no_address_of_ours() -> None:
    zones = "  lan: {subnet: 11.0.0.0/24}\n  iot: {subnet: 192.168.50.0/24}"
    target = sentence("lan -> internet: web", zones=zones).target
    assert not target.extents[0].addresses.overlaps(IntervalSet.networks([IPv4Network("11.0.0.0/24")]))


def test_an_address_is_where_its_zone_is_and_nowhere_else() -> None:
    found = network(
        groups="  list: [192.168.40.200-192.168.50.5, 9.9.9.9]",
        policy="  - lan -> router: ssh\n  - iot -> list: web\n",
        tests="  deny:\n    - list -> router: telnet",
    )
    for address in ("192.168.40.200", "192.168.50.5", "192.168.45.1", "9.9.9.9"):
        holders = [e.place for e in found.deny[0].source.extents if int(IPv4Address(address)) in e.addresses]
        assert len(holders) == 1


def test_words_not_their_order_make_the_id() -> None:
    one = sentence("lan, nas except 192.168.40.7 -> tv, internet: ssh, dns except udp/53")
    assert one.id == "policy:lan,nas except 192.168.40.7->internet,tv:dns,ssh except udp/53"
    assert one.text == "lan,nas except 192.168.40.7->internet,tv:dns,ssh except udp/53"


def test_the_outside_may_stand_in_tests() -> None:
    tests = "  deny:\n    - outside -> lan: any\n    - router -> tv: telnet\n    - wan -> iot: any"
    assert [p.source.extents[0].place for p in network(tests=tests).deny] == [
        Place.OUTSIDE,
        Place.ROUTER,
        "uplink:wan",
    ]


def test_every_wrong_name_is_said_once_for_each_place() -> None:
    policy = "  - lan -> router: ssh\n  - nobody -> nowhere: nothing\n  - nobody -> router: ssh"
    assert codes(policy=policy) == ["unknown-name", "unknown-name", "unknown-service", "unknown-name"]


addresses = st.sets(st.integers(0, 15)).map(lambda found: IntervalSet.of((n, n) for n in found))
inner = st.dictionaries(st.sampled_from(["zone:a", "zone:b", "uplink:w", Place.OUTSIDE]), addresses, max_size=4)
areas = st.builds(Area, inner, addresses)


def held(area: Area, place: str) -> set[int]:
    return {n for n in range(16) if place in area.places and n in area.places[place]}


@given(areas, areas)
def test_minus_takes_away_place_by_place(one: Area, other: Area) -> None:
    rest = one.minus(other)
    loose = {n for n in range(16) if n in other.loose}
    named = held(other, "uplink:w") | held(other, Place.OUTSIDE)
    for zone in ("zone:a", "zone:b"):
        assert held(rest, zone) == held(one, zone) - held(other, zone)
    assert held(rest, "uplink:w") == held(one, "uplink:w") - held(other, "uplink:w") - loose
    assert held(rest, Place.OUTSIDE) == held(one, Place.OUTSIDE) - loose - named
    assert {n for n in range(16) if n in rest.loose} == {n for n in range(16) if n in one.loose} - loose - named


@given(st.lists(areas, max_size=4))
def test_union_is_the_union_in_each_place(found: list[Area]) -> None:
    whole = Area.union(found)
    for place in ("zone:a", "zone:b", "uplink:w", Place.OUTSIDE):
        assert held(whole, place) == set().union(*(held(area, place) for area in found))


def test_a_party_keeps_its_words() -> None:
    assert sentence("lan,  nas -> tv: ssh").source.text == "lan, nas"


spans = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=5)


@given(spans)
def test_bare_addresses_go_to_the_zone_that_has_them(found: list[tuple[int, int]]) -> None:
    """Against one intersection for each zone."""
    base = int(IPv4Address("10.0.0.0"))
    plain = IntervalSet.of((base + first, base + first + length) for first, length in found)
    subnets = {"zone:a": "10.0.0.32/27", "zone:b": "10.0.0.64/26", "zone:c": "10.0.1.0/25"}
    zones = "\n".join(f"  {id[5:]}: {{subnet: {subnet}}}" for id, subnet in subnets.items())
    hosts = "  gate: {router: linux, ports: {eth1: a, eth2: b, eth3: c}}"
    files = {"home.yaml": text(zones=zones, hosts=hosts, policy="  - a -> router: ssh")}
    area = areas_of(files).split(plain)
    inside = {id: plain & IntervalSet.networks([IPv4Network(subnet)]) for id, subnet in subnets.items()}
    assert area.places == {id: addresses for id, addresses in inside.items() if addresses}
    assert area.loose == plain - IntervalSet.networks(IPv4Network(subnet) for subnet in subnets.values())


def areas_of(files: dict[str, str]) -> Areas:
    document = loads(files)
    findings = Findings(document.spans)
    draft = Draft(document.home, document.lists, findings, gather(document.home, findings), "gate")
    draft.zones = resolve_zones(draft)
    return Areas(draft)
