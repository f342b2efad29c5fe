"""Client, router and server as three namespaces on two veth pairs, and the sender that drives them.

A permitted flow goes from the client's zone to the server beyond the uplink. What reaches the server is counted and
dropped at its interface, before its stack costs anything, so that the time of a send is the router's. Several labs
can stand side by side.
"""

from __future__ import annotations

import ctypes
import os
import re
import socket
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CLIENT, ROUTER_INSIDE, ROUTER_OUTSIDE, SERVER = "10.20.0.10", "10.20.0.1", "9.8.7.1", "9.8.7.6"
INSIDE, OUTSIDE = "zone0", "wan0"
"""The router's interfaces."""
PERMITTED, DENIED = 7000, 9999
"""Destination ports."""
MARTIAN = "10.99.0.5"
"""Where nothing of the home's goes by the uplink, though a permission holds: a set that drops says so."""


@dataclass(frozen=True, slots=True)
class Stream:
    source: str
    destination: str
    sport: int
    sports: int
    dport: int
    dports: int = 1
    weight: int = 1

    def __str__(self) -> str:
        fields = (self.source, self.destination, self.sport, self.sports, self.dport, self.dports, self.weight)
        return ",".join(str(field) for field in fields)


@dataclass(frozen=True, slots=True)
class Sent:
    streams: tuple[int, ...]
    frames: int
    elapsed: int
    """Nanoseconds on the clock."""
    spent: int
    """Nanoseconds of the core: the sender's and, within them, the router's softirq."""

    @property
    def each(self) -> float:
        """Nanoseconds of the core per frame."""
        return self.spent / self.frames


class Lab:
    """The three namespaces; leave it with ``close``. ``folder`` is for its files and may be shared by several labs,
    which their ``number`` keeps apart."""

    def __init__(self, folder: Path, number: int = 0) -> None:
        tag = f"bench{os.getpid()}n{number}"
        self.client, self.router, self.server = f"{tag}c", f"{tag}r", f"{tag}s"
        self.folder = folder
        self.sender = folder / "sender"
        if not self.sender.exists():
            run("gcc", "-O2", "-o", str(self.sender), str(Path(__file__).with_name("sender.c")))
        try:
            for name in (self.client, self.router, self.server):
                run("ip", "netns", "add", name)
            self._wire()
            self._conntrack = _netlink(self.router)
        except BaseException:
            self._remove()
            raise

    def close(self) -> None:
        """Remove the namespaces, with everything that was loaded there."""
        self._conntrack.close()
        self._remove()

    def _remove(self) -> None:
        for name in (self.client, self.router, self.server):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def inside(self, name: str, *command: str, stdin: str | None = None) -> str:
        """Run a command in a namespace; its output. Raises CalledProcessError."""
        return run("ip", "netns", "exec", name, *command, stdin=stdin)

    def nft(self, name: str, text: str) -> None:
        self.inside(name, "nft", "-f", "-", stdin=text)

    def send(self, streams: Sequence[Stream], *, seconds: float = 0, count: int = 0, back: bool = False) -> Sent:
        """From the client, or ``back`` from the server."""
        name, interface, mac = (self.server, "s0", self.outside_mac) if back else (self.client, "c0", self.inside_mac)
        command = ("taskset", "-c", "0", str(self.sender), interface, mac, str(seconds), str(count))
        return _sent(self.inside(name, *command, *(str(stream) for stream in streams)))

    def start(self, streams: Sequence[Stream], seconds: float) -> subprocess.Popen[str]:
        """The same from the client, while something else goes on; ``finish`` waits for it."""
        command = ("taskset", "-c", "0", str(self.sender), "c0", self.inside_mac, str(seconds), "0")
        return subprocess.Popen(
            ["ip", "netns", "exec", self.client, *command, *(str(stream) for stream in streams)],
            stdout=subprocess.PIPE,
            text=True,
        )

    def finish(self, sender: subprocess.Popen[str]) -> Sent:
        out, _ = sender.communicate()
        return _sent(out)

    def counted(self) -> dict[str, int]:
        """Frames that reached the server, by the counter's name; the counters start anew."""
        out = self.inside(self.server, "nft", "reset", "counters", "table", "netdev", "bench")
        return {name: int(packets) for name, packets in re.findall(r"counter (\w+) \{\s+packets (\d+)", out)}

    def forget(self) -> None:
        """Empty the router's rules and its table of connections."""
        self.inside(self.router, "nft", "flush", "ruleset")
        self.forget_connections()

    def forget_connections(self) -> None:
        """Empty the table of connections. Raises OSError."""
        # IPCTNL_MSG_CT_DELETE without a tuple (net/netfilter/nf_conntrack_netlink.c).
        self._conntrack.send(struct.pack("=IHHII", 20, 0x0102, 5, 1, 0) + struct.pack("=BBH", 2, 0, 0))
        error = -struct.unpack("=i", self._conntrack.recv(4096)[16:20])[0]
        if error:
            raise OSError(error, os.strerror(error))

    def _wire(self) -> None:
        for a, inner, b, outer in ((self.client, "c0", self.router, INSIDE), (self.server, "s0", self.router, OUTSIDE)):
            run("ip", "link", "add", inner, "netns", a, "type", "veth", "peer", "name", outer, "netns", b)
        for name, interface, address in (
            (self.client, "c0", f"{CLIENT}/24"),
            (self.router, INSIDE, f"{ROUTER_INSIDE}/24"),
            (self.router, OUTSIDE, f"{ROUTER_OUTSIDE}/24"),
            (self.server, "s0", f"{SERVER}/24"),
        ):
            self.inside(name, "ip", "address", "add", address, "dev", interface)
            self.inside(name, "ip", "link", "set", interface, "up")
        self.inside_mac, self.outside_mac = self._mac(self.router, INSIDE), self._mac(self.router, OUTSIDE)
        self.inside(self.router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.inside(self.router, "ip", "route", "add", "default", "via", SERVER)
        for address, interface, name, other in (
            (CLIENT, INSIDE, self.client, "c0"),
            (SERVER, OUTSIDE, self.server, "s0"),
        ):
            mac = self._mac(name, other)
            self.inside(self.router, "ip", "neigh", "replace", address, "lladdr", mac, "dev", interface)
        self.nft(
            self.client, "table netdev bench { chain in { type filter hook ingress device c0 priority 0; drop; }\n}"
        )
        self.nft(self.server, _COUNTERS)

    def _mac(self, name: str, interface: str) -> str:
        return self.inside(name, "cat", f"/sys/class/net/{interface}/address").strip()


def _sent(out: str) -> Sent:
    frames, elapsed, spent = re.findall(r"ns (\d+) (\d+) (\d+)", out)[0]
    streams = tuple(int(number) for number in re.findall(r"stream \d+ (\d+)", out))
    return Sent(streams, int(frames), int(elapsed), int(spent))


def _netlink(namespace: str) -> socket.socket:
    """A socket to netfilter that belongs to the namespace, whoever uses it (setns(2); ``os.setns`` is Python 3.12)."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/self/ns/net").open("rb") as home, Path("/run/netns", namespace).open("rb") as there:
        if libc.setns(there.fileno(), 0):
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
        try:
            return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)  # NETLINK_NETFILTER
        finally:
            if libc.setns(home.fileno(), 0):
                raise OSError(ctypes.get_errno(), "cannot come back to the own namespace")


def run(*command: str, stdin: str | None = None) -> str:
    """The standard output; raises CalledProcessError with what was said on standard error."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, input=stdin)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr.strip())
    return done.stdout


_COUNTERS = f"""
table netdev bench {{
	counter established {{ }}
	counter fresh {{ }}
	counter leaked {{ }}
	counter untranslated {{ }}
	chain in {{
		type filter hook ingress device s0 priority 0;
		ip saddr != {ROUTER_OUTSIDE} counter name untranslated
		udp dport {DENIED} counter name leaked drop
		ip daddr {MARTIAN} counter name leaked drop
		udp sport < 2000 counter name established drop
		counter name fresh drop
	}}
}}
"""
