"""A Debian that its own systemd boots in namespaces: what a power cut takes, what stays, and what it cannot reach."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from bailiwick.twin.scene.namespaces import CommandFailed, run_in
from bailiwick.twin.stages.contained import cgroup
from bailiwick.twin.stages.contained.box import Box, contained
from bailiwick.twin.stages.namespaces import StageError
from tests.twin.contained.boxes import root_of

pytestmark = [pytest.mark.real, pytest.mark.slow]

WIRED = """\
[Match]
Name=eth0
[Network]
Address=10.0.0.2/24
LinkLocalAddressing=no
IPv6AcceptRA=no
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """Up, with a station on its wire."""
    with contained(root_of(), tmp_path_factory.mktemp("disk")) as one:
        one.plug("eth0", "lan", mac="02:00:00:00:00:02")
        one.wall.station("near", "lan", "10.0.0.1/24")
        one.put("/etc/systemd/network/10-eth0.network", WIRED.encode())
        assert one.boot() == "running"
        one.run("systemctl", "enable", "--now", "systemd-networkd")
        yield one


def answers(box: Box, address: str = "10.0.0.2") -> bool:
    """Whether the station on its wire is answered."""
    try:
        run_in(box.wall.stations["near"].netns, "busybox", "ping", "-c", "1", "-W", "2", address)
    except CommandFailed:
        return False
    return True


def configured(box: Box) -> None:
    box.run("/lib/systemd/systemd-networkd-wait-online", "--interface=eth0", "--timeout=20")


def test_it_boots_and_answers_on_its_wire(box: Box) -> None:
    configured(box)

    assert answers(box)
    assert not answers(box, "10.0.0.3")
    assert box.run("hostname").strip() == "gate"
    assert box.run("systemctl", "is-active", "ssh").strip() == "active"


def test_a_power_cut_takes_what_is_in_memory_and_leaves_the_disk(box: Box) -> None:
    box.put("/etc/kept/file", b"stays", 0o640)
    box.put("/run/lost", b"goes")
    box.run("rm", "/etc/issue.net")
    box.run("nft", "add table inet mine")
    box.run("ip", "address", "add", "10.0.0.9/24", "dev", "eth0")
    boot_id, pid = box.read("/proc/sys/kernel/random/boot_id"), box.pid
    sandboxed = ("systemd-run", "--quiet", "--pipe", "-p", "ProtectControlGroups=yes", "-p", "ProtectHome=yes")
    assert box.run(*sandboxed, "cat", "/proc/sys/kernel/random/boot_id").encode() == boot_id
    box.power_cut()

    assert not Path(f"/proc/{pid}").exists()
    assert box.read("/etc/kept/file") == b"stays"
    with pytest.raises(FileNotFoundError):
        box.read("/etc/issue.net")
    with pytest.raises(StageError, match="gate is off"):
        box.run("true")

    box.put("/etc/kept/more", b"written while it was off")
    assert box.boot() == "running"
    configured(box)
    assert box.read("/etc/kept/more") == b"written while it was off"
    assert box.run("stat", "-c", "%a %U", "/etc/kept/file").strip() == "640 root"
    assert box.run("nft", "list", "tables") == ""
    assert "10.0.0.9" not in box.run("ip", "address")
    assert box.read("/proc/sys/kernel/random/boot_id") != boot_id
    with pytest.raises(FileNotFoundError):
        box.read("/run/lost")
    assert "02:00:00:00:00:02" in box.run("ip", "link", "show", "eth0")
    assert answers(box)


def test_a_cable_can_be_drawn_and_put_in_again(box: Box) -> None:
    box.wall.carrier("eth0", False)
    assert not answers(box)
    assert "NO-CARRIER" in box.run("ip", "link", "show", "eth0")
    box.wall.carrier("eth0", True)
    configured(box)
    assert answers(box)


def test_the_debian_below_stays_as_it_is_and_the_kernel_is_not_its_own_to_change(box: Box) -> None:
    before = Path("/proc/sys/kernel/panic").read_text()

    assert not (root_of() / "etc/machine-id").exists()
    assert not (root_of() / "etc/systemd/network/10-eth0.network").exists()
    with pytest.raises(CommandFailed, match="permission denied"):
        box.run("sysctl", "-w", "kernel.panic=77")
    with pytest.raises(CommandFailed, match="not permitted"):
        box.run("mknod", "/root/disk", "b", "254", "0")
    box.run("sysctl", "-w", "net.ipv4.ip_forward=1")
    assert Path("/proc/sys/kernel/panic").read_text() == before


def test_a_command_that_does_not_end_is_ended(box: Box) -> None:
    with pytest.raises(StageError, match=r"sleep 61 did not end within 0\.2 seconds"):
        box.run("sleep", "61", wait=0.2)
    assert "sleep 61" not in box.run("ps", "-A", "-o", "args")


def test_it_stands_still_and_goes_on(box: Box) -> None:
    box.run("systemd-run", "--unit=ticks", "sh", "-c", "while sleep 0.01; do echo >>/run/ticks; done")
    box.freeze()
    before = box.run("sh", "-c", "cat /run/ticks; true")
    time.sleep(0.2)
    assert box.run("sh", "-c", "cat /run/ticks; true") == before
    box.thaw()
    end = time.monotonic() + 60
    while len(box.run("sh", "-c", "cat /run/ticks; true")) <= len(before):
        assert time.monotonic() < end
    box.run("systemctl", "stop", "ticks")


def test_the_power_can_be_cut_while_it_stands_still(tmp_path: Path) -> None:
    with contained(root_of(), tmp_path) as one:
        one.boot()
        one.freeze()
        one.power_cut()
        assert one.boot() == "running"


def test_it_outlives_the_thread_that_turned_it_on(tmp_path: Path) -> None:
    with contained(root_of(), tmp_path) as one:
        thread = Thread(target=one.boot)
        thread.start()
        thread.join()
        time.sleep(0.2)
        assert one.run("systemctl", "is-system-running").strip() == "running"


def test_two_at_once_know_nothing_of_each_other(box: Box, tmp_path: Path) -> None:
    with contained(root_of(), tmp_path, "other") as other:
        assert other.boot() == "running"
        assert other.run("hostname").strip() == "other"
        assert "eth0" not in other.run("ip", "link")
        assert other.run("systemctl", "is-active", "systemd-networkd", ok=False).strip() == "inactive"
    assert box.run("systemctl", "is-active", "systemd-networkd").strip() == "active"


def test_a_box_that_does_not_boot_says_why(tmp_path: Path) -> None:
    with contained(root_of(), tmp_path) as one:
        one.put("/etc/systemd/system/forever.service", b"[Service]\nType=oneshot\nExecStart=sleep 300\n")
        one.put("/etc/systemd/system/multi-user.target.d/wait.conf", b"[Unit]\nRequires=forever.service\n")
        one.put("/etc/systemd/system/forever.service.d/a.conf", b"[Unit]\nBefore=multi-user.target\n")
        with pytest.raises(StageError, match=r"(?s)still at it: .*forever\.service"):
            one.boot(8)
    with (
        contained(tmp_path / "nothing", tmp_path / "second") as one,
        pytest.raises(StageError, match="ended by itself"),
    ):
        one.boot()


def test_the_other_suite_boots_too(tmp_path: Path) -> None:
    with contained(root_of("debian-13"), tmp_path) as one:
        assert one.boot() == "running"
        assert "trixie" in one.read("/etc/os-release").decode()


def test_kill_9_of_its_owner_leaves_nothing_running_and_no_group_for_the_next(tmp_path: Path) -> None:
    owner = [sys.executable, "-m", "tests.twin.contained.owner", str(root_of()), str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.twin.killing", str(tmp_path / "up"), *owner],
        capture_output=True,
        check=True,
        timeout=300,
        cwd=Path(__file__).parents[3],
    )
    told = json.loads(done.stdout)

    assert (tmp_path / "up").exists()
    assert told["left"] == []
    assert told["processes"] > 8
    assert str(tmp_path) not in Path("/proc/self/mounts").read_text()
    cgroup.remove(cgroup.make())
    gone = [one.name for one in cgroup.hierarchy().glob(f"{cgroup.PREFIX}*") if not owned(one.name)]
    assert gone == []


def owned(group: str) -> bool:
    return Path(f"/proc/{group.split('-')[1]}").exists()
