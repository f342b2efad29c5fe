"""The kernel's table of connections, listed and deleted through ctnetlink.

From linux/netfilter/nfnetlink_conntrack.h and net/netfilter/nf_conntrack_netlink.c. An attribute that the kernel has
and nobody here knows is passed over; one that must be there and is not makes the message damaged.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from bailiwick.agent.connections import netlink
from bailiwick.agent.connections.netlink import Damaged, Netfilter, attribute, attributes

NEW, GET, DELETE = 0x100, 0x101, 0x102
"""IPCTNL_MSG_CT_* in NFNL_SUBSYS_CTNETLINK."""
ORIGINAL, REPLY, STATUS, TIMEOUT, MARK, ID, MASTER, ZONE = 1, 2, 3, 7, 8, 12, 14, 18
"""CTA_*, ``enum ctattr_type``."""
EXPECTED, SEEN_REPLY, SRC_NAT, DST_NAT, DYING = 1, 2, 16, 32, 512
"""IPS_* of nf_conntrack_common.h."""
BATCH = 128
"""Deletions in one write."""
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
_VERSIONS = {int(family): version for version, family in _FAMILIES.items()}
_ICMP = ((5, 6), (8, 9))
"""CTA_PROTO_ICMP_TYPE and _CODE, the same of ICMPv6."""
_COMMON = struct.Struct(">8sI4sI8sB7sH6sH2s")
_HEAD = netlink.ATTRIBUTE.pack
_LAYOUT = (
    _HEAD(20, 1 | netlink.NESTED) + _HEAD(8, 1),
    _HEAD(8, 2),
    _HEAD(28, 2 | netlink.NESTED) + _HEAD(5, 1),
    bytes(3) + _HEAD(6, 2),
    bytes(2) + _HEAD(6, 3),
    bytes(2),
)
"""A nest of two addresses, a nest of a protocol and two ports; what stands between the numbers."""


class Ends(NamedTuple):
    """One direction of a connection, as it comes to the device: addresses as numbers, of IP ``version`` 4 or 6.

    ``ports`` is False for a protocol without them; then they are 0. ``kind`` and ``code`` are ICMP's."""

    version: int
    protocol: int
    source: int
    destination: int
    source_port: int = 0
    destination_port: int = 0
    kind: int = 0
    code: int = 0
    ports: bool = False

    def __str__(self) -> str:
        name = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}.get(self.protocol, str(self.protocol))
        ends = ((self.source, self.source_port), (self.destination, self.destination_port))
        there = [
            f"{address(self.version, end)} port {port}" if self.ports else address(self.version, end)
            for end, port in ends
        ]
        return f"{name} {there[0]} to {there[1]}"


class Connection(NamedTuple):
    """``status``: IPS_* bits; ``timeout``: seconds until it is forgotten if nothing more comes. ``master``: the first
    direction of the connection that it was expected by. ``key`` is how the kernel knows it again."""

    original: Ends
    reply: Ends
    status: int
    mark: int
    zone: int
    timeout: int
    master: Ends | None
    key: bytes

    @property
    def translated(self) -> bool:
        return bool(self.status & (SRC_NAT | DST_NAT))


def address(version: int, number: int) -> IPv4Address | IPv6Address:
    """A number as an address of IP ``version`` 4 or 6."""
    return IPv4Address(number) if version == 4 else IPv6Address(number)


def read(body: bytes) -> Connection:
    """One message of a dump, after netlink's own header. Raises Damaged."""
    if len(body) < 4:
        raise Damaged("a message without netfilter's header")
    version = _VERSIONS.get(body[0])
    if version is None:
        raise Damaged(f"a connection of the address family {body[0]}")
    found = attributes(body, 4)
    try:
        original, reply, status, key = found[ORIGINAL], found[REPLY], found[STATUS], found[ID]
    except KeyError as missing:
        raise Damaged(f"a connection without its attribute {missing}") from None
    zone = found.get(ZONE, b"\0\0")
    named = body[:4] + attribute(ORIGINAL, original, nested=True) + attribute(ID, key)
    master = found.get(MASTER)
    return Connection(
        _ends(version, original),
        _ends(version, reply),
        _number(status, 4),
        _number(found.get(MARK, bytes(4)), 4),
        _number(zone, 2),
        _number(found.get(TIMEOUT, bytes(4)), 4),
        _ends(version, master) if master is not None else None,
        named + attribute(ZONE, zone) if ZONE in found else named,
    )


def connections(netfilter: Netfilter) -> Iterator[Connection]:
    """All of this network namespace but those that are being removed. Raises Damaged and OSError.

    One that comes or goes meanwhile may be missing, and one may come twice.
    """
    for body in netfilter.dump(GET, netlink.GENERIC.pack(socket.AF_UNSPEC, 0, 0)):
        one = read(body)
        if not one.status & DYING:
            yield one


def delete(netfilter: Netfilter, ended: Iterable[Connection]) -> int:
    """Forget them; how many were still there. Raises OSError for one that the kernel keeps, and Damaged.

    The kernel makes a connection's number from its ends and from where it lies in memory: of one that ended meanwhile,
    and whose ends speak anew, the new connection may be forgotten instead.
    """
    keys, gone = [one.key for one in ended], 0
    for at in range(0, len(keys), BATCH):
        batch = keys[at : at + BATCH]
        failed = netfilter.ask(DELETE, batch)
        for code in failed.values():
            if code != errno.ENOENT:
                raise OSError(code, f"the kernel keeps a connection: {os.strerror(code)}")
        gone += len(batch) - len(failed)
    return gone


def _ends(version: int, data: bytes) -> Ends:
    """``enum ctattr_tuple`` and what is in it. Most are as the kernel lays out IPv4 with ports: read in one step."""
    if version == 4 and len(data) == _COMMON.size:
        numbers = _COMMON.unpack(data)
        if numbers[0::2] == _LAYOUT:
            near, far, number, port, other_port = numbers[1::2]
            return Ends(4, number, near, far, port, other_port, ports=True)
    outer = attributes(data)
    try:
        where, what = attributes(outer[1]), attributes(outer[2])
        source, destination = (where[1], where[2]) if version == 4 else (where[3], where[4])
        (protocol,) = what[1]
    except (KeyError, ValueError) as error:
        raise Damaged(f"a connection with half an end: {error!r}") from None
    if not len(source) == len(destination) == (4 if version == 4 else 16):
        raise Damaged(f"an address of {len(source)} bytes")
    one, other = int.from_bytes(source, "big"), int.from_bytes(destination, "big")
    if 2 in what and 3 in what:
        return Ends(version, protocol, one, other, _number(what[2], 2), _number(what[3], 2), ports=True)
    for kind, code in _ICMP:
        if kind in what and code in what:
            return Ends(version, protocol, one, other, 0, 0, _number(what[kind], 1), _number(what[code], 1))
    return Ends(version, protocol, one, other)


def _number(data: bytes, size: int) -> int:
    if len(data) != size:
        raise Damaged(f"a number of {len(data)} bytes instead of {size}")
    return int.from_bytes(data, "big")
