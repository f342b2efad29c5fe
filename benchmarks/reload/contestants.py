"""Each way to load the same permissions: how it is set up on the lab's router, and how it loads them again.

iptables, firewalld and shorewall are Debian's, in a root of their own that mmdebstrap makes; nothing of this machine
is changed by them.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bailiwick.targets.linux.nftables import firewall
from bailiwick.twin.stages.debian import bootstrap
from benchmarks.reload import rules
from benchmarks.ruleset.lab import INSIDE, OUTSIDE, Lab
from benchmarks.ruleset.rules import plan_of, shorewall

PACKAGES = ("firewalld", "shorewall", "iptables", "nftables", "dbus", "iproute2", "procps")
PATIENCE = 60.0

Command = tuple[str, ...]
Contestant = Callable[[Lab], AbstractContextManager[Command]]
"""Inside the context the rules stand; the command, run in the router's namespace, loads them again. () is none."""


@dataclass(frozen=True, slots=True)
class Root:
    """A Debian of its own."""

    path: Path

    @classmethod
    def made(cls, folder: Path) -> Root:
        """Raises StageError."""
        bootstrap("bookworm", PACKAGES, folder / "root")
        return cls(folder / "root")

    def inside(self, *command: str) -> Command:
        """The command as it is run in there, with mounts that go when it ends."""
        mounts = "; ".join(f"mount --rbind /{name} {self.path}/{name}" for name in ("proc", "sys", "dev"))
        shell = f'set -e; {mounts}; exec chroot {self.path} "$@"'
        clean = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8")
        return (*clean, "unshare", "--mount", "--propagation", "private", "sh", "-c", shell, "sh", *command)

    def write(self, path: str, text: str) -> str:
        target = self.path / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return path


class Contestants:
    def __init__(self, root: Root, number: int) -> None:
        self.root, self.number = root, number

    @contextmanager
    def nothing(self, lab: Lab) -> Iterator[Command]:
        """The rules, and no reload at all: what the lab itself loses."""
        lab.inside(lab.router, "nft", "-f", str(self._firewall(lab)))
        yield ()

    @contextmanager
    def loader(self, lab: Lab) -> Iterator[Command]:
        rules_file = self._firewall(lab)
        lab.inside(lab.router, "nft", "-f", str(rules_file))
        yield ("sh", str(lab.folder / "load-firewall"), str(rules_file))

    @contextmanager
    def table(self, lab: Lab) -> Iterator[Command]:
        """The whole table deleted and added in one transaction."""
        rules_file = self._firewall(lab)
        lab.inside(lab.router, "nft", "-f", str(rules_file))
        yield ("nft", "-f", str(rules_file))

    def restore(self, kind: str) -> Contestant:
        """``kind``: nft or legacy."""

        @contextmanager
        def restoring(lab: Lab) -> Iterator[Command]:
            path = self.root.write("/root/rules", rules.restore(self.number))
            command = self.root.inside(f"iptables-{kind}-restore", path)
            lab.inside(lab.router, *command)
            yield command

        return restoring

    def script(self, *, opening: bool) -> Contestant:
        @contextmanager
        def adding(lab: Lab) -> Iterator[Command]:
            path = self.root.write("/root/script", rules.script(self.number, opening=opening))
            command = self.root.inside("sh", path)
            lab.inside(lab.router, *command)
            yield command

        return adding

    @contextmanager
    def firewalld(self, lab: Lab) -> Iterator[Command]:
        for path, text in rules.firewalld(self.number).items():
            self.root.write(f"/etc/firewalld/{path}", text)
        (self.root.path / "run/dbus").mkdir(parents=True, exist_ok=True)
        start = "rm -f /run/dbus/pid; dbus-daemon --system --fork && exec firewalld --nofork --nopid"
        command = ("ip", "netns", "exec", lab.router, "unshare", "--pid", "--fork", "--kill-child")
        daemon = subprocess.Popen(
            (*command, *self.root.inside("sh", "-c", start)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self._until(lab, self.root.inside("firewall-cmd", "--state"), daemon)
            yield self.root.inside("firewall-cmd", "--reload")
        finally:
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()

    @contextmanager
    def shorewall(self, lab: Lab) -> Iterator[Command]:
        stock = (self.root.path / "usr/share/shorewall/configfiles/shorewall.conf").read_text().splitlines()
        chosen = {"STARTUP_ENABLED": "Yes", "FASTACCEPT": "Yes", "IP_FORWARDING": "On", "LOGFILE": "/dev/null"}
        keys = [line.split("=")[0] for line in stock]
        lines = (f"{key}={chosen[key]}" if key in chosen else line for key, line in zip(keys, stock, strict=True))
        self.root.write("/etc/shorewall/shorewall.conf", "\n".join(lines) + "\n")
        for name, text in shorewall(self.number).items():
            self.root.write(f"/etc/shorewall/{name}", text)
        lab.inside(lab.router, *self.root.inside("shorewall", "start"))
        yield self.root.inside("shorewall", "reload")

    def _firewall(self, lab: Lab) -> Path:
        text, script = firewall(plan_of(self.number, hygiene=True))
        (lab.folder / "load-firewall").write_text(script.text)
        rules_file = lab.folder / "firewall.nft"
        rules_file.write_text(text.text)
        return rules_file

    def _until(self, lab: Lab, command: Command, daemon: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if daemon.poll() is not None:
                raise RuntimeError(f"firewalld ended with status {daemon.returncode}")
            done = subprocess.run(
                ("ip", "netns", "exec", lab.router, *command), check=False, capture_output=True, timeout=PATIENCE
            )
            if done.returncode == 0:
                return
            time.sleep(0.2)
        raise RuntimeError("firewalld does not come up")


def furnish(lab: Lab) -> None:
    """The zones that nothing is sent to have interfaces too; no IPv6, whose own chatter would be counted."""
    lab.inside(lab.router, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
    for name in rules.INTERFACES:
        if name not in (INSIDE, OUTSIDE):
            lab.inside(lab.router, "ip", "link", "add", name, "type", "veth", "peer", "name", f"p-{name}")
            lab.inside(lab.router, "ip", "link", "set", name, "up")
