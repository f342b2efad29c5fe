from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.targets.linux.hypervisor.settings import DOCKER, PATH, UDEV, settings
from tests.targets.hypervisor.machine_plans import BRIDGE
from tests.targets.linux.private_stage import on_stage


def text(path: str) -> str:
    return next(a.text for a in settings(BRIDGE) if a.path == path)


def values() -> dict[str, str]:
    return dict(re.findall(r"^-?([a-z].*) = (.*)$", text(PATH), re.MULTILINE))


def test_it_routes_nothing() -> None:
    assert values()["net/ipv4/ip_forward"] == "0"
    for name in ("all", "default", "br0", "mgmt0"):
        assert values()[f"net/ipv4/conf/{name}/forwarding"] == "0"
        assert values()[f"net/ipv6/conf/{name}/disable_ipv6"] == "1"
    for port in ("ens1", "ens4"):
        assert f"net/ipv4/conf/{port}/forwarding" not in values()  # a port of the bridge hears no packet of its own
    assert text(PATH).index("net/ipv4/ip_forward") < text(PATH).index("/forwarding")


def test_no_filter_of_its_own_sees_what_the_bridge_passes_on() -> None:
    for family in ("arptables", "ip6tables", "iptables"):
        assert f"-net/bridge/bridge-nf-call-{family} = 0\n" in text(PATH)
    assert 'SUBSYSTEM=="module", KERNEL=="br_netfilter"' in text(UDEV)
    assert "ExecStartPost=-/lib/systemd/systemd-sysctl --prefix=/net/bridge\n" in text(DOCKER)


def test_a_bridge_that_somebody_else_made_filters_too() -> None:
    assert 'KERNEL=="br0", ATTR{bridge/vlan_filtering}="1", ATTR{bridge/default_pvid}="0"\n' in text(UDEV)


@pytest.mark.real
def test_the_kernel_has_taken_every_key(tmp_path: Path) -> None:
    """And none is missing that is not allowed to be."""
    script = """
mount -t proc proc /proc
ip link add br0 type bridge
echo 1 >/proc/sys/net/ipv4/ip_forward
/lib/systemd/systemd-sysctl /etc/sysctl.d/90-bailiwick.conf
cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/br0/forwarding /proc/sys/net/ipv4/conf/br0/arp_ignore
"""
    done = on_stage(settings(replace(BRIDGE, ports=())), tmp_path, script)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["0", "0", "1"]
