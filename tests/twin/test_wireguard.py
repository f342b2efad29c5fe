"""A tunnel that the home has made itself, or another program: WireGuard by the kernel or by a program where either can
be had, and a plain link, said to be one, where neither can."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from bailiwick.twin import TwinOptions, TwinResult, try_network
from bailiwick.twin.layout import lay_out
from bailiwick.twin.result import Capability, Fate
from bailiwick.twin.scene import handover
from bailiwick.twin.scene.files import adapted
from bailiwick.twin.scene.handover import HEADER, NEEDS_CHECKSUM, TOLD, moved, still_handing_over
from bailiwick.twin.scene.namespaces import CommandFailed
from bailiwick.twin.scene.tunnels import PORT
from bailiwick.twin.scene.userspace import PROGRAM, TUN
from bailiwick.twin.stages import namespaces
from tests.twin.homes import FIREWALL, SMALL, Home, home_of, small

BY_HAND = "out: {interface: gate/wg-out, tunnel: {address: 172.24.18.6/32}}"
OURS = """out:
    interface: gate/wg-out
    wireguard:
      address: 172.24.18.6/32
      private-key: !secret out
      peer: {public-key: Uml6ImUUDG5rz0W1TJiaMrKKo/zFcC6EqHkfXjyXG+E=, endpoint: "5.41.0.1:51820"}"""
NETWORK = "/etc/systemd/network/10-bailiwick-wg-out"
KEY = "/etc/bailiwick/wireguard/wg-out.key"


def ours() -> Home:
    assert BY_HAND in SMALL
    return home_of(SMALL.replace(BY_HAND, OURS))


def test_the_stage_makes_the_tunnel_and_runs_all_else_as_rendered() -> None:
    one = ours()
    layout = lay_out(one.network, one.plan, {})
    key, link, network = (one.tree.file(path) for path in (KEY, f"{NETWORK}.netdev", f"{NETWORK}.network"))
    assert layout.tunnels == {"uplink:out"}
    assert not layout.foreign
    assert adapted(link, layout) is None
    assert adapted(network, layout) == network.text
    assert "@SECRET" not in (adapted(key, layout) or "@SECRET")
    assert (key.mode, key.owner) == (0o640, "root:systemd-network")


def test_another_programs_tunnel_is_raised_later() -> None:
    one = home_of(SMALL)
    layout = lay_out(one.network, one.plan, {})
    assert layout.foreign == layout.tunnels == {"uplink:out"}


def test_who_joins_a_tunnel_to_its_wire_and_ends_is_not_taken_for_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    process = os.fork()
    if process == 0:
        signal.pause()
    monkeypatch.setattr(handover, "_running", {process: "uplink.out"})
    still_handing_over()
    os.kill(process, signal.SIGKILL)
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
    with pytest.raises(CommandFailed, match=r"what joins uplink\.out to its wire ended before the trial did"):
        still_handing_over()


def test_what_is_real_by_a_program_is_no_stand_in() -> None:
    layout = lay_out(small().network, small().plan, {})
    real = layout.real(vlans=False, filtering=False, tunnels=True, userspace=True)
    assert [interface.name for interface, _ in layout.stand_ins] == ["wg-out"]
    assert (real.stand_ins, real.userspace) == ((), True)


def test_what_the_kernel_tells_of_a_packet_moves_with_it() -> None:
    segments = TOLD.pack(NEEDS_CHECKSUM, 1, 54, 1380, 34, 16)
    assert moved(segments, -HEADER) == TOLD.pack(NEEDS_CHECKSUM, 1, 40, 1380, 20, 16)
    assert moved(moved(segments, -HEADER), HEADER) == segments
    seen_to_be_right = TOLD.pack(2, 0, 0, 0, 0, 0)
    assert moved(seen_to_be_right, HEADER) == bytes(TOLD.size)


@pytest.fixture(scope="module")
def result() -> TwinResult:
    one = ours()
    return try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.15))


@pytest.mark.real
@pytest.mark.slow
def test_the_home_is_as_it_was_meant(result: TwinResult) -> None:
    assert [str(difference) for difference in result.differences] == []
    assert [check for check in result.checks if check.differs] == []
    assert [entry for entry in result.loaded if entry.found is False] == []
    assert result.holds


@pytest.mark.real
@pytest.mark.slow
def test_what_is_not_tried_is_said(result: TwinResult) -> None:
    assert "the keys, the peer and the server of wg-out are not tried" in tunnel(result).note
    assert "another program" not in tunnel(result).note


def tunnel(result: TwinResult) -> Capability:
    [found] = [one for one in result.capabilities if one.name == "tunnel"]
    return found


with_a_program = pytest.mark.skipif(
    shutil.which(PROGRAM) is None or shutil.which("wg") is None or not os.access(TUN, os.R_OK | os.W_OK),
    reason="no wireguard-go, no wg or no /dev/net/tun here (Debian's packages wireguard-go and wireguard-tools)",
)


@pytest.mark.real
@pytest.mark.slow
@with_a_program
def test_the_tunnel_is_real_where_a_program_can_make_it(result: TwinResult) -> None:
    assert tunnel(result).present
    assert "with keys of its own: wg-out" in tunnel(result).note
    assert result.stage.endswith("userspace WireGuard") == (PROGRAM in tunnel(result).note)
    out = [one for one in result.observations if one.packet.egress == "uplink:out" and one.seen is Fate.ARRIVED]
    assert out


@pytest.mark.real
@pytest.mark.slow
@with_a_program
def test_a_router_that_keeps_the_tunnel_from_its_server_is_seen() -> None:
    replies = 'ct state established,related accept comment "replies"'
    head, hook, output = small().tree.file(FIREWALL).text.partition("type filter hook output")
    closed = output.replace(replies, f"udp dport {PORT}-{PORT + 9} drop\n{replies}", 1)
    one = small().changed(lambda _: head + hook + closed, FIREWALL)

    found = try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.15, ready=8.0))

    [entry] = [entry for entry in found.loaded if entry.subject == "tunnel wg-out"]
    assert (entry.found, "no handshake" in entry.note) == (False, True)
    assert not found.holds
    assert {one.packet.egress for one in found.differences if one.packet.ingress == "zone:lan"} == {"uplink:out"}


@pytest.mark.real
@pytest.mark.slow
def test_without_the_program_a_plain_link_stands_in_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in namespaces.ENVIRONMENT["PATH"].split(":"):
        for tool in Path(folder).iterdir() if Path(folder).is_dir() else ():
            if tool.name != PROGRAM and not (tmp_path / tool.name).is_symlink():
                (tmp_path / tool.name).symlink_to(tool)
    monkeypatch.setitem(namespaces.ENVIRONMENT, "PATH", str(tmp_path))
    one = small()

    found = try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.15))

    assert found.holds
    if tunnel(found).present:
        assert PROGRAM not in tunnel(found).note  # the kernel's own
    else:
        assert f"for one in userspace: not found: {PROGRAM}" in tunnel(found).note
        assert "an Ethernet link stands in for wg-out" in tunnel(found).note


@pytest.mark.real
@pytest.mark.slow
def test_networkd_gives_the_address_and_the_size(result: TwinResult) -> None:
    lines = {entry.subject: entry.found for entry in result.loaded}
    assert lines["Address=172.24.18.6/32 of wg-out"] is True
    assert lines["MTUBytes=1420 of wg-out"] is True


@pytest.mark.real
@pytest.mark.slow
def test_nobody_leaves_by_another_uplink_while_theirs_is_away(result: TwinResult) -> None:
    checks = [check for check in result.checks if "who leave by uplink:out alone" in check.subject]
    states = [check.subject.split(", ")[-1] for check in checks]
    assert states == ["while its interface is down", "with its interface gone"]
    assert all(check.holds for check in checks)
