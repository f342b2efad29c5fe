from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.hypervisor import hypervisor, takeover
from tests.targets.hypervisor.machine_plans import BRIDGE, GUESTS, port
from tests.targets.linux.private_stage import OF_NO_CGROUP, on_stage


def text(name: str, artifacts: tuple[Artifact, ...] | None = None) -> str:
    return next(a.text for a in artifacts or hypervisor(BRIDGE, GUESTS) if a.path.endswith("/" + name))


def sections(network: str) -> list[str]:
    """The VLAN table, a section each."""
    return [part.strip() for part in re.findall(r"^\[BridgeVLAN\]\n((?:[^\[\n].*\n)*)", network, re.MULTILINE)]


def test_the_bridge_filters_and_puts_no_port_in_a_vlan_of_its_own() -> None:
    netdev = text("10-bailiwick-br0.netdev")
    assert "Kind=bridge\n" in netdev
    for line in ("VLANFiltering=yes", "DefaultPVID=none", "STP=no", "AgeingTimeSec=300"):
        assert f"\n{line}\n" in netdev


@pytest.mark.parametrize(
    ("name", "table", "isolated"),
    [
        ("ens1", ["VLAN=10", "VLAN=20", "VLAN=30"], "no"),
        ("ens2", ["PVID=30\nEgressUntagged=30"], "yes"),
        ("ens3", ["PVID=20\nEgressUntagged=20", "VLAN=30"], "no"),
        ("tap-cloud", ["PVID=20\nEgressUntagged=20"], "no"),
        ("tap-gate-lan", ["VLAN=10", "VLAN=20", "VLAN=30"], "no"),
    ],
)
def test_a_port_is_in_its_vlans_and_in_no_other(name: str, table: list[str], isolated: str) -> None:
    network = text(f"10-bailiwick-{name}.network")
    assert sections(network) == table
    assert "\nBridge=br0\n" in network
    assert f"\nIsolated={isolated}\n" in network
    assert "Address=" not in network.replace("MACAddress=", "")


def test_the_machine_itself_hears_the_vlan_of_its_management_alone() -> None:
    assert sections(text("10-bailiwick-br0.network"))[0].endswith("\nVLAN=10")
    assert len(sections(text("10-bailiwick-br0.network"))) == 1
    assert "\nVLAN=mgmt0\n" in text("10-bailiwick-br0.network")
    assert "Kind=vlan\n\n[VLAN]\nId=10\n" in text("10-bailiwick-mgmt0.netdev")
    own = text("10-bailiwick-mgmt0.network")
    for line in ("Address=192.168.10.2/24", "DNS=192.168.10.1", "Gateway=192.168.10.1"):
        assert f"\n{line}\n" in own
    assert "nameserver 192.168.10.1\n" in text("resolv.conf")


def test_a_machine_that_is_managed_nowhere_hears_nothing() -> None:
    files = hypervisor(replace(BRIDGE, management=None), ())
    assert "BridgeVLAN" not in text("10-bailiwick-br0.network", files)
    assert not any("mgmt0" in a.path or a.path == "/etc/resolv.conf" for a in files)


def test_another_card_of_that_name_joins_no_zone() -> None:
    assert "[Match]\nName=ens1\nMACAddress=52:54:00:00:00:01\n" in text("10-bailiwick-ens1.network")
    assert "[Match]\nName=ens2\nPath=pci-0000:02:00.0\n" in text("10-bailiwick-ens2.network")
    assert "PermanentMACAddress=52:54:00:00:00:01\n\n[Link]\nName=ens1\n" in text("10-bailiwick-ens1.link")
    assert not any(a.path.endswith("ens3.link") for a in hypervisor(BRIDGE, ()))


def test_the_end_of_a_mirror_is_a_port_in_no_vlan() -> None:
    """The machine itself would hear what enters by a card that is no port of the bridge."""
    network = text("10-bailiwick-ens4.network")
    assert "Bridge=br0\n" in network
    assert "BridgeVLAN" not in network
    assert "LinkLocalAddressing=no\n" in network


def test_a_tap_belongs_to_who_runs_the_guest_and_is_held_open_by_nobody() -> None:
    tap = text("10-bailiwick-tap-cloud.netdev")
    assert "Kind=tap\n" in tap
    assert "\nUser=libvirt-qemu\n" in tap
    assert "\nMultiQueue=no\n" in tap
    assert "KeepCarrier" not in tap
    nobody = text("10-bailiwick-tap-cloud.netdev", hypervisor(replace(BRIDGE, user=""), ()))
    assert "User=" not in nobody


def test_every_interface_is_closed_to_ipv6_and_lldp() -> None:
    networks = [a for a in hypervisor(BRIDGE, GUESTS) if a.path.endswith(".network")]
    assert len(networks) == len(BRIDGE.ports) + 2
    for artifact in networks:
        for line in ("LinkLocalAddressing=no", "IPv6AcceptRA=no", "LLDP=no", "EmitLLDP=no", "DHCP=no"):
            assert f"\n{line}\n" in artifact.text


def test_every_line_of_a_table_leads_to_its_port() -> None:
    artifact = next(a for a in hypervisor(BRIDGE, GUESTS) if a.path.endswith("ens2.network"))
    number = artifact.text.splitlines().index("PVID=30") + 1
    assert artifact.lines[number] == ("bridge-port:hv/ens2",)


def test_a_platform_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="plan9"):
        hypervisor(replace(BRIDGE, platform="plan9"), ())


@pytest.mark.real
def test_networkd_knows_every_key(tmp_path: Path) -> None:
    """And makes the taps in the bridge; this kernel may have no VLANs, which networkd then says without ``Unknown``."""
    files = tuple(a for a in hypervisor(replace(BRIDGE, user="daemon"), GUESTS) if "/network/" in a.path)
    script = """
mknod -m 666 /run/tun c 10 200; mount --bind /run/tun /dev/net/tun  # as udev leaves it; a container may not
networkd
wait_for 10 ip link show br0
wait_for 10 ip link show tap-cloud
cat /run/networkd.log
ip -d link show tap-cloud
ip -d tuntap
"""
    done = on_stage(files, tmp_path, script)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "tap-cloud: tap vnet_hdr persist user 1\n" in done.stdout
    for word in ("Unknown", "ignoring", "Invalid", "Failed to parse"):
        assert word not in done.stdout.replace(OF_NO_CGROUP, ""), done.stdout


@pytest.mark.real
def test_networkd_would_say_so(tmp_path: Path) -> None:
    files = (Artifact("/etc/systemd/network/10-bad.network", "[Match]\nName=x\n\n[BridgeVLAN]\nPvid=3\n"),)
    done = on_stage(files, tmp_path, "networkd\nwait_for 10 grep -q Unknown /run/networkd.log\n")
    assert done.returncode == 0, done.stderr


def test_a_port_of_no_name_in_the_home_file_says_so() -> None:
    plan = replace(BRIDGE, ports=(port("hv", "ens9", untagged=20),))
    assert "**ens9**: nothing ties the name to a card" in takeover(plan, (), False).text
    assert "**ens1**" not in takeover(BRIDGE, (), False).text


def test_the_page_says_how_to_put_back_what_networkd_leaves() -> None:
    page = takeover(BRIDGE, (), True).text
    assert "`systemctl disable --now bailiwick-mirror-ens4.service; ip link delete tap-cloud; " in page
    last = "systemctl disable bailiwick-firewall.service; nft delete table bridge bailiwick"
    assert f"ip link delete tap-gate-lan; ip link delete br0; {last}`" in page
    assert "ip link delete ens" not in page
