"""Docker's own daemon in the network namespace of one station, and one container there with published ports.

Docker publishes a port by a destination NAT on its host, hides what its containers send behind the host's address, and
lets its host forward nothing else (Docker's manual, "Packet filtering and firewalls").
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from bailiwick.twin.scene.namespaces import CommandFailed, run, run_in, within

HOME = Path("/run/stage/docker")
SOCKET = f"unix://{HOME}/socket"
IMAGE, NAME, INSIDE = "stage", "one", 80
NAMESPACE = "container"
READY = 120.0  # seconds, for an emulated processor
WORDS = 1500  # characters of the daemon's log
PROC_NET = Path("/proc/sys/net")
SETTINGS = ("ipv4/ip_forward", "bridge/bridge-nf-call-iptables", "bridge/bridge-nf-call-ip6tables")
"""What dockerd may write on its host."""
PAGE = b"the container"
"""What it says to whoever comes."""
SUBNETS = IPv4Network("172.16.0.0/12")
LENGTH = 24
GROUPS = Path("/sys/fs/cgroup")
OWN_GROUP = GROUPS / "bailiwick"
"""Where the containers are: apart from those of a Docker that this machine runs, as these groups are the machine's."""


@dataclass(frozen=True, slots=True)
class Container:
    """``namespace`` is its own network namespace, where what is opened goes the way of all that it sends."""

    host: str
    namespace: str
    address: IPv4Address
    subnet: IPv4Network

    def filter(self) -> str:
        """The host's filter table, as iptables-save(8) has it."""
        return run_in(self.host, "iptables-save", "-t", "filter")

    @contextmanager
    def unhidden(self) -> Iterator[None]:
        """While this is entered, what it sends keeps its own address beyond its host."""
        rule = ("POSTROUTING", "-s", str(self.subnet), "!", "-o", "docker0", "-j", "MASQUERADE")
        run_in(self.host, "iptables", "-t", "nat", "-D", *rule)
        try:
            yield
        finally:
            run_in(self.host, "iptables", "-t", "nat", "-A", *rule)


def _docker(*words: str) -> list[str]:
    return ["docker", f"--host={SOCKET}", *words]


def _log() -> str:
    return (HOME / "log").read_text(errors="replace")[-WORDS:]


def _said(*words: str, data: bytes | None = None) -> str:
    done = subprocess.run(_docker(*words), input=data or b"", capture_output=True, check=False)
    if done.returncode:
        raise CommandFailed(f"docker {words[0]}: {done.stderr.decode(errors='replace')}\n{_log()}")
    return done.stdout.decode()


def _image() -> bytes:
    """One file, linked statically."""
    busybox = shutil.which("busybox")
    if busybox is None:
        raise CommandFailed("not found: busybox")
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        tar.add(Path(busybox).resolve(), "bin/busybox")
    return written.getvalue()


def free_subnet(taken: Iterable[IPv4Network]) -> IPv4Network:
    """One for containers that touches none of those, from the highest of 172.16.0.0/12 down. Raises CommandFailed."""
    avoided = tuple(taken)
    for subnet in reversed(list(SUBNETS.subnets(new_prefix=LENGTH))):
        if not any(subnet.overlaps(other) for other in avoided):
            return subnet
    raise CommandFailed(f"no subnet of {SUBNETS} is free for containers")


def _start(host: str, subnet: IPv4Network) -> subprocess.Popen[bytes]:
    """``DOCKER_RAMDISK``: where the root is the kernel's first one, pivot_root(2) leads nobody out of it."""
    command = ["dockerd", f"--host={SOCKET}", f"--data-root={HOME}/data", f"--exec-root={HOME}/exec"]
    command += [f"--pidfile={HOME}/pid", "--storage-driver=vfs", f"--bip={subnet[1]}/{subnet.prefixlen}"]
    # The stage of namespaces has no systemd to ask for groups.
    command += ["--exec-opt=native.cgroupdriver=cgroupfs", f"--cgroup-parent=/{OWN_GROUP.name}"]
    environment = {**os.environ, "DOCKER_RAMDISK": "1"}
    with within(host), (HOME / "log").open("wb") as log:
        try:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        except FileNotFoundError:
            raise CommandFailed("not found: dockerd (Debian's package docker.io)") from None


def _grouped() -> None:
    """Docker keeps its containers in control groups (cgroups(7)). The bare stage has a /sys without them."""
    if not GROUPS.is_mount():
        run("mount", "-t", "cgroup2", "cgroup2", str(GROUPS))


def _wait(daemon: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY
    while not (HOME / "socket").exists():
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise CommandFailed(f"dockerd did not start: {_log()}")
        time.sleep(0.1)


def _settings() -> dict[Path, str]:
    paths = (PROC_NET / name for name in SETTINGS)
    return {path: path.read_text() for path in paths if path.exists()}


@contextmanager
def container(host: str, published: Iterable[int], taken: Iterable[IPv4Network]) -> Iterator[Container]:
    """A container on that host (a namespace's name), which answers at the host's ``published`` TCP ports. ``taken`` are
    the subnets that Docker's own must not touch.

    What it writes into that namespace is taken away again. Raises CommandFailed when Docker does not start, or does not
    do as it is told.
    """
    subnet = free_subnet(taken)
    HOME.mkdir(parents=True)
    _grouped()
    with within(host):
        before = _settings()
        # Where Docker makes a router of its host, and only there, it has it forward nothing but its own.
        (PROC_NET / SETTINGS[0]).write_text("0")
    daemon = _start(host, subnet)
    try:
        _wait(daemon)
        _said("import", "-", IMAGE, data=_image())
        ports = [f"--publish={port}:{INSIDE}" for port in published]
        served = ("/bin/busybox", "nc", "-ll", "-p", str(INSIDE), "-e", "/bin/busybox", "echo", "-n", PAGE.decode())
        # AppArmor confines files, and wants a program of its own where the kernel has it.
        _said("run", "--detach", "--name", NAME, "--security-opt", "apparmor=unconfined", *ports, IMAGE, *served)
        shown = _said("inspect", "--format", "{{.State.Pid}} {{.NetworkSettings.IPAddress}}", NAME).split()
        if len(shown) != 2 or shown[0] == "0":
            raise CommandFailed(f"the container did not start: {_said('logs', NAME)}\n{_log()}")
        run("ip", "netns", "attach", NAMESPACE, shown[0])
        try:
            yield Container(host, NAMESPACE, IPv4Address(shown[1]), subnet)
        finally:
            run("ip", "netns", "delete", NAMESPACE)
        _said("rm", "--force", NAME)
    finally:
        daemon.terminate()
        daemon.wait()
    OWN_GROUP.rmdir()
    run_in(host, "nft", "flush", "ruleset")  # a station has none of its own
    run_in(host, "ip", "link", "delete", "docker0")
    with within(host):
        for path, value in before.items():
            path.write_text(value)
    shutil.rmtree(HOME)
