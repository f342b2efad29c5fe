"""The units of a hypervisor: mirrors and guests."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.targets import libvirt
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.hypervisor import enabled, hypervisor
from bailiwick.targets.linux.hypervisor.mirrors import mirrors
from tests.targets.hypervisor.machine_plans import BRIDGE, GUESTS
from tests.targets.linux.private_stage import exposure, install, on_stage

MOST_EXPOSURE = 3.0


def files() -> tuple[Artifact, ...]:
    return (*hypervisor(BRIDGE, GUESTS), *libvirt.machines("hv", GUESTS))


def text(name: str) -> str:
    return next(a.text for a in files() if a.path.endswith("/" + name))


def units() -> list[str]:
    return [Path(a.path).name for a in files() if a.path.endswith(".service")]


def test_a_mirror_lives_and_dies_with_its_ports() -> None:
    unit = text("bailiwick-mirror-ens4.service")
    devices = " ".join(f"sys-subsystem-net-devices-{name}.device" for name in ("ens4", "ens1", "ens2"))
    assert f"BindsTo={devices}\n" in unit
    assert f"WantedBy=multi-user.target {devices}\n" in unit
    assert "ExecStart=/usr/lib/bailiwick/mirror start ens4 ens1 ens2\n" in unit
    assert "ExecStop=/usr/lib/bailiwick/mirror stop ens4 ens1 ens2\n" in unit


def test_no_mirror_no_script_no_guest_no_unit() -> None:
    assert mirrors(replace(BRIDGE, mirrors=())) == ()
    assert enabled(replace(BRIDGE, mirrors=())) == ("bailiwick-firewall.service", "systemd-networkd.service")
    assert libvirt.machines("hv", ()) == ()
    assert libvirt.enabled(()) == ()


def test_every_enabled_unit_is_written_or_the_systems_own() -> None:
    wanted = (*enabled(BRIDGE), *libvirt.enabled(GUESTS))
    assert set(wanted) - {"systemd-networkd.service"} == set(units())


def test_no_guest_starts_before_its_taps() -> None:
    taps = [f"sys-subsystem-net-devices-tap\\x2d{name}.device" for name in ("cloud", "gate\\x2dlan", "tv")]
    unit = text("bailiwick-guests.service")
    assert f"Wants={' '.join(taps)}\n" in unit
    for tap in taps:
        assert tap in re.findall(r"^After=(.*)$", unit, re.MULTILINE)[0].split()
    for daemon in ("libvirtd", "virtqemud"):
        drop_in = next(a.text for a in files() if f"/{daemon}.service.d/" in a.path)
        assert f"After={' '.join(taps)}\n" in drop_in


@pytest.mark.real
def test_systemd_finds_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    script = f"cd /etc/systemd/system && systemd-analyze verify --man=no {' '.join(units())}"
    done = on_stage(files(), tmp_path, script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.real
@pytest.mark.parametrize("name", units())
def test_a_unit_is_little_exposed(name: str, tmp_path: Path) -> None:
    assert exposure(files(), tmp_path, name) <= MOST_EXPOSURE


MIRRORING = r"""
mkdir /run/bin
cat >/run/bin/tc <<'EOF'
#!/bin/sh
case "$*" in
    "qdisc show dev "*) [ ! -e "/run/clsact-$4" ] || echo "qdisc clsact ffff: parent ffff:fff1" ;;
    "qdisc add dev "*) : >"/run/clsact-$4"; echo "$*" ;;
    "filter show dev "*) [ ! -e "/run/$4-$5" ] || echo "filter protocol all pref 14100 matchall chain 0" ;;
    "filter add dev "*) : >"/run/$4-$5"; echo "$*" ;;
    "filter del dev "*) rm "/run/$4-$5"; echo "$*" ;;
    *) echo "unforeseen: $*" >&2; exit 9 ;;
esac
EOF
chmod +x /run/bin/tc
PATH=/run/bin:$PATH
ip link add ens1 type veth peer name p1
/usr/lib/bailiwick/mirror start ens4 ens1; echo -- again
/usr/lib/bailiwick/mirror start ens4 ens1; echo -- stop
/usr/lib/bailiwick/mirror stop ens4 ens1 gone; /usr/lib/bailiwick/mirror stop ens4 ens1
code=0; /usr/lib/bailiwick/mirror dance ens4 ens1 2>/dev/null || code=$?; echo "$code"
"""


@pytest.mark.real
def test_a_mirror_is_both_ways_and_there_once(tmp_path: Path) -> None:
    """By a stand-in for ``tc``, as a kernel need not have matchall to try this."""
    done = on_stage(mirrors(BRIDGE), tmp_path, MIRRORING)
    assert (done.returncode, done.stderr) == (0, "")
    action = "pref 14100 protocol all matchall action mirred egress mirror dev ens4"
    add = [f"filter add dev ens1 {way} {action}" for way in ("ingress", "egress")]
    gone = [f"filter del dev ens1 {way} pref 14100" for way in ("ingress", "egress")]
    assert done.stdout.splitlines() == [
        "qdisc add dev ens1 clsact", *add, "-- again", *gone, *add, "-- stop", *gone, "2",
    ]  # fmt: skip


GUEST_TOOLS = r"""
mkdir -p /run/bin /var/lib/libvirt/images
cat >/run/bin/virsh <<'EOF'
#!/bin/sh
echo "virsh $*" >>/run/log
case "$*" in "domstate cloud") cat /run/state ;; *"define"*gate*) exit 1 ;; esac
EOF
cat >/run/bin/qemu-img <<'EOF'
#!/bin/sh
echo "qemu-img $*" >>/run/log
if [ "$1" = convert ]; then : >"$5"; fi
EOF
cat >/run/bin/xorriso <<'EOF'
#!/bin/sh
: >"$5"
EOF
chmod +x /run/bin/*
PATH=/run/bin:$PATH
echo 'shut off' >/run/state
: >/var/lib/libvirt/images/debian-12.qcow2; echo precious >/var/lib/libvirt/images/tv.qcow2
/usr/lib/bailiwick/define-guests || echo "status $?" >>/run/log
cat /run/log; : >/run/log; echo --; echo running >/run/state
/usr/lib/bailiwick/define-guests 2>/dev/null || true
cat /run/log; cat /var/lib/libvirt/images/tv.qcow2; ls /var/lib/libvirt/images
rm /var/lib/libvirt/images/debian-12.qcow2 /var/lib/libvirt/images/cloud.qcow2
/usr/lib/bailiwick/define-guests 2>&1 | grep cloud
"""


@pytest.mark.real
def test_guests_are_defined_and_started_and_none_is_stopped(tmp_path: Path) -> None:
    done = on_stage(libvirt.machines("hv", GUESTS), tmp_path, GUEST_TOOLS)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.split("--\n", 1)
    images = "/var/lib/libvirt/images"
    assert f"qemu-img convert -O qcow2 {images}/debian-12.qcow2 {images}/.cloud.new\n" in first
    assert f"qemu-img resize -q {images}/.cloud.new 20G\n" in first
    assert "virsh --quiet start cloud\n" in first
    assert "virsh --quiet autostart --disable tv\n" in first
    assert "start tv" not in first  # it starts when it is told to
    assert first.endswith("status 1\n")  # libvirt refused gate, and the others went on
    assert "virsh --quiet define --validate --file /etc/bailiwick/guests/cloud/domain.xml\n" in second
    assert "start cloud\n" not in second.replace("autostart cloud\n", "")
    assert "qemu-img" not in second
    assert "precious\n" in second
    for word in ("destroy", "undefine", "shutdown", "reboot", "reset"):
        assert word not in done.stdout
    assert "cloud has no disk" in second
    assert "gate-seed.iso\n" in second


@pytest.mark.real
def test_systemd_hangs_a_mirror_on_every_one_of_its_ports(tmp_path: Path) -> None:
    """Its names are escaped in the unit's text, and read back as they are: a tap that comes again is mirrored again."""
    mirror = replace(BRIDGE.mirrors[0], target="tap-ids-mirror")
    install(hypervisor(replace(BRIDGE, mirrors=(mirror,)), ()), tmp_path)
    unit = "bailiwick-mirror-tap-ids-mirror.service"
    subprocess.run(["systemctl", "--root", str(tmp_path), "enable", unit], check=True, capture_output=True)
    links = (path for path in tmp_path.rglob("*") if path.is_symlink() and path.name == unit)
    wants = sorted(path.parent.name for path in links)
    devices = ("ens1", "ens2", "tap\\x2dids\\x2dmirror")
    assert wants == ["multi-user.target.wants", *(f"sys-subsystem-net-devices-{d}.device.wants" for d in devices)]


FIRST_START = r"""
mkdir -p /run/bin /var/lib/libvirt/images
printf '#!/bin/sh\nexit 0\n' >/run/bin/virsh; chmod +x /run/bin/virsh
PATH=/run/bin:$PATH
cd /var/lib/libvirt/images
qemu-img create -q -f qcow2 debian-12.qcow2 1G
/usr/lib/bailiwick/define-guests
qemu-img info cloud.qcow2 | grep 'virtual size'
xorriso -indev cloud-seed.iso -pvd_info -find / 2>/dev/null | grep -E "Volume Id|/"
xorriso -osirrox on -indev cloud-seed.iso -extract /user-data /run/user-data 2>/dev/null
cmp /run/user-data /etc/bailiwick/guests/cloud/user-data
stat -c %a cloud-seed.iso
"""


@pytest.mark.real
@pytest.mark.skipif(shutil.which("xorriso") is None, reason="no xorriso (package xorriso)")
@pytest.mark.skipif(shutil.which("qemu-img") is None, reason="no qemu-img (package qemu-utils)")
def test_a_new_guest_has_a_disk_of_its_size_and_a_seed_that_cloud_init_finds(tmp_path: Path) -> None:
    done = on_stage(libvirt.machines("hv", GUESTS), tmp_path, FIRST_START)
    assert done.returncode == 0, done.stderr
    assert "virtual size: 20 GiB" in done.stdout
    assert "CIDATA" in done.stdout
    for name in ("user-data", "meta-data", "network-config"):
        assert f"'/{name}'" in done.stdout
    assert done.stdout.splitlines()[-1] == "600"
