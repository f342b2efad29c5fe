"""Switches and hypervisors on the stage: each a namespace in which networkd runs on the rendered files.

Every machine sees its own ``/etc`` and ``/run`` in a mount namespace of its own. What a unit asks of systemd itself
is not tried here, as for the router (``units``).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.artifact import Tree
from bailiwick.twin.layout import Layout
from bailiwick.twin.scene.namespaces import CommandFailed, batch, run_in, within
from bailiwick.twin.scene.units import services
from bailiwick.twin.script import Script

NETWORKD = "/usr/lib/systemd/systemd-networkd"
NETWORKD_UNIT = "systemd-networkd.service"
SYSCTL = "/usr/lib/systemd/systemd-sysctl"
LOGS = Path("/run/stage/log")
LIBVIRT = ("bailiwick-guests.service",)
"""Ask for libvirt and the guests' disks. On the stage stations are plugged into their taps."""
OWNER = re.compile(r"^User=(\S+)$", re.MULTILINE)
HOMES = Path("/run/stage/machines")
STILL = 0.2
"""The part of the time to be ready after which what has not changed will not."""


@dataclass(slots=True)
class Machine:
    """One switch or hypervisor. ``namespace`` is where its ports are; its cards must be there before it starts."""

    bridge: VlanBridge
    tree: Tree
    ready: float  # seconds for networkd to set everything
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def namespace(self) -> str:
        return namespace_of(self.bridge.device)

    def install(self) -> None:
        """Write the rendered files below the machine's own root, over the stage's bare ``/etc``: call this before the
        router's are written there."""
        shutil.copytree("/etc", self._home / "etc", symlinks=True)
        for artifact in self.tree.artifacts:
            path = self._home / artifact.path.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artifact.text, encoding="utf-8")
            path.chmod(artifact.mode)
            if path.suffix == ".netdev":
                self._know(OWNER.findall(artifact.text))

    def _know(self, users: list[str]) -> None:
        """Whom a tap is given to, as one more name for the only user there is (``files.USERS``)."""
        with (self._home / "etc/passwd").open("a+") as known:
            known.seek(0)
            there = {line.partition(":")[0] for line in known}
            known.writelines(f"{user}:x:0:0::/:/bin/sh\n" for user in users if user not in there)

    def start(self) -> None:
        """Raises CommandFailed when networkd makes nothing of the files."""
        batch(["link set lo up"], self.namespace)
        settings = [a.path for a in self.tree.artifacts if a.path.startswith("/etc/sysctl.d/")]
        self._run("settings", (SYSCTL, *settings))
        at = self.tree.enable.index(NETWORKD_UNIT)
        self._serve(self.tree.enable[:at])
        self._daemon("systemd-networkd", (NETWORKD,))
        self._wait()
        self._run("settings", (SYSCTL, *settings))
        with within(self.namespace):
            # A station stands for the machine's own address. It answers for it, and this one keeps silent: 8 is for no
            # address at all (Documentation/networking/ip-sysctl.rst).
            Path("/proc/sys/net/ipv4/conf/all/arp_ignore").write_text("8")
        self._serve(self.tree.enable[at:])

    def _serve(self, names: Sequence[str]) -> None:
        """Start those of our units that have these names, in the order of a boot."""
        for service in services(self.tree):
            if service.name not in names:
                continue
            if service.name in LIBVIRT:
                self.left_out.append(service.name)
            elif not service.daemon:
                for command in service.commands:
                    self._run(service.name, command)

    @property
    def _home(self) -> Path:
        return HOMES / self.bridge.device

    def _command(self, command: tuple[str, ...]) -> list[str]:
        """The command among the machine's own files, with a /sys that says nothing of udev."""
        lines = [
            "mount -t sysfs -o ro sysfs /sys",
            f"mount --bind {shlex.quote(str(self._home / 'etc'))} /etc",
            "mount -t tmpfs tmpfs /run/systemd",
            "mkdir -p /run/systemd/netif",
        ]
        scripts = self._home / "usr/lib/bailiwick"
        if scripts.is_dir():
            lines += ["mkdir -p /usr/lib/bailiwick", f"mount --bind {shlex.quote(str(scripts))} /usr/lib/bailiwick"]
        return [
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-ec",
            "\n".join([*lines, f"exec {shlex.join(command)}"]),
        ]

    def _run(self, name: str, command: tuple[str, ...]) -> None:
        with within(self.namespace):
            done = subprocess.run(self._command(command), capture_output=True, text=True, check=False)
        if done.returncode and name != "settings":  # reading back decides what of the settings was not written
            self.failures[name] = (done.stderr or done.stdout).strip()

    def _daemon(self, name: str, command: tuple[str, ...]) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        with within(self.namespace), (LOGS / f"{self.bridge.device}-{name}").open("wb") as log:
            self.daemons[name] = subprocess.Popen(
                self._command(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "SYSTEMD_LOG_TARGET": "console"},
            )

    def _wait(self) -> None:
        """Until every port is in the bridge and has its VLANs, or nothing changes any more: what is then other than
        planned is for the checks to say."""
        wanted = {
            port.name: table(port.untagged, port.tagged) for port in self.bridge.ports if port.tagged or port.untagged
        }
        seen: dict[str, frozenset[tuple[int, bool]]] = {}
        deadline = time.monotonic() + self.ready
        still = deadline
        while wanted.items() - seen.items() and time.monotonic() < still:
            before, seen = seen, self.vlans()
            if seen != before:
                still = min(deadline, time.monotonic() + STILL * self.ready)
            if not seen and (time.monotonic() > deadline or self.daemons["systemd-networkd"].poll() is not None):
                break
            time.sleep(0.05)
        if not seen:
            log = (LOGS / f"{self.bridge.device}-systemd-networkd").read_text(errors="replace")
            raise CommandFailed(f"systemd-networkd of {self.bridge.device} made no bridge; it said:\n{log}")

    def vlans(self) -> dict[str, frozenset[tuple[int, bool]]]:
        """The bridge's VLAN table as the kernel has it (bridge(8)): by port, ids and whether untagged."""
        found: dict[str, frozenset[tuple[int, bool]]] = {}
        for port in json.loads(run_in(self.namespace, "bridge", "-j", "vlan", "show")):
            entries = set()
            for vlan in port.get("vlans", ()):
                untagged = "Egress Untagged" in vlan.get("flags", ())
                for number in range(vlan["vlan"], vlan.get("vlanEnd", vlan["vlan"]) + 1):
                    entries.add((number, untagged))
            found[port["ifname"]] = frozenset(entries)
        return found


def table(untagged: int | None, tagged: tuple[int, ...]) -> frozenset[tuple[int, bool]]:
    """A port's planned row: (VLAN id, untagged)."""
    return frozenset([(vlan, False) for vlan in tagged] + ([(untagged, True)] if untagged is not None else []))


def namespace_of(device: str) -> str:
    """The network namespace that a switch or hypervisor is on the stage."""
    return f"machine.{device}"


def machines_of(script: Script, layout: Layout) -> tuple[Machine, ...]:
    """Those that stand on this stage. Raises CommandFailed for one whose files nobody gave."""
    trees = {tree.device: tree for tree in script.others}
    standing = {plug.device for plug in layout.plugs} | {cable.near[0] for cable in layout.cables}
    missing = standing - trees.keys()
    if missing:
        raise CommandFailed(f"no files for {', '.join(sorted(missing))}")
    return tuple(
        Machine(bridge, trees[bridge.device], script.options.ready)
        for bridge in script.plan.bridges
        if bridge.device in standing
    )
