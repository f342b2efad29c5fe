from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.targets.linux.sysctl import PATH, sysctl
from tests.targets.linux.private_stage import on_stage
from tests.targets.linux.router_plans import PLAN, SETTINGS


def test_every_setting_has_its_reason_above_it_and_its_id() -> None:
    file = sysctl(PLAN)[0]
    lines = file.text.splitlines()
    for setting in SETTINGS:
        (at,) = (n for n, line in enumerate(lines) if line.lstrip("-") == f"{setting.key} = {setting.value}")
        assert file.lines[at + 1] == (f"setting:{setting.key}",)
        above = next(line for line in reversed(lines[:at]) if line.startswith("#"))
        assert above.lower() == f"# {setting.reason}."


def test_only_what_may_come_later_may_be_missing() -> None:
    dashed = {line[1:].split(" ")[0] for line in sysctl(PLAN)[0].text.splitlines() if line.startswith("-")}
    assert dashed == {
        "net/ipv4/conf/eth3.50/rp_filter",
        "net/ipv4/conf/absent9/rp_filter",
        "net/bridge/bridge-nf-call-iptables",
    }


def test_connection_tracking_is_loaded_where_its_settings_are_ours() -> None:
    assert [a.path for a in sysctl(PLAN)] == [PATH, "/etc/modules-load.d/bailiwick.conf"]
    assert [a.path for a in sysctl(replace(PLAN, settings=SETTINGS[:2]))] == [PATH]


@pytest.mark.real
def test_the_kernel_takes_the_settings_and_an_interface_that_comes_later_too(tmp_path: Path) -> None:
    """As at boot, then as udev's stock rule does for a new interface; a name with a dot is one name."""
    script = """
/lib/systemd/systemd-sysctl /etc/sysctl.d/90-bailiwick.conf
ip link add eth3.50 type veth peer name p
echo 2 >/proc/sys/net/ipv4/conf/eth3.50/rp_filter
/lib/systemd/systemd-sysctl --prefix=/net/ipv4/conf/eth3.50 --prefix=/net/ipv4/neigh/eth3.50
for key in ip_forward conf/all/rp_filter conf/eth3.50/rp_filter; do cat "/proc/sys/net/ipv4/$key"; done
cat /proc/sys/net/netfilter/nf_conntrack_udp_timeout
"""
    done = on_stage(sysctl(PLAN), tmp_path, script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1", "0", "0", "120"]
