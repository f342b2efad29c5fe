"""Which rules the router's kernel took for each of our packets, in its own words: netlink's trace messages.

A table of our own switches tracing on before every other chain (``meta nftrace set 1``, nft(8)); the rendered table is
left as it is. The messages and their attributes are those of nf_tables_trace.c and linux/netfilter/nf_tables.h
(``NFTA_TRACE_*``). Only the first message of each base chain carries the packet, the others its number.
"""

from __future__ import annotations

import errno
import select
import socket
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType

from bailiwick.twin.layout import ROUTER
from bailiwick.twin.scene.namespaces import run_in, within
from bailiwick.twin.wire.frames import read
from bailiwick.twin.wire.patience import looks

TABLE, CHAIN, HANDLE, TYPE, IDENT = 1, 2, 3, 4, 6
NETWORK, TRANSPORT = 8, 9
BY_POLICY = 1  # NFT_TRACETYPE_POLICY
OURS = "bailiwick-trace"
NETLINK_NETFILTER, SOL_NETLINK, ADD_MEMBERSHIP, GROUP_TRACE = 12, 270, 1, 9  # linux/netlink.h, nfnetlink.h
SO_RCVBUFFORCE, BUFFER = 33, 1 << 24
FORGET = b"\x14\0\0\0\x02\x01\x05\0\x01\0\0\0\0\0\0\0\0\0\0\0"
"""IPCTNL_MSG_CT_DELETE without a tuple, acknowledged: every connection (nf_conntrack_netlink.c)."""
SWITCH = f"""
table inet {OURS} {{
	chain prerouting {{
		type filter hook prerouting priority -350; policy accept;
		meta nftrace set 1
	}}
	chain output {{
		type filter hook output priority -350; policy accept;
		meta nftrace set 1
	}}
}}
"""


@dataclass(frozen=True, slots=True)
class Met:
    """One rule that a packet met and that matched, by its handle; 0 is the policy of a base chain."""

    table: str
    chain: str
    handle: int


@dataclass(slots=True)
class Reading:
    """What has been read of the messages so far."""

    paths: dict[int, list[Met]] = field(default_factory=dict)
    current: dict[bytes, int | None] = field(default_factory=dict)

    def take(self, messages: bytes) -> None:
        """One or several netlink messages, by the serial of the packet that they are about; others are passed by."""
        for attributes in _each(messages):
            ident = attributes[IDENT]
            if NETWORK in attributes:
                sight = read(attributes[NETWORK] + attributes.get(TRANSPORT, b""))
                self.current[ident] = None if sight is None or sight.refusal else sight.serial
            serial = self.current.get(ident)
            if serial is not None:
                self._met(self.paths.setdefault(serial, []), attributes)

    def _met(self, path: list[Met], attributes: Mapping[int, bytes]) -> None:
        table, chain = (attributes[key].rstrip(b"\0").decode() for key in (TABLE, CHAIN))
        policy = int.from_bytes(attributes[TYPE], "big") == BY_POLICY
        # Neither: the end of a chain that was jumped to.
        if table != OURS and (policy or HANDLE in attributes):
            path.append(Met(table, chain, 0 if policy else int.from_bytes(attributes[HANDLE], "big")))


def _each(messages: bytes) -> Iterator[dict[int, bytes]]:
    """The attributes of each message (struct nlmsghdr, then struct nfgenmsg)."""
    at = 0
    while at + 20 <= len(messages):
        length = struct.unpack_from("=I", messages, at)[0]
        yield _attributes(messages, at + 20, at + length)
        at += max((length + 3) & ~3, 4)


def _attributes(message: bytes, at: int, end: int) -> dict[int, bytes]:
    found = {}
    while at + 4 <= end:
        length, kind = struct.unpack_from("=HH", message, at)
        found[kind & 0x3FFF] = message[at + 4 : at + length]
        at += max((length + 3) & ~3, 4)
    return found


class Tracing:
    """While this is entered, the router's kernel tells of every packet. Raises CommandFailed, OSError.

    ``lost``: messages came faster than they were read, so that a path may lack rules.
    """

    def __init__(self) -> None:
        self.reading = Reading()
        self.lost = False

    def __enter__(self) -> Tracing:
        with within(ROUTER):
            self._ear = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        try:
            self._ear.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        except PermissionError:  # in a user namespace the limit of the machine holds (socket(7))
            self._ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        try:
            self._ear.bind((0, 0))
            self._ear.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, GROUP_TRACE)
            self._ear.setblocking(False)
            run_in(ROUTER, "nft", "-f", "-", text=SWITCH)
        except BaseException:
            self._ear.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ear.close()
        run_in(ROUTER, "nft", "delete", "table", "inet", OURS)

    def listen(self, patience: float, going_on: Callable[[], bool] = lambda: True) -> None:
        """Everything that comes within ``patience`` seconds, or until ``going_on`` says no."""
        for look in looks(patience):
            if not going_on():
                return
            select.select([self._ear], [], [], look)
            self._drain()

    def _drain(self) -> None:
        while True:
            try:
                self.reading.take(self._ear.recv(1 << 16))
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.lost = True


def forget_connections() -> None:
    """The router's connections, so that a packet sent again is a first one again. Raises OSError."""
    with within(ROUTER):
        asking = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    with asking:
        asking.send(FORGET)
        code = -struct.unpack_from("=i", asking.recv(4096), 16)[0]
    if code:
        raise OSError(code, "the router's connections could not be forgotten")


def handles(listing: Iterable[Mapping[str, object]]) -> dict[Met, int]:
    """Of ``nft -j -a list ruleset``: the place of each rule in its chain, from 0."""
    found: dict[Met, int] = {}
    counts: dict[tuple[object, object, object], int] = {}
    for entry in listing:
        rule = entry.get("rule")
        if isinstance(rule, dict):
            chain = rule["family"], rule["table"], rule["chain"]
            at = counts.get(chain, 0)
            counts[chain] = at + 1
            found[Met(str(rule["table"]), str(rule["chain"]), int(rule["handle"]))] = at
    return found
