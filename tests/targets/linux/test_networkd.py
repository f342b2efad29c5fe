from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.plan.model import LinkKind
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.networkd import networkd
from tests.targets.linux.private_stage import OF_NO_CGROUP, on_stage
from tests.targets.linux.router_plans import EXITS, INTERFACES, PLAN

LINKS = """
for name in eth1 eth2 eth3.50 wan0 wan1 eth4 ppp-dsl; do
    ip link add "$name" type veth peer name "p-$name"
    ip link set "p-$name" up
done
"""


def text(artifacts: tuple[Artifact, ...], name: str) -> str:
    return next(a.text for a in artifacts if a.path.endswith("/" + name))


def test_a_card_is_bound_by_its_permanent_address_and_place() -> None:
    link = text(networkd(PLAN), "10-bailiwick-eth2.link")
    assert "PermanentMACAddress=52:54:00:00:00:02\nPath=pci-0000:02:00.0\n" in link
    assert not any(a.path.endswith("eth1.link") for a in networkd(PLAN))


def test_vlans_are_made_by_netdev_and_named_by_their_parent() -> None:
    vlan = replace(INTERFACES[0], id="interface:guest", name="guest", kind=LinkKind.VLAN, parent="eth1", vlan=60)
    files = networkd(replace(PLAN, interfaces=(*INTERFACES, vlan)))
    assert "Name=guest\nKind=vlan\n\n[VLAN]\nId=60\n" in text(files, "10-bailiwick-guest.netdev")
    assert "VLAN=guest\n" in text(files, "10-bailiwick-eth1.network")


def test_only_the_newer_suite_is_told_of_next_hops() -> None:
    old, new = (text(networkd(replace(PLAN, platform=p)), "10-bailiwick.conf") for p in ("debian-12", "debian-13"))
    assert "ManageForeignNextHops" not in old
    assert "ManageForeignNextHops=no" in new


def test_a_platform_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="plan9"):
        networkd(replace(PLAN, platform="plan9"))


def test_an_uplink_that_is_an_exit_alone_gives_the_main_table_no_default() -> None:
    wan = replace(INTERFACES[4], metric=None)
    wire = text(networkd(replace(PLAN, interfaces=(wan,), exits=EXITS[1:])), "10-bailiwick-wan0.network")
    assert "UseGateway=no\n" in wire
    assert "Gateway=_dhcp4\nTable=22000\n" in wire


def test_every_interface_is_closed_to_ipv6_and_lldp() -> None:
    for artifact in networkd(PLAN):
        if artifact.path.endswith(".network"):
            for line in ("LinkLocalAddressing=no", "IPv6AcceptRA=no", "LLDP=no", "EmitLLDP=no"):
                assert f"\n{line}\n" in artifact.text, artifact.path


def test_lines_lead_to_plan_ids() -> None:
    lan = next(a for a in networkd(PLAN) if a.path.endswith("lan.network"))
    number = lan.text.splitlines().index("Address=192.168.10.1/24") + 1
    assert lan.lines[number] == ("interface:lan",)


@pytest.mark.real
def test_networkd_takes_every_key_and_sets_what_was_planned(tmp_path: Path) -> None:
    """The real daemon, a real lease with a route that it must not take, and the stand-ins for PPP and a tunnel."""
    script = (
        LINKS
        + """
ip link add wg-ivpn type veth peer name p-wg-ivpn
ip netns add isp
ip link set p-wan0 netns isp
ip -n isp address add 192.0.2.1/24 dev p-wan0
ip -n isp link set p-wan0 up
ip netns exec isp dnsmasq --conf-file=/dev/null --port=0 --interface=p-wan0 --bind-interfaces --no-ping \
    --dhcp-range=192.0.2.10,192.0.2.10 --dhcp-option=option:router,192.0.2.1 --dhcp-option=6,192.0.2.53 \
    --dhcp-option=121,198.51.100.0/24,192.0.2.9 --pid-file= --dhcp-leasefile=/run/isp.leases
networkd
ip address add 100.64.0.9 peer 100.64.0.1 dev ppp-dsl
ip address add 172.24.18.6/32 dev wg-ivpn
ip link set ppp-dsl up; ip link set wg-ivpn up; ip link set p-wg-ivpn up
wait_for 15 routed 22000 wan0
wait_for 15 routed 21164 wg-ivpn
wait_for 15 routed main ppp-dsl
wait_for 15 routed main wan1
cat /run/networkd.log >&2
ip -j -4 address; echo '@@'; ip -j -4 route show table all; echo '@@'; ip -d -j link
"""
    )
    done = on_stage(networkd(PLAN), tmp_path, script)
    assert done.returncode == 0, done.stderr
    complaint = done.stderr.replace(OF_NO_CGROUP, "")
    for word in ("Unknown", "unknown", "ignoring", "Failed", "Invalid", "invalid"):
        assert word not in complaint, complaint
    addresses, routes, links = (json.loads(part) for part in done.stdout.split("@@"))
    held = {(link["ifname"], info["local"]) for link in addresses for info in link["addr_info"]}
    assert held == {
        ("lo", "127.0.0.1"),
        ("lan", "192.168.10.1"),
        ("eth3.50", "198.18.50.1"),
        ("wan0", "192.0.2.10"),
        ("wan1", "203.0.113.2"),
        ("ppp-dsl", "100.64.0.9"),
        ("wg-ivpn", "172.24.18.6"),
    }
    defaults = {
        (route.get("table", "main"), route["dev"], route.get("gateway"), route.get("metric"))
        for route in routes
        if route["dst"] == "default"
    }
    assert defaults == {
        ("main", "wan0", "192.0.2.1", 100),
        ("main", "wan1", "203.0.113.1", 200),
        ("main", "ppp-dsl", None, 300),
        ("21164", "wg-ivpn", None, 1),
        ("22000", "wan0", "192.0.2.1", 1),
    }
    assert not any(route["dst"] == "198.51.100.0/24" for route in routes)
    by_name = {link["ifname"]: link for link in links}
    assert by_name["eth1"]["master"] == by_name["eth2"]["master"] == "lan"
    assert by_name["eth1"]["linkinfo"]["info_slave_data"]["isolated"] is True
    assert by_name["lan"]["linkinfo"]["info_data"]["stp_state"] == 0
    assert by_name["eth3.50"]["mtu"] == 1400


@pytest.mark.real
def test_a_zone_keeps_its_address_without_a_cable_and_rules_of_others_stay(tmp_path: Path) -> None:
    script = (
        LINKS
        + """
ip rule add pref 77 from 198.51.100.7 unreachable
ip link set p-eth1 down; ip link set p-eth2 down
networkd
wait_for 15 sh -c 'ip -4 address show dev lan | grep -q 192.168.10.1'
wait_for 15 routed main wan1
ip rule show pref 77
cat /run/networkd.log >&2
"""
    )
    done = on_stage(networkd(PLAN), tmp_path, script)
    assert done.returncode == 0, done.stderr
    assert "198.51.100.7 unreachable" in done.stdout
