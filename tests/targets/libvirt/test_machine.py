"""Guests as libvirt itself takes them: defined again and again, and started on taps that are there already.

``qemu:///embed`` is the whole of libvirt in one process, without a daemon (libvirt, "QEMU driver", embedded mode).
The processor is emulated, as a machine that runs tests need not have KVM; the guest has nothing to boot.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.targets import libvirt
from bailiwick.targets.artifact import Artifact
from tests.targets.hypervisor.machine_plans import CLOUD, GATE, TV
from tests.targets.linux.private_stage import on_stage

DRIVER = Path("/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so")
TOOLS = ("virsh", "qemu-img", "qemu-system-x86_64", "xmllint")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]

SCRIPT = r"""
echo 'libvirt-qemu:x:64055:64055::/:/bin/false' >>/etc/passwd; echo 'libvirt-qemu:x:64055:' >>/etc/group
grep -q ^kvm: /etc/group || echo 'kvm:x:64056:' >>/etc/group
mknod -m 666 /run/tun c 10 200; mount --bind /run/tun /dev/net/tun
ip link add br0 type bridge
for tap in tap-cloud tap-tv; do
    ip tuntap add "$tap" mode tap user libvirt-qemu vnet_hdr; ip link set "$tap" master br0; ip link set "$tap" up
done
mkdir -p /run/images /run/libvirt-root/etc
cat >/run/libvirt-root/etc/qemu.conf <<'EOF'
user = "root"
group = "root"
security_driver = "none"
namespaces = []
cgroup_controllers = []
remember_owner = 0
stdio_handler = "file"
EOF
for guest in cloud tv gate; do
    qemu-img create -q -f qcow2 "/run/images/$guest.qcow2" 1G
    sed -e 's/<domain type="kvm"/<domain type="qemu"/' -e 's/"host-passthrough"/"maximum"/' \
        -e 's,/var/lib/libvirt/images,/run/images,' "/etc/bailiwick/guests/$guest/domain.xml" >"/run/$guest.xml"
done
before=$(ip -o link show dev tap-cloud | grep -o 'ether [0-9a-f:]*')
virsh() {
    LC_ALL=C command virsh -q -c 'qemu:///embed?root=/run/libvirt-root' "$1" 2>/run/log || { cat /run/log >&2; exit 9; }
}
virsh 'define --validate /run/gate.xml; define --validate /run/gate.xml; dominfo gate'
virsh 'define --validate /run/cloud.xml; start cloud; define --validate /run/cloud.xml; domstate cloud;
       domiflist cloud; destroy cloud'
virsh 'define --validate /run/tv.xml; start tv; domstate tv; domdisplay tv; destroy tv'
[ "$before" = "$(ip -o link show dev tap-cloud | grep -o 'ether [0-9a-f:]*')" ]
ip -o link show master br0 | cut -d: -f2
"""


def files() -> tuple[Artifact, ...]:
    small = tuple(replace(guest, memory=64) for guest in (CLOUD, TV, GATE))
    return libvirt.machines("hv", small)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.skipif(not DRIVER.exists(), reason=f"no {DRIVER.name} (libvirt-daemon-driver-qemu)")
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_libvirt_defines_guests_twice_and_starts_them_on_their_taps(tmp_path: Path) -> None:
    done = on_stage(files(), tmp_path, SCRIPT)
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.count("running") == 2
    assert "vnc://127.0.0.1:0" in done.stdout
    assert re.search(r"tap-cloud +ethernet +- +virtio +52:54:00:aa:00:05", done.stdout)
    assert done.stdout.split()[-2:] == ["tap-cloud", "tap-tv"]  # they outlive their guests, in the bridge
