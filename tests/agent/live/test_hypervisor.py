"""A hypervisor's bridge beside its files, as a kernel with VLANs lists it: this one has none."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bailiwick.agent.look.listing import ADDRESSES, ROUTES, RULES, RULESET, SETTINGS, UNITS, VLANS, Listing
from bailiwick.agent.look.live import Scope, of_listing
from bailiwick.agent.look.wanted import FIREWALL, Seen, loaded, unmet
from bailiwick.agent.places import Places
from bailiwick.apply.generations import Packed, pack
from bailiwick.language import load
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render

pytestmark = pytest.mark.real

HOME = Path(__file__).parents[3] / "examples/public-apps.yaml"
TAPS = {"tap-cloud": 20, "tap-dns": 20, "tap-proxy": 30, "tap-torrent": 20}
KERNELS = [
    {"priority": 0, "src": "all", "table": "local", "protocol": "kernel"},
    {"priority": 32766, "src": "all", "table": "main", "protocol": "kernel"},
]
LAST = {"priority": 32767, "src": "all", "table": "default", "protocol": "kernel"}
UNIT = "Id=x\nLoadState=loaded\nUnitFileState={}\nActiveState={}\nSubState=x\nNeedDaemonReload=no\nDropInPaths=\n"


@cache
def packed() -> Packed:
    plan = make_plan(resolve(load(HOME), date(2026, 1, 1)).network)
    tree = next(tree for tree in render(plan) if tree.device == "hv")
    return pack(tree, "debian-12", {"ssh-key": "ssh-ed25519 AAAA"})


def link(name: str, kind: str = "", **more: Any) -> dict[str, Any]:
    found = {"ifname": name, "flags": ["UP", "LOWER_UP"], "mtu": 1500, "link_type": "ether", "addr_info": [], **more}
    found["linkinfo"] = {"info_kind": kind, **found.get("linkinfo", {})} if kind else found.get("linkinfo", {})
    return found


def tap(name: str, **more: Any) -> dict[str, Any]:
    return link(name, "tun", linkinfo={"info_data": {"type": "tap"}}, master="br0", **more)


def links() -> dict[str, dict[str, Any]]:
    """As the files ask."""
    filtering = {"vlan_filtering": 1, "vlan_default_pvid": 0, "stp_state": 0, "mcast_snooping": 0}
    address = {"family": "inet", "local": "192.168.10.2", "prefixlen": 24, "scope": "global"}
    found = [
        link("lo", link_type="loopback"),
        link("br0", "bridge", linkinfo={"info_data": filtering}),
        link("ens1", master="br0"),
        link("mgmt", "vlan", linkinfo={"info_data": {"id": 10}}, link="br0", addr_info=[address]),
        *map(tap, TAPS),
    ]
    return {one["ifname"]: one for one in found}


def vlans() -> dict[str, list[dict[str, Any]]]:
    """As the files ask."""
    bare = {name: [{"vlan": vlan, "flags": ["PVID", "Egress Untagged"]}] for name, vlan in TAPS.items()}
    return {"br0": [{"vlan": 10}], "ens1": [{"vlan": 10}, {"vlan": 20}, {"vlan": 30}], **bare}


@cache
def rules() -> str:
    """What the kernel lists once the file is loaded."""
    return loaded(packed().contents[FIREWALL].decode())


def told(
    asked: dict[str, dict[str, Any]], carried: dict[str, list[dict[str, Any]]], ruleset: str | None = None
) -> list[str]:
    generation, contents = packed().generation, packed().contents
    texts = {path: content.decode() for path, content in contents.items()}
    route = {"type": "unicast", "dst": "0.0.0.0/0", "gateway": "192.168.10.1", "dev": "mgmt", "protocol": "static"}
    listing = Listing(
        {
            RULESET: rules() if ruleset is None else ruleset,
            ADDRESSES: json.dumps(list(asked.values())),
            VLANS: json.dumps([{"ifname": name, "vlans": found} for name, found in carried.items()]),
            ROUTES[4]: json.dumps([{**route, "table": "main"}]),
            ROUTES[6]: "[]",
            RULES[4]: json.dumps([*KERNELS, LAST]),
            RULES[6]: json.dumps(KERNELS),
            UNITS: "\n".join([UNIT.format("enabled", "active")] * len(generation.enable)),
            SETTINGS: "",
        }
    )
    scope = Scope(units=generation.enable, links=generation.links, made=("br0", "mgmt", *TAPS))
    seen = Seen(of_listing(Places(Path("/nowhere")), scope, listing), listing, scope)
    unset = {path: text for path, text in texts.items() if not path.startswith("/etc/sysctl.d/")}
    return [str(one) for one in unmet(generation, unset, seen)]


def test_a_bridge_as_its_files_ask_has_not_drifted() -> None:
    assert told(links(), vlans()) == []


def test_a_vlan_too_many_on_a_guests_tap_is_told() -> None:
    more = {**vlans(), "tap-cloud": [*vlans()["tap-cloud"], {"vlan": 30}]}

    assert told(links(), more) == ["the port tap-cloud VLAN 30 is new: leaves tagged"]


def test_a_trunk_that_lost_a_zone_is_told() -> None:
    less = {**vlans(), "ens1": [{"vlan": 10}, {"vlan": 20}]}
    file = "/etc/systemd/network/10-bailiwick-ens1.network"

    assert told(links(), less) == [f"the port ens1 VLAN 30 is missing, as {file} says: leaves tagged"]


def test_a_native_vlan_that_moved_is_told() -> None:
    moved = {**vlans(), "tap-proxy": [{"vlan": 20, "flags": ["PVID", "Egress Untagged"]}]}

    assert [line.partition(":")[0].partition(",")[0] for line in told(links(), moved)] == [
        "the port tap-proxy VLAN 20 is new",
        "the port tap-proxy VLAN 30 is missing",
    ]


def test_a_strangers_port_on_our_bridge_is_told_and_one_elsewhere_is_left_alone() -> None:
    there = {**links(), "vnet3": tap("vnet3")}
    elsewhere = {**links(), "vnet3": {**tap("vnet3"), "master": "virbr0"}, "virbr0": link("virbr0", "bridge")}

    assert told(there, vlans()) == ["the link vnet3 is new: a port of br0, which no file says, made by libvirt"]
    assert {line.partition(":")[0] for line in told(elsewhere, vlans())} == {
        "the link vnet3 belongs to libvirt",
        "the link virbr0 belongs to libvirt",
    }


def test_a_bridge_that_no_longer_filters_is_told() -> None:
    open_ = links()
    open_["br0"]["linkinfo"]["info_data"]["vlan_filtering"] = 0

    assert told(open_, vlans()) == [
        "the link br0 is vlan filtering 0, and should be vlan filtering 1, "
        "as /etc/systemd/network/10-bailiwick-br0.netdev says"
    ]


def test_access_ports_that_no_longer_drop_tags_are_told() -> None:
    file = "/etc/bailiwick/firewall.nft"
    rest = '{"nftables": []}'

    assert told(links(), vlans(), rest) == [f"table bridge bailiwick is missing, as {file} says: with all its rules"]
    (changed,) = told(links(), vlans(), rules().replace("tap-cloud", "tap-other"))
    assert "rule in bridge bailiwick tags is" in changed


def test_a_machines_own_address_on_another_vlan_is_told() -> None:
    moved = links()
    moved["mgmt"]["linkinfo"]["info_data"]["id"] = 30

    assert told(moved, vlans()) == [
        "the link mgmt is VLAN 30, and should be VLAN 10, as /etc/systemd/network/10-bailiwick-mgmt.netdev says"
    ]


def test_a_tap_whose_guest_was_never_wired_is_told() -> None:
    gone = links()
    del gone["tap-dns"]
    left = vlans()
    del left["tap-dns"]

    assert told(gone, left) == [
        "the link tap-dns is missing, as /etc/systemd/network/10-bailiwick-tap-dns.netdev says: tunnel"
    ]
