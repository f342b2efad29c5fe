"""A router between a home and the world, as four namespaces, and conversations that are held through it."""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import socket
import subprocess
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bailiwick.agent.connections import conntrack
from bailiwick.agent.connections.netlink import Netfilter
from bailiwick.agent.connections.reconcile import Reconciled, reconcile
from bailiwick.agent.places import Places
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.twin.scene.namespaces import run, run_in, within
from bailiwick.workflow.reading import read_text

PHONE, SERVER, OUTSIDE, PUBLIC = "192.168.11.5", "192.168.30.5", "9.9.9.9", "9.8.7.2"
GATE, GATE_DMZ = "192.168.11.1", "192.168.30.1"
TODAY = date(2026, 11, 22)
PATIENCE = 20.0
"""Seconds until something that must arrive is missed."""
QUIET = 0.15
"""Seconds after which what has not arrived does not: on an idle machine a packet takes some microseconds."""
_numbers = itertools.count()

HOME = """
name: small
domain: home.arpa
platform: debian-12
uplinks:
  wan: {{interface: router/wan0, address: 9.8.7.2/24, gateway: 9.8.7.1}}
zones:
  lan: {{subnet: 192.168.11.0/24}}
  dmz: {{subnet: 192.168.30.0/24}}
hosts:
  router: {{router: linux, ports: {{eth0: lan, eth1: dmz}}}}
  server: {{zone: dmz, address: .5}}
dns: {{upstreams: [9.9.9.9]}}
policy:
{policy}
{rest}
"""


class Lab:
    """Leave it with ``close``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tag = f"rec{os.getpid()}n{next(_numbers)}"
        self.router, self.lan, self.dmz, self.world = (f"{tag}{letter}" for letter in "rldw")
        self._open: list[socket.socket] = []
        for name in self.namespaces:
            run("ip", "netns", "add", name)
        for outer, name, inner in (("eth0", self.lan, "h0"), ("eth1", self.dmz, "h0"), ("wan0", self.world, "h0")):
            run("ip", "link", "add", outer, "netns", self.router, "type", "veth", "peer", "name", inner, "netns", name)
        for name, interface, addresses in (
            (self.router, "eth0", [f"{GATE}/24"]),
            (self.router, "eth1", [f"{GATE_DMZ}/24"]),
            (self.router, "wan0", [f"{PUBLIC}/24"]),
            (self.lan, "h0", [f"{PHONE}/24"]),
            (self.dmz, "h0", [f"{SERVER}/24"]),
            (self.world, "h0", ["9.8.7.1/24", f"{OUTSIDE}/32"]),
        ):
            for address in addresses:
                run_in(name, "ip", "address", "add", address, "dev", interface)
            run_in(name, "ip", "link", "set", interface, "up")
        for name in self.namespaces:
            run_in(name, "ip", "link", "set", "lo", "up")
        run_in(self.lan, "ip", "route", "add", "default", "via", GATE)
        run_in(self.dmz, "ip", "route", "add", "default", "via", GATE_DMZ)
        run_in(self.router, "ip", "route", "add", "default", "via", "9.8.7.1")
        run_in(self.router, "sysctl", "-qw", "net.ipv4.ip_forward=1")

    @property
    def namespaces(self) -> tuple[str, ...]:
        return self.router, self.lan, self.dmz, self.world

    def clear(self) -> None:
        """No conversations, no rules, no connections."""
        for one in self._open:
            one.close()
        self._open.clear()
        run_in(self.router, "nft", "flush", "ruleset")
        with within(self.router), Netfilter() as netfilter:
            conntrack.delete(netfilter, tuple(conntrack.connections(netfilter)))

    def close(self) -> None:
        for one in self._open:
            one.close()
        for name in self.namespaces:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def load(self, *policy: str, rest: str = "") -> None:
        """The firewall of a home with these sentences, by its own loader."""
        text = HOME.format(policy="\n".join(f"  - {sentence}" for sentence in policy), rest=rest)
        tree = next(tree for tree in render(make_plan(read_text("home.yaml", text, TODAY).network)))
        files = {artifact.path: artifact.text for artifact in tree.artifacts}
        rules, loader = self.folder / "firewall.nft", self.folder / "load-firewall"
        rules.write_text(files["/etc/bailiwick/firewall.nft"])
        loader.write_text(files["/usr/lib/bailiwick/load-firewall"])
        run_in(self.router, "sh", str(loader), str(rules))

    def reconcile(self) -> Reconciled:
        told: list[str] = []
        with within(self.router):
            found = reconcile(Places(self.folder), told.append)
        assert told == [str(found)]
        return found

    def tcp(
        self, a: str, b: str, to: str, port: int, listens: tuple[str, int] | None = None, *, source: int = 0
    ) -> Talk:
        """A connection from namespace ``a`` to ``to``, where ``b`` answers at ``listens`` (the same, unless said)."""
        with within(b):
            ear = self._keep(socket.socket())
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ear.bind(listens or (to, port))
            ear.listen()
        with within(a):
            caller = self._keep(socket.create_connection((to, port), PATIENCE, ("", source)))
        ear.settimeout(PATIENCE)
        answerer = self._keep(ear.accept()[0])
        ear.close()
        for one in (caller, answerer):
            one.setblocking(True)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Talk(caller, answerer)

    def udp(self, a: str, b: str, to: str, port: int, listens: tuple[str, int] | None = None) -> Talk:
        """The same; a first question and its answer have gone through."""
        with within(b):
            answerer = self._keep(socket.socket(type=socket.SOCK_DGRAM))
            answerer.bind(listens or (to, port))
        with within(a):
            caller = self._keep(socket.socket(type=socket.SOCK_DGRAM))
            caller.connect((to, port))
        answerer.settimeout(PATIENCE)
        caller.send(b"hello")
        answerer.connect(answerer.recvfrom(100)[1])
        answerer.setblocking(True)
        talk = Talk(caller, answerer)
        assert talk.answered()
        return talk

    def _keep(self, one: socket.socket) -> socket.socket:
        self._open.append(one)
        return one


@dataclass
class Talk:
    caller: socket.socket
    answerer: socket.socket

    def asked(self) -> bool:
        """Whether what the caller says arrives."""
        return _says(self.caller, self.answerer)

    def answered(self) -> bool:
        """Whether what the answerer says arrives."""
        return _says(self.answerer, self.caller)

    @property
    def alive(self) -> bool:
        return self.asked() and self.answered()

    @property
    def dead(self) -> bool:
        """Nothing arrives, whoever speaks first, and again."""
        self.speak()
        return self.silent()

    def speak(self) -> None:
        for one in (self.answerer, self.caller, self.answerer):
            with contextlib.suppress(OSError):  # it may have been told by now that there is no connection any more
                one.send(b"anybody there?")

    def silent(self) -> bool:
        """Whether nothing has come to either of them."""
        return silent([self])


def silent(talks: Collection[Talk]) -> bool:
    """Whether nothing has come to any of them."""
    ears = [one for talk in talks for one in (talk.caller, talk.answerer)]
    time.sleep(QUIET)
    return not any(_heard(one) for one in ears)


def _says(one: socket.socket, other: socket.socket) -> bool:
    word, heard = f"<{next(_numbers)}>".encode(), b""
    one.send(word)
    while not heard.endswith(word):
        if not select.select((other,), (), (), PATIENCE)[0]:
            return False
        more = _heard(other)
        if not more:
            return False
        heard += more
    return True


def _heard(one: socket.socket) -> bytes:
    try:
        return one.recv(65536, socket.MSG_DONTWAIT)
    except OSError:  # a reset, or an ICMP error
        return b""
