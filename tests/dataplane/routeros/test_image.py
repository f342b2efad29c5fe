"""The vectors on RouterOS itself, where an image is named; and what of that can be tried without one."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from pathlib import Path

import pytest

from bailiwick.twin.wire.crafting import ETH_IP, card, ethernet
from tests.dataplane.routeros.image import VARIABLE, Console, Wires, guest_mac, running
from tests.dataplane.routeros.image_vectors import can_be_sent, complaints, expected, host_mac, seen
from tests.dataplane.routeros.vector import RuleSet, Vector, rule_sets

IMAGE = os.environ.get(VARIABLE)
RULE_SETS = [rules for rules in rule_sets() if any(can_be_sent(rules, vector) for vector in rules.vectors)]


@pytest.mark.skipif(IMAGE is None, reason=f"{VARIABLE} names no RouterOS image")
@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("rules", RULE_SETS, ids=lambda one: one.name)
def test_a_packet_fares_so_on_the_image(rules: RuleSet, tmp_path: Path) -> None:
    assert IMAGE is not None
    with running(Path(IMAGE), tmp_path) as (line, wires):
        console = Console(line)
        console.login()
        said = [(text, console.say(text)) for text in ("/ip dhcp-client remove [find]", *rules.commands.splitlines())]
        assert not complaints(said)
        for vector in rules.vectors:
            if can_be_sent(rules, vector):
                assert seen(wires, vector) in expected(vector), vector.packet


def test_most_vectors_can_be_sent() -> None:
    counts = [can_be_sent(rules, vector) for rules in rule_sets() for vector in rules.vectors]
    assert sum(counts) > 90


PLAY = [
    (b"\r", b"\r\nMikroTik 7.20 (stable)\r\nMikroTik Login: "),
    (b"admin+ct500w\r", b"admin+ct500w\r\nPassword: "),
    (b"\r", b"\r\nDo you want to see the software license? [Y/n]: "),
    (b"n\r", b"n\r\nnew password> "),
    (b"\x03", b"\r\n[admin@MikroTik] > "),
    (b"/ip address\r", b"/ip address\r\n\x1b[K[admin@MikroTik] /ip/address> "),
    (
        b"add addres=1\r",
        b"add addres=1\r\nexpected end of command (line 1 column 5)\r\n[admin@MikroTik] /ip/address> ",
    ),
]


def test_the_dialogue_with_a_console_that_is_played() -> None:
    here, there = socket.socketpair()

    def play() -> None:
        for awaited, answer in PLAY:
            heard = b""
            while heard != awaited:
                heard += there.recv(1)
                assert awaited.startswith(heard)
            there.sendall(answer)

    playing = threading.Thread(target=play, daemon=True)
    playing.start()
    console = Console(here, patience=10)
    console.login()
    said = [(text, console.say(text)) for text in ("/ip address", "add addres=1")]
    playing.join()
    here.close()
    there.close()
    assert complaints(said) == ["add addres=1: expected end of command (line 1 column 5)"]


@pytest.mark.parametrize(
    ("deed", "result"),
    [
        (lambda packet: (3, packet), "leaves by ether3"),
        (
            lambda packet: (1, packet[:12] + bytes([198, 51, 100, 2]) + packet[16:]),
            "leaves by ether1 from 198.51.100.2",
        ),
        (lambda _: None, "dropped"),
    ],
)
def test_what_is_seen_on_wires_that_are_played(deed, result: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    hosts, guests = ([socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(3)] for _ in range(2))
    for number, (host, guest) in enumerate(zip(hosts, guests, strict=True), 1):
        host.bind(str(tmp_path / f"host{number}"))
        guest.bind(str(tmp_path / f"guest{number}"))

    def play() -> None:
        frame = guests[1].recv(2000)
        assert (frame[:6], frame[6:12]) == (card(guest_mac(2)), card(host_mac(2)))
        if sent := deed(frame[14:]):
            port, packet = sent
            out = ethernet(host_mac(port), guest_mac(port), ETH_IP, packet)
            guests[port - 1].sendto(out, str(tmp_path / f"host{port}"))

    playing = threading.Thread(target=play, daemon=True)
    playing.start()
    vector = Vector("ether2 10.0.1.9 -> 10.0.2.9 tcp/22", result)
    patience = 0.5 if result == "dropped" else 30
    assert seen(Wires(hosts, tmp_path), vector, patience) in expected(vector)
    playing.join()
    for one in (*hosts, *guests):
        one.close()


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="there is no QEMU")
def test_frames_of_a_machine_come_by_its_port(tmp_path: Path) -> None:
    """The card's firmware asks for an address when there is nothing to boot from."""
    with running(None, tmp_path, ports=1) as (line, wires):
        port, frame = next(iter(wires.hear(60)))
        assert line.getpeername()
    assert (port, frame[:12]) == (1, b"\xff" * 6 + card(guest_mac(1)))
