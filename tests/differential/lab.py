"""A router between three zones: two namespaces on three veth pairs, and every packet that comes out of them.

The zones' ends lie in one namespace without addresses: what they send is written by hand, what they get is only looked
at. The router's interfaces do no ARP and no neighbour discovery, so that any next hop is there.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.twin.scene.namespaces import run, run_in, within
from tests.differential.frames import Seen, seen, wire

ZONES = {
    "lan": ("10.1.0.1/24", "fd00:1::1/64"),
    "dmz": ("10.2.0.1/24", "10.2.0.9/29", "fd00:2::1/64"),
    "wan": ("198.51.100.2/24", "198.51.100.3/24", "2001:db8::2/64"),
}
"""The router's interfaces and its addresses there."""
GATEWAYS = {4: "198.51.100.1", 6: "2001:db8::1"}
GROUP_TRACE = 9  # NFNLGRP_NFTRACE, linux/netfilter/nfnetlink.h
FORCE_BUFFER = 33  # SO_RCVBUFFORCE, asm-generic/socket.h
BUFFER = 1 << 27

_SETTINGS = """
net.ipv4.ip_forward=1
net.ipv6.conf.all.forwarding=1
net.ipv4.icmp_echo_ignore_all=1
net.ipv4.icmp_msgs_per_sec=0
net.ipv4.icmp_msgs_burst=0
net.ipv4.conf.all.rp_filter=0
net.ipv4.conf.default.rp_filter=0
net.ipv4.conf.all.log_martians=0
net.ipv6.conf.all.accept_dad=0
net.ipv6.conf.default.accept_dad=0
net.ipv6.conf.default.accept_ra=0
net.ipv6.conf.default.router_solicitations=0
net.ipv6.icmp.echo_ignore_all=1
"""

QUIET = {f"net.ipv4.conf.{name}.send_redirects": "0" for name in ("all", *ZONES)}
"""A redirect belongs to the connection that it is about, and the rules that it meets on its way out may mark that.
For the same reason no ICMP error is sent at all."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A packet of ours that came out at ``zone``."""

    zone: str
    packet: Seen


class Lab:
    """Leave it with ``close``. ``policy``: its routing tables and rules will be changed."""

    def __init__(self, *, policy: bool = False) -> None:
        self.policy = policy
        self._core = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(self._core)})
        tag = f"diff{os.getpid()}"
        self.router, self.world = f"{tag}r", f"{tag}w"
        for name in (self.router, self.world):
            run("ip", "netns", "add", name)
        self._wire()
        with within(self.world):
            self.ends = {zone: self._end(f"w-{zone}") for zone in ZONES}
        with within(self.router):
            self.own = {4: _raw(socket.AF_INET), 6: _raw(socket.AF_INET6)}
            self.traces = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
            self.traces.setsockopt(socket.SOL_SOCKET, FORCE_BUFFER, BUFFER)
            self.traces.bind((0, 0))
            self.traces.setsockopt(270, 1, GROUP_TRACE)  # SOL_NETLINK, NETLINK_ADD_MEMBERSHIP
            self.traces.setblocking(False)
            self._conntrack = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)

    def close(self) -> None:
        for one in (*self.ends.values(), *self.own.values(), self.traces, self._conntrack):
            one.close()
        for name in (self.router, self.world):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        os.sched_setaffinity(0, self._core)

    def inside(self, *command: str, stdin: str | None = None) -> str:
        """A command in the router."""
        return run_in(self.router, *command, text=stdin)

    def forget(self) -> None:
        """Every connection (IPCTNL_MSG_CT_DELETE without a tuple, nf_conntrack_netlink.c)."""
        self._conntrack.send(b"\x14\0\0\0\x02\x01\x05\0\x01\0\0\0\0\0\0\0\0\0\0\0")
        answer = self._conntrack.recv(4096)
        assert int.from_bytes(answer[16:20], "little", signed=True) == 0, answer

    def send(self, zone: str | None, datagram: bytes, mark: int = 0) -> None:
        """From a zone, or from the router itself with a socket's mark; what its kernel refuses is not sent."""
        if zone is not None:
            self.ends[zone].send(wire(self.macs[zone], datagram))
            return
        family = datagram[0] >> 4
        own = self.own[family]
        own.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
        where = socket.inet_ntop(
            *((socket.AF_INET, datagram[16:20]) if family == 4 else (socket.AF_INET6, datagram[24:40]))
        )
        with contextlib.suppress(OSError):  # dropped by output, or no route: the trace tells which
            own.sendmsg([datagram], [_speaking(datagram)], 0, (where, 0))

    def captured(self) -> list[Captured]:
        """What came out since the last time."""
        out = []
        for zone, end in self.ends.items():
            for data, address in _drain(end):
                if address[2] != socket.PACKET_OUTGOING:
                    packet = seen(data[14:]) if data[12:14] in (b"\x08\x00", b"\x86\xdd") else None
                    if packet is not None:
                        out.append(Captured(zone, packet))
        return out

    def traced(self) -> list[bytes]:
        """Trace messages since the last time, as netlink sent them."""
        return [data for data, _ in _drain(self.traces)]

    def wait(self) -> None:
        """Until something more has been traced; the kernel is done with a packet long before. Raises TimeoutError."""
        if not select.select([self.traces], [], [], 5)[0]:
            raise TimeoutError("no trace came")

    def _wire(self) -> None:
        world = [f"link set {name} up" for name in ("lo", *(f"w-{zone}" for zone in ZONES))]
        router = ["link set lo up"]
        for zone, addresses in ZONES.items():
            run(
                "ip",
                "link",
                "add",
                f"w-{zone}",
                "netns",
                self.world,
                "type",
                "veth",
                "peer",
                "name",
                zone,
                "netns",
                self.router,
            )
            router += [f"link set {zone} arp off"]
            router += [
                f"address add {address} dev {zone}" + (" nodad" if ":" in address else "") for address in addresses
            ]
            router += [f"link set {zone} up"]
        router += [f"route add default via {GATEWAYS[4]}", f"-6 route add default via {GATEWAYS[6]}"]
        with within(self.world):
            run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
            run("ip", "-batch", "-", text="\n".join(world) + "\n")
        with within(self.router):
            run("sysctl", "-qw", *_SETTINGS.split(), *(f"{name}={value}" for name, value in QUIET.items()))
            for line in [line for line in router if not line.startswith("-6")]:
                run("ip", *line.split())
            run("ip", *router[-1].split())
            links = run("ip", "-o", "link")
        self.macs = {
            zone: line.split("link/ether ")[1].split()[0]
            for zone in ZONES
            for line in links.splitlines()
            if f" {zone}@" in line
        }

    def _end(self, name: str) -> socket.socket:
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        end.setsockopt(socket.SOL_SOCKET, FORCE_BUFFER, BUFFER)
        end.bind((name, 3))
        end.setblocking(False)
        return end


def _raw(family: socket.AddressFamily) -> socket.socket:
    own = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    return own


def _speaking(datagram: bytes) -> tuple[int, int, bytes]:
    """The source for the first look at the routes, which no raw socket takes from its header (ip(7), ipv6(7))."""
    if datagram[0] >> 4 == 4:
        return socket.IPPROTO_IP, 8, bytes(4) + datagram[12:16] + bytes(4)  # IP_PKTINFO, linux/in.h
    return socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, datagram[8:24] + bytes(4)


def _drain(source: socket.socket) -> Iterator[tuple[bytes, tuple[str, int, int]]]:
    while True:
        try:
            yield source.recvfrom(65536)
        except BlockingIOError:
            return
