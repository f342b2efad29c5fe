"""One device for all the tests here: a Debian with ifupdown and nftables, on a home's and a provider's wire."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bailiwick.twin.scene.namespaces import within
from bailiwick.twin.stages.contained.box import contained
from tests.agent.switching.device import Device, files_of
from tests.agent.switching.monitor import monitored
from tests.twin.contained.boxes import root_of

HOME = (Path(__file__).parents[3] / "examples/one-router.yaml").read_text(encoding="utf-8")
INTERFACES = """\
auto lo
iface lo inet loopback
auto eth0
iface eth0 inet static
    address 192.168.11.200/24
auto eth1
iface eth1 inet static
    address 192.168.1.77/24
    gateway 192.168.1.1
"""
RULES = """\
#!/usr/sbin/nft -f
flush ruleset
table inet filter {
    chain input {
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        iifname "eth0" accept
    }
}
"""
"""As an owner has them who closes the provider's side."""


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """Up, as its owner had it, with the agent on it."""
    with contained(root_of(), tmp_path_factory.mktemp("disk")) as box:
        box.plug("eth0", "lan", mac="02:00:00:00:00:01")
        box.plug("eth1", "wan", mac="24:f5:a2:00:11:22")
        box.wall.station("near", "lan", "192.168.11.50/24")
        isp = box.wall.station("isp", "wan", "192.168.1.1/24")
        leases = tmp_path_factory.mktemp("isp") / "leases"
        command = ["dnsmasq", "--keep-in-foreground", "--port=0", "--conf-file=/dev/null", "--interface=eth0"]
        command += ["--dhcp-range=192.168.1.50,192.168.1.60,1h", "--no-ping", f"--dhcp-leasefile={leases}"]
        command += [f"--pid-file={leases}.pid", f"--log-facility={leases}.log", "--user=root"]
        with within(isp.netns):
            provider = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        box.put("/etc/network/interfaces", INTERFACES.encode())
        box.put("/etc/nftables.conf", RULES.encode(), 0o755)
        box.put("/etc/sysctl.d/50-own.conf", b"net.ipv4.conf.all.log_martians = 0\n")
        try:
            assert box.boot() == "running"
            box.run("systemctl", "enable", "--now", "nftables")
            one = Device(box)
            one.arm()
            yield one
        finally:
            provider.kill()
            provider.wait()


@pytest.fixture(scope="module")
def first(device: Device) -> int:
    """The home of the example, installed and confirmed."""
    device.before = device.look_at_all(files_of(HOME))
    number = device.stage(files_of(HOME))
    with monitored(device.box, "nft", "monitor", "tables") as heard:
        device.told = device.switch(number)
    device.tables = [line for line in heard if "table" in line]
    device.confirm(number)
    return number
