"""Real connections, there and back: who answered, and which source address they saw.

A packet that arrives shows that a door is open one way. A connection shows the rest: that the answer finds its way,
that a translation leads to the right host and back, that what leaves bears the right address.
"""

from __future__ import annotations

import errno
import select
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import count

from bailiwick.packets.packet import TCP
from bailiwick.twin.scene.namespaces import within
from bailiwick.twin.wire.marks import found
from bailiwick.twin.wire.messages import answer, read_name
from bailiwick.twin.wire.patience import looks

IP_TRANSPARENT, IP_PKTINFO = 19, 8  # linux/in.h
DNS_PORT = 53
FIRST_PORT = 10000
"""Of the callers: no packet of the prober's bears these, so that no connection is taken for one that it began."""
LONGER = 4
"""How much longer an answer is waited for when none came at first."""
Handler = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True)
class Call:
    """One connection to open: from where, to where, and the bytes to say (UDP; a TCP caller only listens).

    ``interface`` is the one that the caller is bound to, as a resolver to its exit's; "" for none."""

    station: str
    source: IPv4Address
    destination: IPv4Address
    protocol: int
    port: int
    words: bytes = b"who"
    interface: str = ""


class Exchange:
    """Listeners that say who they are and whom they see, resolvers that know every name, and callers."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._loop = select.epoll()
        self._stack.callback(self._loop.close)
        self._handlers: dict[int, tuple[socket.socket, Handler]] = {}
        self._ports = count(FIRST_PORT)
        self._listening: set[tuple[str, int, int]] = set()
        self.asked: list[tuple[str, str]] = []
        """(station, name) of each DNS question that came to a resolver of the internet."""

    def close(self) -> None:
        self._stack.close()

    def _serve(self, one: socket.socket, handler: Handler) -> None:
        self._handlers[one.fileno()] = one, handler
        self._loop.register(one.fileno(), select.EPOLLIN)

    def _forget(self, one: socket.socket) -> None:
        del self._handlers[one.fileno()]
        self._loop.unregister(one.fileno())
        one.close()

    def listen(self, station: str, protocol: int, port: int) -> None:
        """On every address that the station holds. Nothing when somebody listens there already: a daemon."""
        if (station, protocol, port) in self._listening:
            return
        self._listening.add((station, protocol, port))
        kind = socket.SOCK_STREAM if protocol == TCP else socket.SOCK_DGRAM
        with within(station):
            ear = socket.socket(socket.AF_INET, kind)
        self._stack.enter_context(ear)
        ear.setblocking(False)
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ear.bind(("0.0.0.0", port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return
        if protocol == TCP:
            ear.listen(64)
            self._serve(ear, lambda one: self._accept(one, station))
        else:
            ear.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
            self._serve(ear, lambda one: self._hear(one, station, port))

    def _accept(self, ear: socket.socket, station: str) -> None:
        caller, (peer, _) = ear.accept()
        with caller:
            caller.sendall(f"{station} {peer}".encode())

    def _hear(self, ear: socket.socket, station: str, port: int) -> None:
        words, more, _, peer = ear.recvmsg(2048, 256)
        if found(words):
            return  # a packet made by hand, from whom there may be no way back
        info = next((data for level, kind, data in more if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO)), b"")
        reply = self._resolve(words, station) if port == DNS_PORT else f"{station} {peer[0]}".encode()
        if not reply:
            return
        # Answer from the address that was asked: this machine stands for many.
        here = b"\0" * 4 + info[8:12] + b"\0" * 4
        try:
            ear.sendmsg([reply], [(socket.IPPROTO_IP, IP_PKTINFO, here)], 0, peer)
        except OSError as error:
            # The router's own filter drops the answer, or no route leads back: then nobody hears one, and that shows.
            if error.errno not in (errno.EPERM, errno.ENETUNREACH, errno.EHOSTUNREACH):
                raise

    def _resolve(self, query: bytes, station: str) -> bytes:
        """Nothing for what is no question, as a prober's packet."""
        try:
            name, _ = read_name(query, 12)
        except ValueError:
            return b""
        self.asked.append((station, name))
        inside = name.startswith("rebind")
        return answer(query, IPv4Address("192.168.0.77" if inside else "185.199.108.153"))

    def insist(self, calls: Sequence[Call], patience: float) -> list[bytes | None]:
        """``call``, and again, with ``LONGER`` times the patience, those that nobody answered: who is to answer may
        be a program that waits for its turn on a busy machine."""
        heard = self.call(calls, patience)
        silent = [number for number, said in enumerate(heard) if said is None]
        if silent:
            again = self.call([calls[number] for number in silent], LONGER * patience)
            for number, said in zip(silent, again, strict=True):
                heard[number] = said
        return heard

    def call(self, calls: Iterable[Call], patience: float) -> list[bytes | None]:
        """What each was answered, None for nothing; all at once."""
        heard: dict[int, bytes] = {}
        wanted = 0
        for number, call in enumerate(calls):
            wanted += 1
            self._dial(number, call, heard)
        for look in looks(patience):
            if len(heard) == wanted:
                break
            for descriptor, _ in self._loop.poll(look):
                if descriptor in self._handlers:
                    one, handler = self._handlers[descriptor]
                    handler(one)
        return [heard.get(number) for number in range(wanted)]

    def _dial(self, number: int, call: Call, heard: dict[int, bytes]) -> None:
        kind = socket.SOCK_STREAM if call.protocol == TCP else socket.SOCK_DGRAM
        with within(call.station):
            caller = socket.socket(socket.AF_INET, kind)
        self._stack.enter_context(caller)
        caller.setblocking(False)
        caller.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)

        def take(one: socket.socket) -> None:
            try:
                heard[number] = one.recv(2048)
            except OSError as error:
                heard[number] = f"error {error.strerror}".encode()
            self._forget(one)

        caller.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, call.interface.encode())
        try:
            caller.bind((str(call.source), next(self._ports)))
            code = caller.connect_ex((str(call.destination), call.port))
            if code not in (0, errno.EINPROGRESS):
                heard[number] = f"error {errno.errorcode.get(code, code)}".encode()
                return
            if call.protocol != TCP:
                caller.send(call.words)
        except OSError as error:
            heard[number] = f"error {error.strerror}".encode()
            return
        self._serve(caller, take)
