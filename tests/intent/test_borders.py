"""What lies beyond an uplink, and who leaves by which."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

from bailiwick.intent import Intent, mean
from bailiwick.network.model import Extent, Place
from bailiwick.packets.interval import EVERY_ADDRESS
from tests.intent.flows import packet, small_home


def accepts(intent: Intent, flow: str) -> bool:
    return bool(intent.accepts(packet(flow)))


def test_a_public_subnet_inside_is_not_the_internet() -> None:
    network = small_home(policy=["lan -> internet: any"]).network
    subnet = IPv4Network("81.2.69.0/24")
    guests = replace(network.zones["guests"], subnet=subnet, gateway=subnet[1])
    (sentence,) = network.policy
    wide = replace(sentence, target=replace(sentence.target, extents=(Extent(Place.INTERNET, EVERY_ADDRESS),)))
    home = mean(replace(network, zones={**network.zones, "guests": guests}, policy=(wide,)))
    assert packet("lan 192.168.40.7 -> wan 81.2.69.9 tcp/443") not in home.meant[0].packets
    assert not accepts(home, "lan 192.168.40.7 -> wan 81.2.69.9 tcp/443")
    assert accepts(home, "lan 192.168.40.7 -> wan 81.2.70.9 tcp/443")
    assert {one.id for one in home.forbids(packet("wan 81.2.69.9 -> router 9.9.9.9 tcp/443"))} == {
        "hygiene:source:uplink:wan"
    }


def test_a_box_named_beyond_an_uplink_may_be_spoken_to() -> None:
    flow = "lan 192.168.40.7 -> wan 192.168.100.2 tcp/80"
    assert accepts(small_home(hosts="box: {uplink: wan, address: 192.168.100.2}", policy=["lan -> box: http"]), flow)
    device = "box: {kind: isp-box, uplink: wan, address: 192.168.100.2}"
    assert accepts(small_home(devices=device, policy=["lan -> box: http"]), flow)


def test_a_resolver_named_as_upstream_may_have_a_private_address() -> None:
    flow = "router 192.168.100.7 -> wan 192.168.100.53 udp/53"
    assert not accepts(small_home(), flow)
    home = small_home()
    upstream = packet(flow).destination
    network = replace(home.network, resolver=replace(home.network.resolver, upstreams=(upstream,)))
    assert accepts(mean(network), flow)


def test_the_own_way_out_is_no_other_tunnel_either() -> None:
    home = small_home(
        uplinks="wan2: {interface: gate/tun1, tunnel: {address: 172.25.0.6/32}}",
        policy=["lan -> wan2: any"],
        route_out="laptop: ivpn",
    )
    assert accepts(home, "lan 192.168.40.8 -> wan2 9.9.9.9 tcp/443")
    assert not accepts(home, "lan 192.168.40.7 -> wan2 9.9.9.9 tcp/443")


def test_the_sentence_itself_already_goes_by_the_own_way_out() -> None:
    home = small_home(policy=["lan -> internet: any"], route_out="laptop: ivpn")
    sentence = next(one for one in home.meant if one.id == "policy:lan->internet:any")
    assert packet("lan 192.168.40.7 -> ivpn 9.9.9.9 tcp/443") in sentence.packets
    assert packet("lan 192.168.40.7 -> wan 9.9.9.9 tcp/443") not in sentence.packets


def test_queries_of_those_with_their_own_way_out_reach_no_other_resolver() -> None:
    home = small_home(
        hosts="ns: {zone: dmz, address: .53, serves: dns}",
        dns="force: [lan]",
        policy=["lan -> dmz: any"],
        route_out="laptop: ivpn",
    )
    for mark in ("", " translated"):
        assert not accepts(home, f"lan 192.168.40.7 -> dmz 192.168.30.53 udp/53{mark}")
        assert accepts(home, f"lan 192.168.40.8 -> dmz 192.168.30.53 udp/53{mark}")


def test_internet_never_means_more_than_the_public_internet() -> None:
    """However wide the extent that a network hands over."""
    home = small_home(policy=["lan -> internet: any"])
    (sentence,) = home.network.policy
    wide = replace(sentence, target=replace(sentence.target, extents=(Extent(Place.INTERNET, EVERY_ADDRESS),)))
    meant = mean(replace(home.network, policy=(wide,))).meant[0]
    assert meant.packets == home.meant[0].packets


def test_nothing_passes_from_outside_to_outside() -> None:
    home = small_home(policy=["lan -> internet: any"])
    (sentence,) = home.network.policy
    transit = replace(sentence, source=replace(sentence.source, extents=(Extent(Place.OUTSIDE, EVERY_ADDRESS),)))
    assert not mean(replace(home.network, policy=(transit,))).meant[0].packets
