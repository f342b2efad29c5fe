"""Hosts without a kernel: packets are put on a station's wire and taken from it, and nobody else there answers.

A kernel would reset a connection that it knows nothing of, or say that nobody listens. So the station's own is deaf to
the addresses that are played, in a table of its own that goes when the play ends; it still answers ARP for them.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from ipaddress import IPv4Address
from itertools import chain, count
from types import TracebackType

from bailiwick.twin.acts.nat.datagrams import Datagram, packed, read
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import ROUTER, Station
from bailiwick.twin.scene.namespaces import run_in, within
from bailiwick.twin.wire.frames import ETH_P_IP, frame
from bailiwick.twin.wire.mouths import put
from bailiwick.twin.wire.patience import looks

TABLE = "table inet puppets"
FIRST_PORT = 24_000
"""Of the puppets: neither the prober's nor the callers' packets bear these as source."""
_ports = count(FIRST_PORT, 2)
"""One after the other over all acts: conntrack remembers the connections of those before."""
Test = Callable[[Datagram], bool]


class Puppets:
    """Every station can be played at once; what comes by is kept until it is asked for or forgotten.

    The router's own ear hears what enters it, before any filter.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._macs = stage.router.macs()
        self._stack = ExitStack()
        self._loop = select.epoll()
        self._stack.callback(self._loop.close)
        self._wires: dict[str, socket.socket] = {}
        self._names: dict[int, str] = {}
        self._heard: dict[str, list[tuple[Datagram, bytes]]] = {}
        self._deaf: dict[str, set[IPv4Address]] = {}

    def __enter__(self) -> Puppets:
        for station in self._stage.layout.stations:
            self._open(station.name)
        self._open(ROUTER)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for name in self._deaf:
            run_in(name, "nft", f"delete {TABLE}")
        self._stack.close()

    def _open(self, name: str) -> None:
        kind = socket.SOCK_DGRAM if name == ROUTER else socket.SOCK_RAW
        with within(name):
            wire = self._stack.enter_context(socket.socket(socket.AF_PACKET, kind, ETH_P_IP))
            if name != ROUTER:
                wire.bind(("eth0", socket.ntohs(ETH_P_IP)))
        wire.setblocking(False)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._wires[name] = wire
        self._names[wire.fileno()] = name
        self._heard[name] = []
        self._loop.register(wire.fileno(), select.EPOLLIN)

    def play(self, station: Station, *addresses: IPv4Address) -> None:
        """Be these addresses there: its kernel no longer answers for them."""
        new = set(addresses) - self._deaf.get(station.name, set())
        if not new:
            return
        lines: list[str] = []
        if station.name not in self._deaf:
            lines.append(f"{TABLE} {{ chain deaf {{ type filter hook prerouting priority -300; policy accept; }}; }}")
        lines += [f"add rule inet puppets deaf ip daddr {address} drop" for address in sorted(new)]
        run_in(station.name, "nft", "-f", "-", text="\n".join(lines) + "\n")
        self._deaf.setdefault(station.name, set()).update(new)

    def fresh_port(self) -> int:
        """A source port that no other connection has had, even; the next one is free too."""
        return next(_ports)

    def send(self, station: Station, one: Datagram | bytes) -> None:
        """Put it on the wire, for the router."""
        data = one if isinstance(one, bytes) else packed(one)
        put(self._wires[station.name], frame(self._macs[station.interface], station.mac, data))
        self._drain(0)  # its echoes fill the smallest socket buffer that Linux gives without privilege

    def forget(self) -> None:
        """Drop all that was heard so far."""
        self._drain(0)
        for heard in self._heard.values():
            heard.clear()

    def _drain(self, patience: float) -> None:
        while ready := self._loop.poll(patience):
            patience = 0
            for descriptor, _ in ready:
                name = self._names[descriptor]
                for _ in range(256):
                    try:
                        data, sender = self._wires[name].recvfrom(65535)
                    except BlockingIOError:
                        break
                    except OSError:  # its link went down (packet(7), ENETDOWN); it hears again when that is back
                        break
                    if sender[2] == socket.PACKET_OUTGOING:
                        continue
                    packet = data if name == ROUTER else data[14:]
                    if one := read(packet):
                        self._heard[name].append((one, packet))

    def hear(self, station: Station | str, test: Test, patience: float | None = None) -> Datagram | None:
        """The first packet there that passes the test, waited for; it is then taken away. None when none came."""
        found = self.hear_bytes(station, test, patience)
        return found[0] if found else None

    def hear_bytes(
        self, station: Station | str, test: Test, patience: float | None = None
    ) -> tuple[Datagram, bytes] | None:
        """The same with the packet's bytes."""
        name = station if isinstance(station, str) else station.name
        for look in chain((0.0,), looks(self._stage.patience if patience is None else patience)):
            self._drain(look)
            for number, (one, data) in enumerate(self._heard[name]):
                if test(one):
                    del self._heard[name][number]
                    return one, data
        return None

    def wait(self, seconds: float) -> None:
        """Hear whatever comes for so long, by the clock."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._drain(left)
        self._drain(0)

    def all_heard(self, test: Test, but: Iterable[str] = ()) -> list[tuple[str, Datagram]]:
        """Everything heard so far that passes, with where; the router's own ear aside, and those of ``but``."""
        self._drain(0)
        left_out = {ROUTER, *but}
        return [
            (name, one) for name, heard in self._heard.items() if name not in left_out for one, _ in heard if test(one)
        ]

    def entered(self, test: Test) -> bool:
        """Whether the router's ear heard such a packet."""
        self._drain(0)
        return any(test(one) for one, _ in self._heard[ROUTER])
