"""One thing changed in the files that were built: the proof fails, with a packet that shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from bailiwick.proof.difference import Difference
from bailiwick.workflow import Checked, check
from bailiwick.workflow.proving import prove_home

pytestmark = pytest.mark.real

EXAMPLES = Path(__file__).parents[2] / "examples"
FIREWALL = "/etc/bailiwick/firewall.nft"
EXITS = "/etc/bailiwick/exits.batch"
NETWORKD = "/etc/systemd/network/10-bailiwick-"


@pytest.fixture(scope="module")
def checked() -> Checked:
    return check(EXAMPLES / "public-apps.yaml", date(2026, 1, 1))


@pytest.fixture
def proven(checked: Checked, tmp_path: Path) -> Callable[[str, str, str], tuple[Difference, ...]]:
    texts = {artifact.path: artifact.text for artifact in checked.trees[0].artifacts}

    def prove(path: str, old: str, new: str) -> tuple[Difference, ...]:
        assert old in texts[path], "the change changes something"
        _write(tmp_path, texts | {path: texts[path].replace(old, new, 1)})
        return prove_home(checked, tmp_path).proof.differences

    return prove


def _write(root: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("example", ["one-router", "public-apps"])
def test_what_is_rendered_is_what_was_meant(example: str) -> None:
    assert prove_home(check(EXAMPLES / f"{example}.yaml", date(2026, 1, 1))).proof.differences == ()


CHANGES = {
    "a rule's interface": (
        FIREWALL,
        'oifname "ppp-wan" ip saddr @exit.ivpn drop',
        'oifname "lan" ip saddr @exit.ivpn drop',
    ),
    "a rule's port": (FIREWALL, "udp dport 50000-65535 accept", "udp dport 49999-65535 accept"),
    "a set's element": (FIREWALL, "tcp . 587 comment", "tcp . 588 comment"),
    "a map's entry": (FIREWALL, '"iot" . "ppp-wan" : jump', '"iot" . "mgmt" : jump'),
    "a door's target": (FIREWALL, 'comment "dnat:web" : 192.168.30.5', 'comment "dnat:web" : 192.168.30.6'),
    "a chain's priority": (FIREWALL, "hook output priority filter", "hook output priority raw"),
    "a chain's policy": (
        FIREWALL,
        "hook forward priority filter; policy drop",
        "hook forward priority filter; policy accept",
    ),
    "who hides behind an uplink": (
        FIREWALL,
        "\t\t\t192.168.50.0/24,\n\t\t\t192.168.60.0/24,\n",
        "\t\t\t192.168.50.0/24,\n",
    ),
    "answers": (FIREWALL, "ct state established,related accept", "ct state established accept"),
    "invalid packets": (FIREWALL, "ct state invalid drop", "ct state invalid accept"),
    "a route's table": (
        EXITS,
        "rule add pref 1100 from 192.168.20.66/32 lookup 21164",
        "rule add pref 1100 from 192.168.20.67/32 lookup 21164",
    ),
    "a resolver's way": ("/etc/bailiwick/dnsmasq/ivpn.conf", "server=9.9.9.9@wg-ivpn", "server=9.9.9.9"),
    "a default route": (f"{NETWORKD}ppp-wan.network", "Destination=0.0.0.0/0", "Destination=10.0.0.0/8"),
    "an interface's address": (f"{NETWORKD}iot.network", "Address=192.168.50.1/24", "Address=192.168.51.1/24"),
    "a VLAN": (f"{NETWORKD}iot.netdev", "Id=50", "Id=60"),
    "forwarding": ("/etc/sysctl.d/90-bailiwick.conf", "net/ipv4/ip_forward = 1", "net/ipv4/ip_forward = 0"),
    "IPv6": (FIREWALL, "meta nfproto ipv6 goto hygiene.ipv6", "meta nfproto ipv6 accept"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(what: str, proven: Callable[[str, str, str], tuple[Difference, ...]]) -> None:
    assert proven(*CHANGES[what]), what


@pytest.mark.parametrize("what", [what for what in CHANGES if CHANGES[what][0] == FIREWALL and what != "IPv6"])
def test_a_change_of_the_filter_comes_with_a_packet(
    what: str, proven: Callable[[str, str, str], tuple[Difference, ...]]
) -> None:
    assert any(one.packet is not None for one in proven(*CHANGES[what])), what


def test_a_second_lock_may_go_while_the_first_holds(proven: Callable[[str, str, str], tuple[Difference, ...]]) -> None:
    """The routing rules alone keep the torrent host off the other uplink; without them the filter does."""
    lock = 'oifname "ppp-wan" ip saddr @exit.ivpn drop comment "exit:ivpn"'
    assert proven(FIREWALL, lock, "") == ()


def test_a_change_that_changes_nothing_is_none(proven: Callable[[str, str, str], tuple[Difference, ...]]) -> None:
    old = 'iifname "lan" reject with icmpx admin-prohibited'
    assert proven(FIREWALL, old, 'iifname { "lan" } reject with icmpx host-unreachable') == ()


PUBLIC_UPLINK = """\
name: public
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, address: 81.2.69.10/29, gateway: 81.2.69.9}
zones:
  lan: {subnet: 192.168.40.0/24}
hosts:
  gate: {router: linux, ports: {eth1: lan}}
policy:
  - lan -> internet: any
  - lan -> router: ssh
dns: {upstreams: [9.9.9.9]}
"""


def test_nobody_beyond_an_uplink_has_its_broadcast_address(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(PUBLIC_UPLINK)
    assert prove_home(check(tmp_path / "home.yaml", date(2026, 1, 1))).proof.differences == ()
