"""An owner at a station beside a box: a home file, a key, and the command line, over the system's ssh."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bailiwick.twin.scene.namespaces import within
from bailiwick.twin.stages.contained.box import Box, contained

HOME = """\
name: small
domain: lan
platform: debian-12

uplinks:
  wan: {interface: router/wan0, address: dhcp, modem: 192.168.1.1}

zones:
  lan:
    subnet: 192.168.11.0/24
    gateway: .254
    dhcp: {range: .1-.199, lease: 12h}

hosts:
  router: {router: linux, ports: {eth0: lan}}
  nas: {zone: lan, address: .210}

dns:
  upstreams: [9.9.9.9]

policy:
  - lan -> internet: any
  - lan -> router: ssh, icmp

tests:
  deny:
    - outside -> router, lan: any
"""
INTERFACES = """\
auto lo eth0
iface lo inet loopback
iface eth0 inet static
    address {address}
"""
PROVIDER = (
    *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--port=0", "--interface=eth0"),
    *("--bind-interfaces", "--dhcp-range=192.168.1.50,192.168.1.99", "--dhcp-option=3,192.168.1.1", "--no-ping"),
    *("--leasefile-ro", "--dhcp-authoritative", "--user=root", "--group=root"),
)
MACS = {"eth0": "02:00:00:00:00:01", "wan0": "24:f5:a2:00:11:22"}


@dataclass(frozen=True, slots=True)
class Owner:
    """``station`` is the network namespace that the command line runs in, ``isp`` the one beyond the uplink."""

    box: Box
    station: str
    isp: str
    directory: Path

    @property
    def home(self) -> Path:
        return self.directory / "home.yaml"

    @property
    def config(self) -> Path:
        return self.directory / "ssh.config"

    def write(self, old: str = "", new: str = "") -> None:
        """The home file, with one thing otherwise."""
        assert old in HOME
        self.home.write_text(HOME.replace(old, new) if old else HOME)

    def start(self, *words: str, to: str = "gate", **how: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "bailiwick", *words, "--ssh-config", str(self.config), "--to", to]
        environment = {**os.environ, "XDG_STATE_HOME": str(self.directory / "state")}
        with within(self.station):
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=self.directory,
                env=environment,
            )

    def run(self, *words: str, to: str = "gate", seconds: float = 240) -> subprocess.CompletedProcess[str]:
        process = self.start(*words, to=to)
        out, err = process.communicate(timeout=seconds)
        return subprocess.CompletedProcess(words, process.returncode, out, err)


@contextmanager
def owner(
    root: Path, directory: Path, address: str = "192.168.11.254/24", networkd: Mapping[str, str] | None = None
) -> Iterator[Owner]:
    """A stranger's Debian that ifupdown gives ``address``, up, with the owner's station on its first card.

    ``networkd``: files by name, which do that in the place of ifupdown.
    """
    disk = directory / "disk"
    disk.mkdir(parents=True)
    with contained(root, disk, name="router") as box:
        for card, mac in MACS.items():
            box.plug(card, card, mac=mac)
        station = box.wall.station("owner", "eth0", "192.168.11.5/24")
        isp = box.wall.station("isp", "wan0", "192.168.1.1/24")
        key = directory / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        box.put("/root/.ssh/authorized_keys", key.with_suffix(".pub").read_bytes(), 0o600)
        if networkd is None:
            box.put("/etc/network/interfaces", INTERFACES.format(address=address).encode())
        else:
            box.put("/etc/network/interfaces", b"auto lo\niface lo inet loopback\n")
            for name, text in networkd.items():
                box.put(f"/etc/systemd/network/{name}", text.encode())
        box.boot()
        if networkd is not None:
            box.run("systemctl", "enable", "--now", "systemd-networkd.service")
        ip = address.partition("/")[0]
        hosts = {"gate": ip, "new": "192.168.11.254"}
        known = "".join(f"Host {name}\n  HostName {at}\n  HostKeyAlias gate\n" for name, at in hosts.items())
        host_key = box.read("/etc/ssh/ssh_host_ed25519_key.pub").decode()
        (directory / "known").write_text(f"gate {host_key}")
        (directory / "ssh.config").write_text(
            f"{known}Host *\n  User root\n  IdentityFile {key}\n  IdentitiesOnly yes\n"
            f"  UserKnownHostsFile {directory / 'known'}\n  StrictHostKeyChecking yes\n"
        )
        one = Owner(box, station.netns, isp.netns, directory)
        one.write()
        with within(isp.netns):
            provider = subprocess.Popen(PROVIDER, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield one
        finally:
            provider.kill()
            provider.wait()
