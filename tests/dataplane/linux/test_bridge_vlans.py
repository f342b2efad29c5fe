"""A hypervisor's files: which VLANs each port of its bridge carries (systemd.network(5), br_vlan.c)."""

from __future__ import annotations

import pytest

from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.segments import bare, carried

BRIDGE = "[NetDev]\nName=br0\nKind=bridge\n[Bridge]\nVLANFiltering=yes\nDefaultPVID={}\n"
PORT = "[Match]\nName=p1\n[Network]\nBridge=br0\n{}"


def read(port: str, default: str = "none", **more: str) -> Device:
    files = {"br0.netdev": BRIDGE.format(default), "p1.network": PORT.format(port)}
    files |= {name.replace("__", "."): text for name, text in more.items()}
    named = {f"/etc/systemd/network/{name}": text for name, text in files.items()}
    return read_tree(named, {"nftables": []}, "hv")


@pytest.mark.parametrize(
    ("said", "native", "all_", "without"),
    [
        ("[BridgeVLAN]\nVLAN=20\nVLAN=30-32\n", None, {20, 30, 31, 32}, set()),
        ("[BridgeVLAN]\nPVID=20\nEgressUntagged=20\n", 20, {20}, {20}),
        ("[BridgeVLAN]\nPVID=20\n", 20, {20}, set()),
        ("[BridgeVLAN]\nEgressUntagged=20\n", None, {20}, {20}),
        ("[BridgeVLAN]\nVLAN=20\n[BridgeVLAN]\nEgressUntagged=20\n", None, {20}, {20}),
    ],
)
def test_each_key_has_its_own_effect(said: str, native: int | None, all_: set[int], without: set[int]) -> None:
    port = read(said).interfaces["p1"]
    assert (port.untagged, set(carried(port)), set(bare(port))) == (native, all_, without)


def test_the_bridge_puts_every_port_and_itself_into_its_default() -> None:
    device = read("[BridgeVLAN]\nVLAN=20\n", "7")
    port, bridge = device.interfaces["p1"], device.interfaces["br0"]
    assert (port.untagged, set(carried(port)), set(bare(port))) == (7, {7, 20}, {7})
    assert (bridge.untagged, set(carried(bridge))) == (7, {7})
    own = read("[BridgeVLAN]\nPVID=20\n", "7").interfaces["p1"]
    assert (own.untagged, set(carried(own)), set(bare(own))) == (20, {7, 20}, {7}), (
        "what was there stays, without a tag"
    )


@pytest.mark.parametrize("value", ["0", "4095", "x", "30-20", "20-"])
def test_what_is_no_vlan_is_unknown(value: str) -> None:
    assert read(f"[BridgeVLAN]\nVLAN={value}\n").tally.unknown


MAC = "52:54:00:aa:00:01"
LINK = f"[Match]\nPermanentMACAddress={MAC}\n[Link]\nName=p2\n"


def test_a_port_tied_to_its_card_is_the_one_that_the_card_has_the_name_of() -> None:
    tied = PORT.format("").replace("Name=p1", f"Name=p2\nMACAddress={MAC.upper()}")
    device = read("", p2__link=LINK, p2__network=tied)
    assert device.interfaces["p2"].master == "br0"
    assert not device.tally.unknown
    assert read("", p2__link=LINK, p2__network=tied.replace("AA", "BB")).tally.unknown
    assert read("", p2__network=tied).tally.unknown, "nobody says which card that is"


@pytest.mark.parametrize(
    ("said", "filtering", "default"),
    [
        ("Kind=bridge\n", "1", "0"),
        ("Kind=bridge\n[Bridge]\nVLANFiltering=no\n", "0", "0"),
        ("Kind=bridge\n[Bridge]\nDefaultPVID=20\n", "1", "20"),
    ],
)
def test_of_udev_and_networkd_what_lets_more_pass_stays(said: str, filtering: str, default: str) -> None:
    rule = 'ACTION=="add", KERNEL=="br1", ATTR{bridge/vlan_filtering}="1", ATTR{bridge/default_pvid}="0"\n'
    files = {"/etc/systemd/network/b.netdev": f"[NetDev]\nName=br1\n{said}", "/etc/udev/rules.d/b.rules": rule}
    settings = read_tree(files, {"nftables": []}, "hv").settings
    assert (settings["bridge.br1.vlan_filtering"], settings["bridge.br1.default_pvid"]) == (filtering, default)


def test_a_mirror_is_in_its_unit() -> None:
    unit = "[Service]\nExecStart=/usr/lib/bailiwick/mirror start ens4 ens1 ens2\n"
    found = read_tree({"/etc/systemd/system/m.service": unit}, {"nftables": []}, "hv").settings
    assert found["mirror.ens4"] == "ens1 ens2"


@pytest.mark.parametrize("said", ["[NetDev]\nName=x\n", "[NetDev]\nKind=tap\n"])
def test_a_netdev_that_makes_nothing_is_unknown(said: str) -> None:
    device = read_tree({"/etc/systemd/network/x.netdev": said}, {"nftables": []}, "hv")
    assert device.tally.unknown
    assert device.tally.adds_up
