"""Two looks at a network namespace: one thing changed shows as that one difference, and changed back as none."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import pytest

from bailiwick.agent.look.live import Live, Scope, Unseen, as_data, differences, digest, from_data, look
from bailiwick.agent.places import Places
from bailiwick.twin.scene.namespaces import run, within
from bailiwick.twin.stages.contained.held import Held

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace of its own needs root"),
]

TABLE = """
table inet bailiwick {
	set friends { type ipv4_addr; flags interval; elements = { 10.1.0.0/16, 10.2.0.0/16 } }
	set seen { type ipv4_addr; flags dynamic,timeout; timeout 1m; }
	chain forward {
		type filter hook forward priority 0; policy drop;
		ct state established accept comment "replies"
		ip saddr @friends counter accept comment "friends"
		tcp flags syn counter accept
	}
	chain input {
		type filter hook input priority 0; policy accept;
		counter
		update @seen { ip saddr }
	}
}
"""
SETUP = """
ip link set lo up
ip link add lan type veth peer name cable
ip link add br0 type bridge
ip link add port type veth peer name port-cable
ip link set port master br0
for one in lan cable br0 port port-cable; do ip link set $one up; done
ip address add 192.168.40.1/24 dev lan
ip address add fd00:40::1/64 dev lan nodad
ip address add 10.9.9.1/24 dev cable
ip route add default via 10.9.9.2 metric 100 proto static
ip route add unreachable default metric 4294967294 table 21164 protocol 141
ip rule add pref 1000 to 192.168.40.0/24 lookup main suppress_prefixlength 0 protocol 141
ip rule add pref 1200 from 192.168.20.66 unreachable protocol 141
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.lan.arp_ignore=1
"""
SCOPE = Scope(
    paths=("/etc/resolv.conf", "/etc/bailiwick/firewall.nft"),
    settings=("net/ipv4/ip_forward", "net/ipv4/conf/lan/arp_ignore", "net/ipv4/conf/ppp-wan/arp_ignore"),
    links=("lan", "br0", "port"),
)


@dataclass
class Place:
    """A network namespace and a root directory."""

    netns: str
    root: Path

    def sh(self, script: str) -> None:
        with within(self.netns):
            subprocess.run(["sh", "-euc", script, "sh", str(self.root)], check=True, capture_output=True, timeout=60)

    def look(self, scope: Scope = SCOPE) -> Live:
        with within(self.netns):
            return look(Places(self.root), scope)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("root")
    (root / "etc/bailiwick").mkdir(parents=True)
    (root / "etc/bailiwick/firewall.nft").write_text(TABLE)
    (root / "etc/resolv.conf").symlink_to("/run/resolv.conf")
    held = Held()
    one = Place(held.path, root)
    one.sh(SETUP + f"nft -f {root}/etc/bailiwick/firewall.nft")
    yield one
    held.close()


CHANGES = [
    (
        "ip address add 192.168.40.9/24 dev lan",
        "ip address del 192.168.40.9/24 dev lan",
        "addresses",
        "lan 192.168.40.9/24",
    ),
    (
        "ip address del 192.168.40.1/24 dev lan",
        "ip address add 192.168.40.1/24 dev lan",
        "addresses",
        "lan 192.168.40.1/24",
    ),
    (
        "ip address del fd00:40::1/64 dev lan",
        "ip address add fd00:40::1/64 dev lan nodad",
        "addresses",
        "lan fd00:40::1/64",
    ),
    ("ip link set br0 mtu 1400", "ip link set br0 mtu 1500", "links", "br0"),
    (
        "ip link set port type bridge_slave isolated on",
        "ip link set port type bridge_slave isolated off",
        "links",
        "port",
    ),
    ("ip link set port nomaster", "ip link set port master br0", "links", "port"),
    ("ip link add more type bridge", "ip link del more", "links", "more"),
    ("ip link set br0 type bridge stp_state 1", "ip link set br0 type bridge stp_state 0", "links", "br0"),
    (
        "ip route add 9.0.0.0/8 via 192.168.40.5",
        "ip route del 9.0.0.0/8",
        "routes",
        "9.0.0.0/8 table main",
    ),
    (
        "ip route replace default via 10.9.9.3 metric 100 proto static",
        "ip route replace default via 10.9.9.2 metric 100 proto static",
        "routes",
        "0.0.0.0/0 metric 100 table main",
    ),
    (
        "ip route del unreachable default table 21164 metric 4294967294",
        "ip route add unreachable default metric 4294967294 table 21164 protocol 141",
        "routes",
        "0.0.0.0/0 metric 4294967294 table 21164",
    ),
    ("ip -6 route add fd01::/16 dev lan", "ip -6 route del fd01::/16", "routes", "fd01::/16 metric 1024 table main"),
    (
        "ip route del 192.168.40.0/24 dev lan",
        "ip route add 192.168.40.0/24 dev lan proto kernel scope link src 192.168.40.1",
        "routes",
        "192.168.40.0/24 table main",
    ),
    ("ip rule add pref 500 from 1.2.3.4 lookup 7", "ip rule del pref 500", "policy routing", "IPv4 rule 500"),
    (
        "ip rule del pref 1200",
        "ip rule add pref 1200 from 192.168.20.66 unreachable protocol 141",
        "policy routing",
        "IPv4 rule 1200",
    ),
    ("ip -6 rule add pref 500 from all lookup 7", "ip -6 rule del pref 500", "policy routing", "IPv6 rule 500"),
    (
        "nft insert rule inet bailiwick forward tcp dport 22 accept",
        "nft flush table inet bailiwick; nft -f $1/etc/bailiwick/firewall.nft",
        "rules",
        "rule in inet bailiwick forward",
    ),
    (
        "nft add chain inet bailiwick forward '{ policy accept; }'",
        "nft add chain inet bailiwick forward '{ policy drop; }'",
        "rules",
        "chain inet bailiwick forward",
    ),
    (
        "nft add element inet bailiwick friends { 10.9.0.0/16 }",
        "nft delete element inet bailiwick friends { 10.9.0.0/16 }",
        "rules",
        "element of inet bailiwick friends",
    ),
    (
        "nft add table inet mine; nft add chain inet mine in '{ type filter hook input priority 5; policy drop; }'",
        "nft delete table inet mine",
        "other rules",
        "chain inet mine in",
    ),
    (
        "nft add table inet mine; nft add chain inet mine in; nft add rule inet mine in drop",
        "nft delete table inet mine",
        "other rules",
        "rule in inet mine in",
    ),
    (
        "sysctl -qw net.ipv4.conf.lan.arp_ignore=2",
        "sysctl -qw net.ipv4.conf.lan.arp_ignore=1",
        "settings",
        SCOPE.settings[1],
    ),
    ("chmod 600 $1/etc/bailiwick/firewall.nft", "chmod 644 $1/etc/bailiwick/firewall.nft", "files", SCOPE.paths[1]),
    (
        "echo '#' >>$1/etc/bailiwick/firewall.nft",
        "sed -i '$d' $1/etc/bailiwick/firewall.nft",
        "files",
        SCOPE.paths[1],
    ),
    ("ln -sfn /elsewhere $1/etc/resolv.conf", "ln -sfn /run/resolv.conf $1/etc/resolv.conf", "files", SCOPE.paths[0]),
    ("rm $1/etc/resolv.conf", "ln -s /run/resolv.conf $1/etc/resolv.conf", "files", SCOPE.paths[0]),
]


@pytest.mark.parametrize(("change", "back", "aspect", "what"), CHANGES, ids=[one[0][:60] for one in CHANGES])
def test_one_change_is_one_difference(place: Place, change: str, back: str, aspect: str, what: str) -> None:
    before = place.look()
    place.sh(change)
    changed = differences(before, place.look())
    place.sh(back)
    after = place.look()

    assert [(one.aspect, one.what) for one in changed] == [(aspect, what)]
    assert differences(before, after) == ()
    assert digest(before) == digest(after)


PASSING = [
    ("ip address add 10.0.0.7/24 dev lan valid_lft 120 preferred_lft 60", "ip address del 10.0.0.7/24 dev lan"),
    ("ip route add 9.9.9.9 dev lan proto dhcp", "ip route del 9.9.9.9 dev lan"),
    ("ip neighbour add 192.168.40.77 lladdr 02:00:00:00:00:77 dev lan", "ip neighbour del 192.168.40.77 dev lan"),
    ("nft add element inet bailiwick seen { 10.0.0.9 timeout 1m }", "nft flush set inet bailiwick seen"),
    ("ip rule add pref 32764 lookup main suppress_prefixlength 0; ip rule add not fwmark 51820 table 51820",
     "ip rule del pref 32764; ip rule del not fwmark 51820 table 51820"),
    ("ip link add docker0 type bridge; ip address add 172.17.0.1/16 dev docker0; ip link set docker0 up",
     "ip link del docker0"),
    ("ip link add virbr0 type bridge; ip link set virbr0 up", "ip link del virbr0"),
    (
        "ip rule del pref 1000; ip rule del pref 1200;"
        "ip rule add pref 1000 to 192.168.40.0/24 lookup main suppress_prefixlength 0 protocol 142;"
        "ip rule add pref 1200 from 192.168.20.66 unreachable protocol 142",
        "true",
    ),
    ("nft add table ip docker-bridges; nft add chain ip docker-bridges f; nft add rule ip docker-bridges f drop",
     "nft delete table ip docker-bridges"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "back"), PASSING, ids=[one[0][:60] for one in PASSING])
def test_what_comes_and_goes_by_itself_is_none(place: Place, change: str, back: str) -> None:
    before = place.look()
    place.sh(change)
    seen = place.look()
    place.sh(back)

    assert seen != before or "neighbour" in change or "seen" in change or "142" in change
    assert differences(before, seen) == ()
    assert differences(before, place.look()) == ()


def test_a_cable_takes_away_what_hangs_on_it_and_no_more(place: Place) -> None:
    """networkd takes the addresses of an uplink away with its carrier, unless its file says not to. The other end of
    the cable is in this namespace too, and is down indeed."""
    steady = Scope(SCOPE.paths, SCOPE.settings, links=("lan",), steady=("lan",))
    before, before_steady = place.look(), place.look(steady)
    place.sh("ip link set cable down; ip address del 192.168.40.1/24 dev lan")
    after, after_steady = place.look(), place.look(steady)
    place.sh("ip link set cable up; ip address add 192.168.40.1/24 dev lan")
    place.sh("ip route replace default via 10.9.9.2 metric 100 proto static")

    gone = {"cable", "0.0.0.0/0 metric 100 table main"}
    assert {one.what for one in differences(before, after)} == {"cable"}
    assert {one.what for one in differences(before_steady, after_steady)} - gone == {"lan 192.168.40.1/24"}
    assert differences(before, place.look()) == ()


def test_traffic_changes_nothing(place: Place) -> None:
    """Counters, connections, and what a set learns from packets."""
    before = place.look()
    with within(place.netns):
        counted = run("nft", "-j", "list", "ruleset")
    with within(place.netns), socket(AF_INET, SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("192.168.40.1", 9))
    with within(place.netns):
        listed = run("nft", "-j", "list", "ruleset")
    after = place.look()

    assert listed != counted
    assert digest(before) == digest(after)


def test_a_list_of_thousands_is_one_fact_and_a_change_in_it_one_difference(place: Place) -> None:
    listed = ", ".join(f"10.{n >> 8}.{n & 255}.1" for n in range(5000))
    text = f"table inet many {{ set bad {{ type ipv4_addr; elements = {{ {listed} }} ; }}\n }}\n"
    with within(place.netns):
        run("nft", "-f", "-", text=text)
    before = place.look()
    place.sh("nft delete element inet many bad { 10.0.7.1 }; nft add element inet many bad { 10.250.0.1 }")
    changed = differences(before, place.look())
    place.sh("nft delete table inet many")

    assert [(one.aspect, one.what) for one in changed] == [("other rules", "elements of inet many bad")]


def test_a_look_stands_in_a_file(place: Place) -> None:
    seen = place.look()

    assert from_data(as_data(seen)) == seen
    with pytest.raises(ValueError, match="not how a device looks"):
        from_data({"aspects": {}, "beside": {}})


def test_iptables_own_matches_are_told_apart(place: Place) -> None:
    """nft's JSON has their names alone."""
    add = "iptables-nft -I FORWARD -m conntrack --ctstate {} -j DROP"
    place.sh(add.format("NEW"))
    before = place.look()
    place.sh("nft delete table ip filter;" + add.format("INVALID"))
    changed = differences(before, place.look())
    place.sh("nft delete table ip filter")

    assert [(one.aspect, one.what) for one in changed] == [("other rules", "rule in ip filter FORWARD")]
    assert changed[0].wanted == "-m conntrack --ctstate NEW -j DROP"
    assert changed[0].found == "-m conntrack --ctstate INVALID -j DROP"


def test_a_tool_that_fails_is_an_error_and_not_an_empty_aspect(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = place.root / "tools"
    broken.mkdir(exist_ok=True)
    (broken / "nft").write_text("#!/bin/sh\necho 'out of memory' >&2\nexit 1\n")
    (broken / "nft").chmod(0o755)
    monkeypatch.setattr("bailiwick.agent.look.listing.PATH", f"{broken}:/usr/sbin:/usr/bin:/sbin:/bin")
    with pytest.raises(Unseen, match="`nft -j list ruleset` failed: out of memory"):
        place.look()
    monkeypatch.setattr("bailiwick.agent.look.listing.PATH", "/nowhere")
    with pytest.raises(Unseen, match="the program nft is missing"):
        place.look()


def test_a_kernel_without_ipv6_is_not_asked_for_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    tools, kernel = place.root / "without", place.root / "kernel"
    (kernel / "net/ipv4/conf").mkdir(parents=True)
    tools.mkdir()
    refusal = '#!/bin/sh\ncase "$*" in *-6*) echo refused >&2; exit 2;; esac\nexec /usr/sbin/ip "$@"\n'
    (tools / "ip").write_text(refusal)
    (tools / "ip").chmod(0o755)
    monkeypatch.setattr("bailiwick.agent.look.listing.PATH", f"{tools}:/usr/sbin:/usr/bin:/sbin:/bin")
    with pytest.raises(Unseen, match="refused"):
        place.look()
    monkeypatch.setattr("bailiwick.agent.look.listing.SYS", kernel)

    assert {fact.subject[:4] for fact in place.look().aspects["policy routing"]} == {"IPv4"}
