"""A tunnel that the home has made itself: a link stands in for it, which networkd treats as the tunnel's own."""

from __future__ import annotations

import pytest

from bailiwick.twin import TwinOptions, TwinResult, try_network
from bailiwick.twin.layout import lay_out
from bailiwick.twin.scene.files import adapted
from tests.twin.homes import SMALL, Home, home_of

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
    [tunnel] = [one for one in result.capabilities if one.name == "tunnel"]
    assert "the keys, the peer and the server of wg-out are not tried" in tunnel.note
    assert "another program" not in tunnel.note


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
