"""Whether Docker's FORWARD policy stops what a bridge passes on, by the setting that the rendered files write."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bailiwick.targets.linux.hypervisor.settings import PATH
from tests.targets.hypervisor.test_settings import text

pytestmark = [pytest.mark.real, pytest.mark.slow]

NAME = "bridge-nf-call-iptables"
SETTING = Path("/proc/sys/net/bridge") / NAME
TWO_GUESTS_AND_A_BRIDGE = """\
unshare --net sleep 30 & a=$!
unshare --net sleep 30 & b=$!
trap 'kill $a $b' EXIT
until ! [ /proc/$a/ns/net -ef /proc/self/ns/net ] && ! [ /proc/$b/ns/net -ef /proc/self/ns/net ]; do sleep 0.05; done
ip link add br0 type bridge
ip link set br0 up
for guest in $a $b; do
    ip link add p$guest type veth peer name eth0 netns $guest
    ip link set p$guest master br0 up
done
nsenter --net --target $a ip address add 10.0.0.1/24 dev eth0
nsenter --net --target $b ip address add 10.0.0.2/24 dev eth0
nsenter --net --target $a ip link set eth0 up
nsenter --net --target $b ip link set eth0 up
echo "$1" >/proc/sys/net/bridge/bridge-nf-call-iptables
iptables --policy FORWARD "$2"
nsenter --net --target $a busybox ping -c 4 -W 1 10.0.0.2 >/dev/null && echo passed || echo stopped
"""


def _between_guests(setting: str, policy: str) -> str:
    if os.geteuid() != 0:
        pytest.skip("makes network namespaces as root")
    for program in ("iptables", "busybox", "nsenter"):
        if shutil.which(program) is None:
            pytest.skip(f"no {program} here")
    if not SETTING.exists():
        pytest.skip("this kernel has no br_netfilter loaded")
    command = ["unshare", "--net", "sh", "-eu", "-c", TWO_GUESTS_AND_A_BRIDGE, "sh", setting, policy]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_as_rendered_dockers_policy_does_not_stop_bridged_frames() -> None:
    assert f"-net/bridge/{NAME} = 0\n" in text(PATH)

    assert _between_guests("0", "DROP") == "passed"


def test_as_the_kernel_has_it_the_policy_stops_them() -> None:
    assert _between_guests("1", "DROP") == "stopped"
    assert _between_guests("1", "ACCEPT") == "passed"
