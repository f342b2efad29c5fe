"""Packets through the rules in a real kernel: a home, its router and the outside as three namespaces."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from bailiwick.network.model import Match
from bailiwick.packets.interval import EVERY_ADDRESS
from bailiwick.plan.model import Translation
from bailiwick.targets.linux.nftables import firewall
from tests.targets.nftables import plans
from tests.targets.nftables.plans import GATEWAYS, flow, hosts, udp, zone

pytestmark = pytest.mark.real

WAN, INTERNET = "9.8.7.1", "9.8.7.6"
LIES = ("192.168.11.77", "192.168.99.1", "8.8.8.8")
"""Addresses that a host of the lan gives itself."""
FLOWS = (
    flow("lan->dmz", "zone:lan", "zone:dmz", [udp(5000), Match(1)]),
    flow("lan->internet", "zone:lan", "uplink:wan", [udp(5000)], zone("lan"), plans.PUBLIC),
    flow("forward:web", "uplink:wan", "zone:dmz", [udp(5000)], EVERY_ADDRESS, hosts("192.168.11.5"), translated=True),
    flow("hairpin:web", "zone:dmz", "zone:dmz", [udp(5000)], zone("dmz"), hosts("192.168.11.5"), translated=True),
    *plans.OUTPUT,
)
DOORS = [
    Translation("forward:web", (), ("uplink:wan",), EVERY_ADDRESS, None, udp(443), IPv4Address("192.168.11.5"), 5000),
    Translation("hairpin", (), ("zone:dmz",), EVERY_ADDRESS, None, udp(443), IPv4Address("192.168.11.5"), 5000),
]
WIRES = {
    "lan": (GATEWAYS["lan"], ["192.168.10.20/24", "192.168.10.66/24", *(f"{lie}/32" for lie in LIES)]),
    "dmz": (GATEWAYS["dmz"], ["192.168.11.5/24", "192.168.11.6/24"]),
    "wan0": (f"{WAN}/24", [f"{INTERNET}/24", "10.9.9.9/32"]),
}
"""The router's side of each wire, and who sits at its other end."""


HOLD = ("sleep", "300")


def held(*command: str) -> subprocess.Popen[bytes]:
    """A process that keeps the namespaces which the command made before it became HOLD."""
    holder = subprocess.Popen([*command, *HOLD])
    while Path(f"/proc/{holder.pid}/comm").read_text() != f"{HOLD[0]}\n":
        if holder.poll() is not None:
            pytest.fail(f"{' '.join(command)} made no namespace")
    return holder


class Stage:
    """Namespaces that go with their holders, all of one user namespace: they need no root."""

    def __init__(self) -> None:
        router = held("unshare", "-Urn")
        self.holders = {"router": router}
        for name in WIRES:
            self.holders[name] = held(*_enter(router, "-U"), "unshare", "-n")
        for wire, (gateway, addresses) in WIRES.items():
            pid = str(self.holders[wire].pid)
            self.run("router", "ip", "link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", pid)
            self.run("router", "ip", "address", "add", gateway, "dev", wire)
            self.run("router", "ip", "link", "set", wire, "up")
            for address in addresses:
                self.run(wire, "ip", "address", "add", address, "dev", "eth0")
            for device in ("eth0", "lo"):
                self.run(wire, "ip", "link", "set", device, "up")
            self.run(wire, "ip", "route", "add", "default", "via", gateway.split("/")[0])
        self.run("router", "ip", "link", "set", "lo", "up")
        self.run("router", "ip", "route", "add", "default", "via", INTERNET)
        self.run("router", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.run("router", "nft", "-f", "-", stdin=firewall(plans.plan(FLOWS, DOORS))[0].text)

    def run(self, where: str, *command: str, stdin: str | None = None) -> str:
        inside = _enter(self.holders[where], "-U", "-n")
        return subprocess.run([*inside, *command], check=True, capture_output=True, text=True, input=stdin).stdout

    def arrives(self, sender: str, source: str, to: tuple[str, int], receiver: str, at: int = 5000) -> str:
        """The source that a datagram arrives with, the error it is refused with, or nothing."""
        listen = [*_enter(self.holders[receiver], "-U", "-n"), "python3", "-c", _LISTEN, str(at)]
        with subprocess.Popen(listen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listener:
            assert listener.stdout
            listener.stdout.readline()
            refused = self.run(sender, "python3", "-c", _SEND, source, to[0], str(to[1])).strip()
            arrived = listener.communicate()[0].strip()
        return arrived or refused

    def close(self) -> None:
        for holder in self.holders.values():
            holder.kill()
            holder.wait()


def _enter(holder: subprocess.Popen[bytes], *namespaces: str) -> tuple[str, ...]:
    return ("nsenter", "--preserve-credentials", "-t", str(holder.pid), *namespaces)


_LISTEN = textwrap.dedent("""
    import socket, sys
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("0.0.0.0", int(sys.argv[1])))
    s.settimeout(0.3)
    print("ready", flush=True)
    sys.stdin.read()
    try:
        print(s.recvfrom(100)[1][0])
    except TimeoutError:
        pass
""")
_SEND = textwrap.dedent("""
    import socket, sys
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((sys.argv[1], 0))
    s.connect((sys.argv[2], int(sys.argv[3])))
    s.settimeout(0.5)
    s.send(b"x")
    try:
        s.recv(100)
    except TimeoutError:
        pass
    except OSError as error:
        print(type(error).__name__, error.errno)
""")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    made = Stage()
    try:
        yield made
    finally:
        made.close()


def test_a_permitted_packet_arrives_as_it_was_sent(stage: Stage) -> None:
    assert stage.arrives("lan", "192.168.10.20", ("192.168.11.5", 5000), "dmz") == "192.168.10.20"


def test_what_nobody_permitted_is_answered_where_the_zone_says_so(stage: Stage) -> None:
    assert stage.arrives("lan", "192.168.10.20", ("192.168.11.5", 5001), "dmz", 5001) == "OSError 113"


def test_what_nobody_permitted_vanishes_elsewhere(stage: Stage) -> None:
    assert stage.arrives("dmz", "192.168.11.5", ("192.168.10.20", 5000), "lan") == ""


@pytest.mark.parametrize("source", LIES)
def test_a_spoofed_source_is_dropped(stage: Stage, source: str) -> None:
    assert stage.arrives("lan", source, ("192.168.11.5", 5000), "dmz") == ""


def test_the_way_out_is_masqueraded(stage: Stage) -> None:
    assert stage.arrives("lan", "192.168.10.20", (INTERNET, 5000), "wan0") == WAN


def test_an_exits_source_never_leaves_by_another_uplink(stage: Stage) -> None:
    assert stage.arrives("lan", "192.168.10.66", (INTERNET, 5000), "wan0") == ""


def test_a_martian_destination_never_leaves(stage: Stage) -> None:
    assert stage.arrives("lan", "192.168.10.20", ("10.9.9.9", 5000), "wan0") in ("", "OSError 113")


def test_a_forward_is_open_by_the_uplinks_address(stage: Stage) -> None:
    assert stage.arrives("wan0", INTERNET, (WAN, 443), "dmz") == INTERNET


def test_a_forward_is_closed_to_who_routes_straight_at_the_host(stage: Stage) -> None:
    assert stage.arrives("wan0", INTERNET, ("192.168.11.5", 5000), "dmz") == ""


def test_a_bogon_is_dropped_at_the_uplink(stage: Stage) -> None:
    stage.run("router", "ip", "route", "replace", "10.9.9.9/32", "dev", "wan0")
    assert stage.arrives("wan0", "10.9.9.9", (WAN, 443), "dmz") == ""


def test_a_hairpin_comes_back_into_its_own_zone_translated(stage: Stage) -> None:
    stage.run("dmz", "ip", "route", "replace", WAN, "via", "192.168.11.1")
    assert stage.arrives("dmz", "192.168.11.6", (WAN, 443), "dmz") == "192.168.11.1"
