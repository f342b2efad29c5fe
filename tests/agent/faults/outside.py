"""Somebody on the internet who never stops trying the router's ports."""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from dataclasses import dataclass, field

from bailiwick.twin.scene.namespaces import within
from tests.agent.faults.beside import Beside

PORTS = (22, 53, 443, 2222, 7000, 8080, 8443, 9000)
WITHIN = ("192.168.40.5", "192.168.10.2", "192.168.50.5")
"""Hosts behind the router, which the stranger reaches by it where it lets him."""
ANSWER = 0.15
"""Seconds that an answer may take on a wire of this machine, however busy."""


@dataclass(slots=True)
class Seen:
    """``at`` is time.monotonic()'s when the try began."""

    at: float
    what: str


@dataclass
class Scan(Beside):
    """Runs until ``stop``; ``seen`` grows by each try that was answered. A refusal is an answer too: the packet came
    through the filter, and only nobody listened."""

    netns: str
    router: str
    seen: list[Seen] = field(default_factory=list)
    rounds: list[tuple[float, float]] = field(default_factory=list)

    def between(self, start: float, end: float) -> frozenset[str]:
        """What was reached by tries that began then."""
        return frozenset(one.what for one in self.seen if start <= one.at <= end)

    def whole_round(self, patience: float = 30.0) -> frozenset[str]:
        """What is reached now."""
        start = time.monotonic()
        while not any(began >= start for began, _ in self.rounds):
            if time.monotonic() > start + patience:
                raise RuntimeError("the scan has ended")
            time.sleep(0.01)
        return self.between(start, time.monotonic())

    def _run(self) -> None:
        with within(self.netns):
            while not self._over.is_set():
                began = time.monotonic()
                self._try_all(began)
                self.rounds.append((began, time.monotonic()))
                self._over.wait(0.03)

    def _try_all(self, began: float) -> None:
        poll = select.poll()
        tries: dict[int, tuple[socket.socket, str]] = {}
        targets = [(self.router, port) for port in PORTS] + [(host, port) for host in WITHIN for port in (22, 443)]
        for host, port in targets:
            one = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, and nothing waits
            code = one.connect_ex((host, port))
            if code in (0, errno.ECONNREFUSED):
                self.seen.append(Seen(began, f"{host} tcp/{port}"))
            if code == errno.EINPROGRESS:
                tries[one.fileno()] = (one, f"{host} tcp/{port}")
                poll.register(one, select.POLLOUT)
            else:
                one.close()
        end = time.monotonic() + ANSWER
        while tries and (left := end - time.monotonic()) > 0:
            for number, _ in poll.poll(left * 1000):
                one, what = tries.pop(number)
                poll.unregister(number)
                code = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if code in (0, errno.ECONNREFUSED):
                    self.seen.append(Seen(began, what))
                one.close()
        for one, _ in tries.values():
            one.close()


def greeted(netns: str, host: str, port: int = 22, patience: float = 20.0) -> bool:
    """Whether an SSH daemon greets whoever comes from there."""
    end = time.monotonic() + patience
    with within(netns):
        while time.monotonic() < end:
            try:
                with socket.create_connection((host, port), timeout=5.0) as one:
                    one.settimeout(5.0)
                    if one.recv(4) == b"SSH-":
                        return True
            except OSError:
                time.sleep(0.05)
    return False


def named(netns: str, server: str, name: str, patience: float = 20.0) -> bool:
    """Whether the resolver there knows the name's address."""
    labels = b"".join(bytes([len(word)]) + word.encode() for word in name.split("."))
    query = os.urandom(2) + b"\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"
    end = time.monotonic() + patience
    with within(netns), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(0.5)
        while time.monotonic() < end:
            try:
                one.connect((server, 53))
                one.send(query)
                said = one.recv(512)
            except OSError:
                time.sleep(0.05)
                continue
            if said[:2] == query[:2]:
                return said[3] & 15 == 0 and said[7] > 0
    return False
