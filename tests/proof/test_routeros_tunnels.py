"""A MikroTik's tunnel that is ours to make: another peer in the script, or another way to it, is a difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from bailiwick.dataplane.model import Device
from bailiwick.proof.difference import Difference
from bailiwick.proof.prove import prove
from bailiwick.workflow import Checked, check
from bailiwick.workflow.machines import read_script
from tests.proof.test_tunnels import HOME, SERVERS

Prove = Callable[[str, str], tuple[Difference, ...]]


@pytest.fixture(scope="module", params=SERVERS)
def checked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    path = tmp_path_factory.mktemp("home") / "home.yaml"
    text = (
        HOME.replace("SERVER", SERVERS[request.param]).replace("eth0", "ether1").replace("{subnet", "{vlan: 40, subnet")
    )
    text = text.replace(
        "router: linux, ports: {eth1: lan}", "router: routeros, platform: routeros-7.16, ports: {ether2: lan}"
    )
    path.write_text(text.replace("[9.9.9.9]", "[9.9.9.9], rebind-protection: no"), encoding="utf-8")
    return check(path, date(2026, 1, 1))


def device(checked: Checked, old: str, new: str) -> Device:
    [script] = checked.trees[0].artifacts
    assert old in script.text, "the change changes something"
    return read_script("gate", {"/bailiwick.rsc": script.text.replace(old, new, 1)})


@pytest.fixture
def proven(checked: Checked) -> Prove:
    return lambda old, new: prove(checked.intent, device(checked, old, new)).differences


def test_what_is_rendered_is_what_was_meant(proven: Prove) -> None:
    assert proven("", "") == ()


def test_the_peer_is_read(checked: Checked) -> None:
    tunnel = device(checked, "", "").interfaces["wg-vpn"].tunnel
    assert tunnel is not None
    [peer] = tunnel.peers
    assert peer.endpoint in {f"{server}:51820" for server in SERVERS.values()}
    assert [str(network) for network in peer.allowed] == ["0.0.0.0/0"]


CHANGES = {
    "no key of ours": ('private-key="@SECRET:vpn@" ', "", "has no private key"),
    "another key": ('public-key="U', 'public-key="V', "the key is V"),
    "no shared key": (' preshared-key="@SECRET:shared@"', "", "the key beside the others is not there"),
    "another server": ("endpoint-address=", "endpoint-address=x", "the server is x"),
    "another port": ("endpoint-port=51820", "endpoint-port=51821", ":51821"),
    "less than the internet": ("allowed-address=0.0.0.0/0", "allowed-address=0.0.0.0/1", "what it may carry"),
    "a peer that is off": ("endpoint-port=51820", "endpoint-port=51820 disabled=yes", "has 0 peers"),
    "a peer of another tunnel": (
        "peers add name=wg-vpn interface=wg-vpn",
        "peers add name=wg-vpn interface=wg-other",
        "has 0 peers",
    ),
    "another address": ("address=172.24.0.6/32", "address=172.24.0.7/32", "has not the address"),
    "a default into itself": ("gateway=wg-vpn distance=1 routing-table=by-vpn", "gateway=wg-vpn", "cannot be told"),
    "a tunnel that stays off": (
        "set [ find name=wg-vpn ] disabled=no",
        "set [ find name=wg-vpn ] disabled=yes",
        "is kept down",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(proven: Prove, change: str) -> None:
    old, new, sentence = CHANGES[change]
    found = proven(old, new)
    assert [one for one in found if sentence in one.sentence], found
