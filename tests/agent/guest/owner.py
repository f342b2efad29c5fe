"""The owner at a station of the management zone: the command line and ssh, as they run there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

HOST, ROUTER = "gate", "192.168.10.1"
WORK = 600  # seconds for one command, on an emulated processor
UNFINISHED = 124
OUTPUT = Path("/root/output")
SSH = f"""\
Host {HOST}
  HostName {ROUTER}
  User root
  IdentityFile /root/.ssh/owner
  StrictHostKeyChecking accept-new
  ConnectTimeout 8
"""


def keys() -> None:
    home = Path("/root/.ssh")
    home.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / "owner")], check=True)
    (home / "authorized_keys").write_bytes((home / "owner.pub").read_bytes())
    (home / "config").write_text(SSH)


class Owner:
    """At the machine ``station``, a name of a network namespace."""

    def __init__(self, station: str) -> None:
        self.station = station

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "HOME": "/root", "XDG_STATE_HOME": "/root/state"}
        command = ["ip", "netns", "exec", self.station, "python3", "-SP", "-m", "bailiwick", *words]
        with OUTPUT.open("w+") as said:
            try:
                done = subprocess.run(
                    command,
                    stdout=said,
                    stderr=said,
                    check=False,
                    stdin=subprocess.DEVNULL,
                    timeout=WORK,
                    env=environment,
                    cwd="/root",
                )
                status = done.returncode
            except subprocess.TimeoutExpired:
                status = UNFINISHED
            said.seek(0)
            return subprocess.CompletedProcess(command, status, said.read(), "")

    def ssh(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.station, "ssh", "-o", "BatchMode=yes", HOST, *words]

    def answers(self) -> bool:
        done = subprocess.run(self.ssh("true"), capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
        return done.returncode == 0

    def apply(self, home: str, window: int, *more: str) -> subprocess.CompletedProcess[str]:
        words = ("--to", HOST, "--yes", "--confirm-timeout", str(window), *more)
        return self.run("apply", f"{home}.yaml", *words)
