"""Captures: which interface a name stands for, what a frame is called, and real frames in a namespace."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from datetime import date
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.twin import TwinOptions, try_network
from bailiwick.twin.capture import Names, NoSpot, Spot, addresses_of, spot_of
from bailiwick.twin.wire.frames import Header, datagram, frame
from bailiwick.twin.wire.headers import Frame, Ip, parsed
from bailiwick.twin.wire.pcap import savefile
from bailiwick.workflow.capturing import aim
from tests.cli.conftest import HOME
from tests.twin.homes import EXAMPLES, home, small

ROUTER_CARD, CARD = "02:b4:00:00:00:01", "02:b4:00:00:00:02"
CLOUD, PROXY = IPv4Address("192.168.20.5"), IPv4Address("192.168.30.5")


def told(packet: bytes, tag: int | None = None, name: str = "public-apps", outgoing: bool = False) -> str:
    return Names(home(name).network).words(Frame(0.0, "services", frame(ROUTER_CARD, CARD, packet, tag), outgoing))


@pytest.mark.parametrize(
    ("name", "interface"),
    [
        ("lan", "lan"),
        ("wan", "ppp-wan"),
        ("ivpn", "wg-ivpn"),
        ("cloud", "services"),
        ("ap", "mgmt"),
        ("eth1", "eth1"),
        ("gate/eth1", "eth1"),
        ("ap/uplink", "eth3"),
    ],
)
def test_a_name_stands_for_an_interface(name: str, interface: str) -> None:
    one = home("public-apps")
    assert spot_of(one.network, one.plan, name).interfaces == (interface,)


def test_a_host_narrows_the_capture_to_itself() -> None:
    one = home("public-apps")
    spot = spot_of(one.network, one.plan, "cloud")
    theirs = Frame(0.0, "services", frame(CARD, CARD, datagram(Header(PROXY, CLOUD, UDP, 1000, 53), 1)))
    others = Frame(0.0, "services", frame(CARD, CARD, datagram(Header(PROXY, PROXY, UDP, 1000, 53), 1)))

    assert (spot.wants(theirs), spot.wants(others)) == (True, False)
    assert Spot(("services",)).wants(others)
    assert addresses_of(one.network, "proxy") == {PROXY}
    assert addresses_of(one.network, "9.9.9.9") == {IPv4Address("9.9.9.9")}


@pytest.mark.parametrize(
    ("name", "words"),
    [("clou", "did you mean `cloud`"), ("hv/ens9", "no zone, host or link"), ("gate/eth7", "no zone, host or link")],
)
def test_a_name_of_nothing_is_an_error(name: str, words: str) -> None:
    one = home("public-apps")
    with pytest.raises(NoSpot, match=words):
        spot_of(one.network, one.plan, name)
    with pytest.raises(NoSpot, match="no host"):
        addresses_of(one.network, name)


def test_frames_are_told_with_the_names_of_the_home() -> None:
    stranger = IPv4Address("9.9.9.9")
    unnamed = IPv4Address("192.168.40.7")
    gateway = IPv4Address("192.168.20.1")
    assert told(datagram(Header(PROXY, CLOUD, TCP, 3000, 443), 1)) == (
        "services in dmz/proxy:3000 > services/cloud:443 tcp SYN, 54 bytes"
    )
    assert told(datagram(Header(unnamed, stranger, UDP, 3000, 53), 1), tag=40, outgoing=True) == (
        "services out vlan 40 lan/192.168.40.7:3000 > 9.9.9.9:53 udp, 52 bytes"
    )
    assert told(datagram(Header(CLOUD, gateway, ICMP, icmp_type=8), 1)) == (
        "services in services/cloud > services/router icmp echo request, 98 bytes"
    )


def test_frames_without_addresses_are_told_by_their_kind() -> None:
    cards = bytes(12)
    kinds = {
        b"": "a frame cut short",
        b"\x86\xdd": "IPv6",
        b"\x88\x64": "PPPoE session",
        b"\x00\x26": "802.3",
        b"\x12\x34": "ethertype 0x1234",
        b"\x08\x00\x45": "IPv4 cut short",
        b"\x81\x00\x00\x0a\x81\x00\x00\x14\x86\xdd": "IPv6",
    }
    assert {kind: parsed(Frame(0.0, "eth0", cards + kind)).what for kind in kinds} == kinds
    assert parsed(Frame(0.0, "eth0", cards + b"\x81\x00\x00\x0a\x88\xa8\x00\x14\x86\xdd")).tags == (10, 20)


def test_a_question_of_arp_names_both() -> None:
    body = struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, bytes(6), CLOUD.packed, bytes(6), PROXY.packed)
    said = parsed(Frame(0.0, "eth0", bytes(12) + b"\x08\x06" + body))
    assert (said.source, said.destination, said.what) == (CLOUD, PROXY, "ARP who-has")


def test_a_later_fragment_has_no_ports() -> None:
    packet = bytearray(datagram(Header(PROXY, CLOUD, UDP, 1000, 53), 1))
    packet[6:8] = b"\x00\x10"
    said = parsed(Frame(0.0, "eth0", frame(CARD, CARD, bytes(packet))))
    assert isinstance(said, Ip)
    assert (said.port, said.what) == (None, "protocol 17, a later fragment")


def test_a_savefile_holds_every_byte() -> None:
    one, two = Frame(12.5, "eth0", b"first"), Frame(13.25, "eth0", b"second one")
    data = savefile([one, two])

    assert struct.unpack_from("=IHH", data) == (0xA1B2C3D4, 2, 4)
    assert struct.unpack_from("=I", data, 20) == (1,)
    assert struct.unpack_from("=IIII", data, 24) == (12, 500_000, 5, 5)
    assert data[40:45] == b"first"
    assert struct.unpack_from("=IIII", data, 45) == (13, 250_000, 10, 10)
    assert data[61:] == b"second one"


LIVE = """
ip link add eth1 type veth peer name far
ip link set eth1 up
ip link set far up
python=$1
shift
"$python" -m tests.twin.speaker far &
"$python" -m bailiwick capture "$@"
kill $!
"""


@pytest.mark.real
def test_frames_with_and_without_tags_are_heard_live(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(HOME)
    own = ["--net"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--net"]
    asked = [str(tmp_path / "home.yaml"), "lan", "-n", "2", "--host", "192.168.10.7", "--format", "json"]
    done = subprocess.run(
        ["unshare", *own, "sh", "-ec", LIVE, "sh", sys.executable, *asked, "-w", str(tmp_path / "out.pcap")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    frames = json.loads(done.stdout)["frames"]
    words = {one["words"] for one in frames}
    assert words <= {
        "eth1 in lan/192.168.10.7:3000 > lan/router:22 tcp SYN, 54 bytes",
        "eth1 in vlan 30 lan/192.168.10.7:3000 > lan/router:22 tcp SYN, 58 bytes",
    }
    assert len(words) == 2
    saved = (tmp_path / "out.pcap").read_bytes()
    assert len(saved) == 24 + sum(16 + one["bytes"] for one in frames)
    assert b"\x81\x00\x00\x1e\x08\x00" in saved


@pytest.mark.real
def test_a_machine_that_is_not_the_router_is_told(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(HOME.replace("eth1", "nowhere0"))
    done = subprocess.run(
        [sys.executable, "-m", "bailiwick", "capture", str(tmp_path / "home.yaml"), "lan"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 3
    assert "this machine has no nowhere0: run it on router, or with --twin" in done.stderr


@pytest.mark.real
@pytest.mark.slow
def test_a_trial_can_be_listened_to() -> None:
    one = small()
    seed = IPv4Address("192.168.40.66")
    spot = Spot(("eth1",), frozenset({seed}), seconds=60.0)
    result = try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.15, listen=spot))

    assert result.holds
    ends = [(said.source, said.destination) for frame in result.captured if (said := parsed(frame))]
    assert all(seed in pair for pair in ends)
    assert {pair.index(seed) for pair in ends} == {0, 1}
    assert {frame.outgoing for frame in result.captured} == {True, False}
    assert aim(EXAMPLES / "public-apps.yaml", date(2026, 1, 1), "lan", "hv").spot.hosts == {IPv4Address("192.168.10.2")}
