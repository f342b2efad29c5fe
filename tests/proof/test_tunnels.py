"""A tunnel that is ours to make: another provider in the written files, or another way to it, is a difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bailiwick.proof.difference import Difference
from bailiwick.workflow import Checked, check
from bailiwick.workflow.proving import prove_home

pytestmark = pytest.mark.real

HOME = """name: home
platform: debian-13
uplinks:
  wan: {interface: gate/eth0, address: dhcp}
  vpn:
    interface: gate/wg-vpn
    wireguard:
      address: 172.24.0.6/32
      private-key: !secret vpn
      peer:
        public-key: Uml6ImUUDG5rz0W1TJiaMrKKo/zFcC6EqHkfXjyXG+E=
        endpoint: SERVER:51820
        preshared-key: !secret shared
zones:
  lan: {subnet: 192.168.40.0/24}
hosts:
  gate: {router: linux, ports: {eth1: lan}}
  box: {zone: lan, address: .9}
policy:
  - lan -> router: ssh
  - lan -> internet: any
route-out: {box: vpn}
dns: {upstreams: [9.9.9.9]}
"""
NETDEV = "/etc/systemd/network/10-bailiwick-wg-vpn.netdev"
NETWORK = "/etc/systemd/network/10-bailiwick-wg-vpn.network"
WAN = "/etc/systemd/network/10-bailiwick-eth0.network"
EXITS = "/etc/bailiwick/exits.batch"
SERVERS = {"an address": "5.41.0.1", "a name": "de1.vpn.example"}
Prove = Callable[[str, str, str], tuple[Difference, ...]]


@pytest.fixture(scope="module", params=SERVERS)
def checked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    path = tmp_path_factory.mktemp("home") / "home.yaml"
    path.write_text(HOME.replace("SERVER", SERVERS[request.param]), encoding="utf-8")
    return check(path, date(2026, 1, 1))


@pytest.fixture
def proven(checked: Checked, tmp_path: Path) -> Prove:
    """With one text of a file in another's place."""

    def prove(path: str, old: str, new: str) -> tuple[Difference, ...]:
        for artifact in checked.trees[0].artifacts:
            assert artifact.path != path or old in artifact.text, "the change changes something"
            text = artifact.text.replace(old, new, 1) if artifact.path == path else artifact.text
            file = tmp_path / artifact.path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return prove_home(checked, tmp_path).proof.differences

    return prove


def test_what_is_rendered_is_what_was_meant(checked: Checked) -> None:
    assert prove_home(checked).proof.differences == ()


CHANGES = {
    "no key of ours": (NETDEV, "PrivateKeyFile=", "#", "has no private key"),
    "a key that is not there": (NETDEV, "wg-vpn.key", "wg-other.key", "has no private key"),
    "another key": (NETDEV, "PublicKey=U", "PublicKey=V", "the key is V"),
    "no shared key": (NETDEV, "PresharedKeyFile=", "#", "the key beside the others is not there"),
    "another server": (NETDEV, "Endpoint=", "Endpoint=x", "the server is x"),
    "another port": (NETDEV, ":51820\nAllowedIPs", ":51821\nAllowedIPs", ":51821"),
    "no server": (NETDEV, "Endpoint=", "#", "the server is unsaid"),
    "less than the internet": (NETDEV, "AllowedIPs=0.0.0.0/0", "AllowedIPs=0.0.0.0/1", "what it may carry"),
    "a second peer": (NETDEV, "[WireGuardPeer]", "[WireGuardPeer]\nPublicKey=x\n[WireGuardPeer]", "has 2 peers"),
    "no peer": (NETDEV, "[WireGuardPeer]", "[WireGuardPear]", "has 0 peers"),
    "another kind": (NETDEV, "Kind=wireguard", "Kind=dummy", "nothing makes the tunnel"),
    "another address": (NETWORK, "Address=172.24.0.6/32", "Address=172.24.0.7/32", "has not the address"),
    "a tunnel that stays down": (NETWORK, "[Link]", "[Link]\nActivationPolicy=down", "is kept down"),
    "a route into itself": (NETDEV, "RouteTable=off", "RouteTable=main", "is met by wg-vpn"),
    "a default into itself": (NETWORK, "Table=", "#", "is met by wg-vpn"),
    "no usual way": (WAN, "UseGateway=yes", "UseGateway=no", "is met by nothing"),
    "a rule for everybody": (EXITS, "from 192.168.40.9/32 lookup", "from 0.0.0.0/0 lookup", "is met by wg-vpn"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(proven: Prove, change: str) -> None:
    path, old, new, sentence = CHANGES[change]
    found = proven(path, old, new)
    assert [one for one in found if sentence in one.sentence], found


def test_a_mark_is_followed(checked: Checked, tmp_path: Path) -> None:
    """Where a rule for it leads into the tunnel, what WireGuard sends with the mark does too."""
    changes = {
        NETDEV: ("RouteTable=off", "RouteTable=off\nFirewallMark=7"),
        EXITS: ("rule add pref 1000", "rule add pref 900 fwmark 7 lookup TABLE protocol 141\nrule add pref 1000"),
    }
    table = str(checked.plan.exits[0].table)
    for artifact in checked.trees[0].artifacts:
        old, new = changes.get(artifact.path, ("", ""))
        file = tmp_path / artifact.path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(artifact.text.replace(old, new.replace("TABLE", table), 1), encoding="utf-8")
    found = prove_home(checked, tmp_path).proof.differences
    assert any("is met by wg-vpn" in one.sentence for one in found), found
