"""The scene of the fault matrix: the router in a box, its owner, a host, a stranger, and disks to begin from."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bailiwick.twin.stages.contained.box import Box, contained
from bailiwick.twin.stages.contained.wall import Station
from tests.agent.faults.homes import ADMIN, OUTSIDER, ROUTER, WEB
from tests.agent.faults.outside import Scan
from tests.twin.contained.boxes import root_of

INTERFACES = f"""\
auto lo
iface lo inet loopback
auto eth0
iface eth0 inet static
    address {ROUTER}/29
    gateway {OUTSIDER}
auto eth1
iface eth1 inet static
    address 192.168.40.1/24
auto eth2
iface eth2 inet static
    address 192.168.10.1/24
"""
"""A stranger's machine: ifupdown holds the addresses, and nothing filters."""
SSHD = "PermitRootLogin prohibit-password\nUseDNS no\nMaxStartups 100:100:100\nLoginGraceTime 20\n"


@dataclass
class World:
    """``box`` is up, and its owner can log in from ``admin``."""

    box: Box
    admin: Station
    web: Station
    stranger: Station
    scan: Scan
    ssh: Path
    """A configuration for ssh(1), with the host ``gate``."""

    @property
    def state(self) -> Path:
        """The device's own directory: as it sees it, or as it lies on its disk while it is off."""
        if self.box.pid:
            return Path(f"/proc/{self.box.pid}/root/var/lib/bailiwick")
        return self.box.disk / "upper/var/lib/bailiwick"

    def confirmed(self) -> int:
        """The number of the confirmed generation."""
        try:
            return int((self.state / "confirmed").readlink().name)
        except FileNotFoundError:
            return 0

    def window(self) -> Mapping[str, Any]:
        """The record of the open apply; empty where there is none. One that outlived its commit is none (record.py)."""
        with suppress(FileNotFoundError, NotADirectoryError, ProcessLookupError):
            text = (self.state / "window.json").read_text()
            try:
                window = dict(json.loads(text)["window"])
            except (ValueError, KeyError):
                return {"old": 0, "new": -1, "phase": "damaged", "reason": ""}
            return {} if self.confirmed() == window["new"] != window["old"] else window
        return {}

    def news(self) -> list[str]:
        """What the apply has said so far."""
        with suppress(FileNotFoundError, NotADirectoryError, ValueError, ProcessLookupError):
            lines = (self.state / "progress.jsonl").read_text().splitlines()
            return [f"{data['step']}: {data['text']}" for data in map(json.loads, lines)]
        return []

    def processes(self, *words: str) -> list[int]:
        """Those in the box, as we number them, whose command line has these words one after the other."""
        wanted = b"\0".join(word.encode() for word in words)
        found = []
        for group in [self.box.group, *self.box.group.rglob("*/")]:
            with suppress(FileNotFoundError, OSError):
                for line in (group / "cgroup.procs").read_text().split():
                    with suppress(FileNotFoundError, ProcessLookupError):
                        if wanted in Path(f"/proc/{line}/cmdline").read_bytes():
                            found.append(int(line))
        return found


def key(directory: Path) -> Path:
    """The owner's, for all disks of one run."""
    path = directory / "key"
    if not path.exists():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
        subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)
    return path


def _ssh(directory: Path, host: str = "192.168.10.1") -> Path:
    path = directory / "ssh_config"
    path.write_text(
        f"Host gate\n HostName {host}\n User root\n IdentityFile {key(directory)}\n IdentitiesOnly yes\n"
        f" StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n GlobalKnownHostsFile /dev/null\n LogLevel ERROR\n"
    )
    return path


@contextmanager
def world(run: Path, disk: Path | None) -> Iterator[World]:
    """A scene with a copy of ``disk``, or with a stranger's machine that was never touched; it is off at first.

    ``run`` is the directory of this run of the matrix, where its key is.
    """
    with tempfile.TemporaryDirectory(dir=run) as place:
        mine = Path(place)
        if disk is not None:
            subprocess.run(["cp", "-a", str(disk / "upper"), str(mine / "upper")], check=True, timeout=60)
        with contained(root_of(), mine) as box:
            for card, wire in (("eth0", "wan"), ("eth1", "lan"), ("eth2", "mgmt"), ("eth3", "iot")):
                box.plug(card, wire, f"02:00:00:00:00:0{card[-1]}")
            admin = box.wall.station("admin", "mgmt", f"{ADMIN}/24", "192.168.10.1")
            web = box.wall.station("web", "lan", f"{WEB}/24")
            # Its way out is the router's card, whichever address that has.
            web.run("ip", "neighbour", "add", "192.168.40.66", "lladdr", "02:00:00:00:00:01", "dev", "eth0")
            web.run("ip", "route", "add", "default", "via", "192.168.40.66")
            stranger = box.wall.station("stranger", "wan", f"{OUTSIDER}/29", ROUTER)
            if disk is None:
                box.put("/etc/network/interfaces", INTERFACES.encode())
                box.put("/etc/resolv.conf", b"nameserver 81.2.69.9\n")
                box.put("/etc/ssh/sshd_config.d/root.conf", SSHD.encode())
                box.put("/root/.ssh/authorized_keys", (key(run).with_suffix(".pub")).read_bytes(), 0o600)
            scan = Scan(stranger.netns, ROUTER)
            try:
                yield World(box, admin, web, stranger, scan, _ssh(run))
            finally:
                scan.stop()


def keep(box: Box, disk: Path) -> None:
    """The box's disk, for others to begin from; it is off afterwards."""
    box.run("sync")
    box.power_cut()
    shutil.rmtree(disk, ignore_errors=True)
    disk.mkdir()
    subprocess.run(["cp", "-a", str(box.disk / "upper"), str(disk / "upper")], check=True, timeout=60)
