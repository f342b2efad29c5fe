"""The kernel's own table, listed and deleted."""

from __future__ import annotations

import socket
import struct

import pytest

from bailiwick.agent.connections.conntrack import DST_NAT, SEEN_REPLY, SRC_NAT, Connection, connections, delete
from bailiwick.agent.connections.netlink import Netfilter
from bailiwick.twin.scene.namespaces import run_in, within
from tests.agent.reconcile.lab import OUTSIDE, PHONE, PUBLIC, SERVER, Lab

pytestmark = pytest.mark.real

DOOR = "forward:\n  web: {service: tcp/8443, to: server}\n"


def listed(lab: Lab) -> list[Connection]:
    with within(lab.router), Netfilter() as netfilter:
        return list(connections(netfilter))


def forget(lab: Lab, *ended: Connection) -> int:
    with within(lab.router), Netfilter() as netfilter:
        return delete(netfilter, ended)


def test_every_kind_is_listed(lab: Lab) -> None:
    lab.load("lan -> internet: any", "lan -> dmz: any", rest=DOOR)
    run_in(lab.router, "nft", "add", "table", "ip", "marks")
    run_in(lab.router, "nft", "add", "chain", "ip", "marks", "p", "{ type filter hook prerouting priority 0; }")
    run_in(lab.router, "nft", "add", "rule", "ip", "marks", "p", "udp", "dport", "53", "ct", "mark", "set", "0x77")
    lab.tcp(lab.lan, lab.world, OUTSIDE, 443)
    lab.tcp(lab.world, lab.dmz, PUBLIC, 8443, (SERVER, 8443))
    lab.udp(lab.lan, lab.world, OUTSIDE, 53)
    with within(lab.lan):
        ping = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    with ping:
        ping.settimeout(5)
        ping.connect((SERVER, 0))
        ping.send(b"\x08\0" + struct.pack(">H", 0xFFFF - 0x0800 - 7) + b"\0\7\0\0")
        ping.recv(100)
    found = {(one.original.protocol, one.original.destination_port): one for one in listed(lab)}
    assert set(found) == {(6, 443), (6, 8443), (17, 53), (1, 0)}
    out, door, marked, echo = found[6, 443], found[6, 8443], found[17, 53], found[1, 0]
    assert str(out.original).startswith(f"tcp {PHONE} port ")
    assert str(out.reply).startswith(f"tcp {OUTSIDE} port 443 to {PUBLIC} port ")
    assert out.status & (SRC_NAT | DST_NAT | SEEN_REPLY) == SRC_NAT | SEEN_REPLY
    assert str(door.reply).startswith(f"tcp {SERVER} port 8443 to 9.8.7.1 port ")
    assert door.status & (SRC_NAT | DST_NAT) == DST_NAT
    assert (marked.mark, door.mark) == (0x77, 0)
    assert (echo.original.kind, echo.original.code, echo.reply.kind, echo.original.ports) == (8, 0, 0, False)
    assert 0 < echo.timeout <= 60 < out.timeout


def test_ipv6(lab: Lab) -> None:
    run_in(
        lab.router,
        "nft",
        "-f",
        "-",
        text="table ip6 t {\nchain i { type filter hook input priority 0; ct state new accept\n}\n}\n",
    )
    with within(lab.router):
        ear, caller = (socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(2))
    with ear, caller:
        ear.bind(("::1", 0))
        caller.sendto(b"?", ear.getsockname())
        (one,) = listed(lab)
        assert str(one.original) == f"udp ::1 port {caller.getsockname()[1]} to ::1 port {ear.getsockname()[1]}"
        assert forget(lab, one) == 1
    assert listed(lab) == []


def test_only_what_is_named_is_forgotten(lab: Lab) -> None:
    lab.load("lan -> internet: any")
    talks = [lab.udp(lab.lan, lab.world, OUTSIDE, port) for port in range(5000, 5300)]
    before = {one.original.destination_port: one for one in listed(lab)}
    assert forget(lab, *(before[port] for port in range(5000, 5300, 2))) == 150
    assert {one.original.destination_port for one in listed(lab)} == set(range(5001, 5300, 2))
    assert all(talk.alive for talk in talks)


def test_what_has_ended_meanwhile_is_no_error(lab: Lab) -> None:
    lab.load("lan -> internet: any")
    for port in range(5000, 5010):
        lab.udp(lab.lan, lab.world, OUTSIDE, port)
    found = listed(lab)
    assert forget(lab, *found[::2]) == 5
    assert forget(lab, *found) == 5
    assert listed(lab) == []
