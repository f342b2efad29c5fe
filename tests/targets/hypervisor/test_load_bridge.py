"""The script that takes a changed bridge up, against tools that say what they are asked to do.

``bridge`` and ``ip`` are stand-ins, as a kernel need not filter VLANs to try this: the table is a file, and what
would change the kernel is logged.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.linux.hypervisor import hypervisor
from tests.targets.hypervisor.machine_plans import BRIDGE, PORTS
from tests.targets.linux.private_stage import on_stage

STAND_INS = r"""
mkdir /run/bin
cat >/run/bin/bridge <<'EOF'
#!/bin/sh
if [ "$2" = show ]; then echo 'port              vlan-id'; cat "/run/table/$4" 2>/dev/null; exit 0; fi
echo "bridge $*" >>/run/log
EOF
cat >/run/bin/ip <<'EOF'
#!/bin/sh
echo "ip $*" >>/run/log
EOF
cat >/run/bin/networkctl <<'EOF'
#!/bin/sh
echo "networkctl $*" >>/run/log
EOF
chmod +x /run/bin/*
mkdir /run/table
printf 'br0               10\n                  77\n' >/run/table/br0
printf 'ens1              10\n                  20\n                  30\n' >/run/table/ens1
printf 'ens2              30 PVID Egress Untagged\n                  40 Egress Untagged\n' >/run/table/ens2
ip link add br0 type bridge
for name in ens1 ens2 ens3 stranger; do
    ip link add "$name" type veth peer name "p-$name"
    ip link set "$name" master br0
done
ip tuntap add tap-tv mode tap; ip link set tap-tv master br0
PATH=/run/bin:$PATH /usr/lib/bailiwick/load-bridge >&2
cat /run/log
"""


def asked(plan: VlanBridge, tmp_path: Path) -> list[str]:
    done = on_stage(hypervisor(plan, ()), tmp_path, STAND_INS)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.real
def test_what_the_files_no_longer_say_is_taken_away_before_anything_is_added(tmp_path: Path) -> None:
    fewer = replace(PORTS[0], tagged=(10, 20))
    off = replace(PORTS[2], untagged=None, tagged=())
    plan = replace(BRIDGE, ports=(fewer, PORTS[1], off))
    said = asked(plan, tmp_path)
    assert said[0] == "ip link set br0 type bridge vlan_filtering 1 vlan_default_pvid 0"
    assert said[-1] == "networkctl reload"
    assert sorted(said[1:-1]) == [
        "bridge vlan del dev br0 vid 77 self",
        "bridge vlan del dev ens1 vid 30",
        "bridge vlan del dev ens2 vid 40",
        "ip link delete tap-tv",
        "ip link set stranger nomaster",
    ]


@pytest.mark.real
def test_what_they_say_stays(tmp_path: Path) -> None:
    said = asked(BRIDGE, tmp_path)
    assert not [line for line in said if "ens1" in line or "tap-tv" in line or "ens3" in line]
