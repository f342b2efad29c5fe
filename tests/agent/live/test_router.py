"""A router that its systemd booted stands as its generation says; what is done to it behind our back is told."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bailiwick.dataplane.linux import Draft, device, read_links, read_routes, read_rules, read_vlans
from bailiwick.dataplane.linux.sysctl import read_sysctl
from bailiwick.twin.scene.namespaces import within
from bailiwick.workflow.devices import load
from bailiwick.workflow.recognition import Form, recognise
from tests.agent.live.device import SERVER, Router, router

pytestmark = [pytest.mark.real, pytest.mark.slow]

SYSCTL = "/etc/sysctl.d/90-bailiwick.conf"
HELD = "until ip -br -4 address show eth1 | grep -q ' 192.168.{}/24 *$'; do sleep 0.1; done"
FIREWALL, ETH1 = "/etc/bailiwick/firewall.nft", "/etc/systemd/network/10-bailiwick-eth1.network"


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Router]:
    directory = tmp_path_factory.mktemp("gate")
    conf = directory / "dhcp.conf"
    conf.write_text(SERVER)
    with router(directory) as one:
        with within(one.box.wall.stations["isp"].netns):
            server = subprocess.Popen(["dnsmasq", "--keep-in-foreground", f"--conf-file={conf}"])
        try:
            one.settled()
            yield one
        finally:
            server.terminate()
            server.wait()


def test_a_device_as_its_generation_says_has_not_drifted(gate: Router) -> None:
    assert gate.drift() == []
    assert gate.drift(ours=False) == []


def test_an_idle_device_looks_the_same_whatever_happens_to_it(gate: Router) -> None:
    before = gate.digest()
    lease = gate.sh("cat /run/systemd/netif/leases/*")
    gate.sh("networkctl renew eth0; networkctl reload; systemctl restart systemd-networkd")
    gate.settled()
    gate.box.wall.stations["seed"].run("busybox", "ping", "-c", "1", "-W", "2", "192.168.40.1")
    gate.sh("ip neighbour flush all; systemctl reload bailiwick-firewall bailiwick-exits")

    assert "ADDRESS=10.0.0." in lease
    assert gate.digest() == before
    gate.box.power_cut()
    gate.box.boot()
    gate.settled()
    assert gate.digest() == before
    assert gate.drift() == []


Told = tuple[str, str, str]
Fault = tuple[str, str, list[Told]]
"""What is done, how it is undone, and what is told: aspect, subject, part of the sentence."""
FAULTS: dict[str, Fault] = {
    "a unit that was stopped": (
        "systemctl stop bailiwick-dnsmasq@main",
        "systemctl start bailiwick-dnsmasq@main",
        [("units", "bailiwick-dnsmasq@main.service", "is stopped, and should be running")],
    ),
    "a unit that no boot starts": (
        "systemctl disable bailiwick-exits",
        "systemctl enable bailiwick-exits",
        [("units", "bailiwick-exits.service", "is disabled, and should be enabled")],
    ),
    "a unit that was masked": (
        "systemctl mask --runtime systemd-networkd",
        "systemctl unmask --runtime systemd-networkd",
        [("units", "systemd-networkd.service", "is masked-runtime, and should be enabled")],
    ),
    "a rival that is let loose": (
        "systemctl unmask networking; systemctl start networking",
        "systemctl stop networking; systemctl mask networking",
        [
            ("units", "networking.service", "is disabled, and should be masked"),
            ("units", "networking.service", "is running, and should be stopped"),
        ],
    ),
    "a file added to a unit": (
        "mkdir /run/systemd/system/bailiwick-exits.service.d;"
        "printf '[Service]\\nNice=3\\n' >/run/systemd/system/bailiwick-exits.service.d/x.conf; systemctl daemon-reload",
        "rm -r /run/systemd/system/bailiwick-exits.service.d; systemctl daemon-reload",
        [("units", "bailiwick-exits.service", "is changed by /run/systemd/system/bailiwick-exits.service.d/x.conf")],
    ),
    "a file of networkd's added to one of ours": (
        f"mkdir {ETH1}.d; echo >{ETH1}.d/more.conf",
        f"rm -r {ETH1}.d",
        [("files", f"{ETH1}.d/more.conf", "is new: read by systemd-networkd beside ours")],
    ),
    "a file with another mode": (
        "chmod 664 /etc/resolv.conf",
        "chmod 644 /etc/resolv.conf",
        [("files", "/etc/resolv.conf", "is mode 0664, and should be mode 0644, as generation 1 says")],
    ),
    "a comment in a file, which nothing follows from": (
        f"cp {FIREWALL} /run/kept; echo '# mine' >>{FIREWALL}",
        f"cat /run/kept >{FIREWALL}",
        [("files", FIREWALL, "is changed, and should be as it was written, as generation 1 says")],
    ),
    "a file that is missing": (
        "mv /etc/resolv.conf /run/resolv",
        "cp -p /run/resolv /etc/resolv.conf",
        [("files", "/etc/resolv.conf", "is absent, and should be a file, mode 0644")],
    ),
    "a setting in our file that was not there": (
        f"cp {SYSCTL} /run/sysctl; echo net/ipv4/ip_default_ttl = 33 >>{SYSCTL}",
        f"cat /run/sysctl >{SYSCTL}",
        [("files", SYSCTL, "what runs does not follow it yet")],
    ),
    "a file that nft would refuse": (
        f"cp {FIREWALL} /run/kept; echo 'nonsense' >>{FIREWALL}",
        f"cat /run/kept >{FIREWALL}",
        [("files", FIREWALL, "nft -f")],
    ),
    "a changed file that is not in force": (
        f"cp {FIREWALL} /run/kept; sed -i 's/filter hook forward priority filter; policy drop/"
        f"filter hook forward priority filter; policy accept/' {FIREWALL}",
        f"cat /run/kept >{FIREWALL}",
        [("files", FIREWALL, "what runs does not follow it yet")],
    ),
    "a changed file that is": (
        f"cp {ETH1} /run/kept; sed -i s/40.1/40.2/ {ETH1}; networkctl reload; {HELD.format('40.2')}",
        f"cat /run/kept >{ETH1}; networkctl reload; {HELD.format('40.1')}",
        [
            ("files", ETH1, "is changed, and should be as it was written"),
            ("addresses", "eth1 192.168.40.1/24", f"is missing, as {ETH1} says; so says the file on the disk"),
            ("addresses", "eth1 192.168.40.2/24", "is new; so says the file on the disk, which was changed"),
        ],
    ),
    "a rule that was added": (
        "nft insert rule inet bailiwick forward accept",
        "/usr/lib/bailiwick/load-firewall",
        [("rules", "rule in inet bailiwick forward", "is new: accept")],
    ),
    "no filter at all": (
        "nft delete table inet bailiwick",
        "systemctl restart bailiwick-firewall",
        [("rules", "table inet bailiwick", f"is missing, as {FIREWALL} says")],
    ),
    "an address that was added": (
        "ip address add 192.168.40.9/24 dev eth1",
        "ip address del 192.168.40.9/24 dev eth1",
        [("addresses", "eth1 192.168.40.9/24", "is new")],
    ),
    "another default route": (
        "ip route replace default via 81.2.69.11 dev eth2 metric 200 proto static",
        "ip route replace default via 81.2.69.9 dev eth2 metric 200 proto static",
        [
            ("routes", "0.0.0.0/0 metric 200 table main", "is missing, as /etc/systemd/network/10-"),
            ("routes", "0.0.0.0/0 metric 200 table main", "is new: via 81.2.69.11 dev eth2"),
        ],
    ),
    "an exit left open": (
        "ip rule del pref 1200; ip route del unreachable default table 22837 metric 4294967294",
        "systemctl reload bailiwick-exits",
        [
            ("routes", "0.0.0.0/0 metric 4294967294 table 22837", "is missing, as /etc/bailiwick/exits.batch says"),
            ("policy routing", "IPv4 rule 1200", "is missing, as /etc/bailiwick/exits.batch says"),
        ],
    ),
    "a routing rule that was added": (
        "ip rule add pref 500 from all lookup 7",
        "ip rule del pref 500",
        [("policy routing", "IPv4 rule 500", "is new: from all lookup 7")],
    ),
    "a setting": (
        "sysctl -qw net.ipv4.conf.all.rp_filter=2",
        "sysctl -qw net.ipv4.conf.all.rp_filter=0",
        [("settings", "net/ipv4/conf/all/rp_filter", "is 2, and should be 0, as /etc/sysctl.d/90-bailiwick.conf says")],
    ),
    "a link that is down": (
        "ip link set eth1 down",
        "ip link set eth1 up; sleep 1; /lib/systemd/systemd-networkd-wait-online --interface=eth1 --timeout=50",
        [("links", "eth1", "is down, and should be up")],
    ),
}  # fmt: skip


ROUNDS = (
    (
        *("a unit that was stopped", "a unit that no boot starts", "a rival that is let loose"),
        *("a file added to a unit", "a file of networkd's added to one of ours", "a file with another mode"),
    ),
    (
        *("a rule that was added", "an address that was added", "another default route", "an exit left open"),
        *("a routing rule that was added", "a setting"),
    ),
    ("a unit that was masked", "a comment in a file, which nothing follows from"),
    ("a file that is missing", "a setting in our file that was not there", "a changed file that is not in force"),
    ("a file that nft would refuse",),
    ("a changed file that is",),
    ("no filter at all", "a link that is down"),
)
"""Faults that do not touch each other, at the same time: what is told is theirs, and nothing else."""


def test_every_fault_has_its_round() -> None:
    assert sorted(fault for faults in ROUNDS for fault in faults) == sorted(FAULTS)


@pytest.mark.parametrize("faults", ROUNDS, ids=[faults[0] for faults in ROUNDS])
def test_a_change_behind_our_back_is_told(gate: Router, faults: tuple[str, ...]) -> None:
    for fault in faults:
        gate.sh(FAULTS[fault][0])
    try:
        told = gate.drift()
    finally:
        for fault in faults:
            gate.sh(FAULTS[fault][1])
    wanted = [one for fault in faults for one in FAULTS[fault][2]]

    assert sorted((aspect, what) for aspect, what, _ in told) == sorted((aspect, what) for aspect, what, _ in wanted)
    for aspect, what, words in wanted:
        assert any((aspect, what) == one[:2] and words in one[2] for one in told), told


def test_nothing_is_left_of_all_that(gate: Router) -> None:
    gate.settled()
    assert gate.drift() == []


DOCKER = """\
ip link add docker0 type bridge; ip address add 172.17.0.1/16 dev docker0; ip link set docker0 up
iptables -N DOCKER; iptables -P FORWARD DROP
iptables -A FORWARD -o docker0 -j DOCKER
iptables -A FORWARD -i docker0 -m conntrack --ctstate NEW -j ACCEPT
iptables -A DOCKER -d 172.17.0.2 -p tcp --dport 80 -j ACCEPT
iptables -t nat -N DOCKER; iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
"""
NO_DOCKER = "ip link del docker0; nft delete table ip filter; nft delete table ip nat"


def test_what_belongs_to_others_is_named_and_left_alone(gate: Router) -> None:
    before = gate.digest()
    gate.sh(DOCKER)
    gate.sh("nft add table inet mine; nft add chain inet mine in '{ type filter hook input priority 5; policy drop; }'")
    after = gate.digest()
    ours, theirs = gate.drift(), gate.drift(ours=False)
    gate.sh("nft delete table inet mine;" + NO_DOCKER)

    assert ours == []
    assert theirs == [
        ("links", "docker0", theirs[0][2]),
        ("other rules", "table inet mine", "table inet mine belongs to nobody known here: 0 rules"),
        ("other rules", "table ip filter", "table ip filter belongs to Docker: 3 rules"),
        ("other rules", "table ip nat", "table ip nat belongs to Docker: 1 rule"),
        ("addresses", "docker0 172.17.0.1/16", "the address docker0 172.17.0.1/16 belongs to Docker"),
    ]
    assert theirs[0][2].startswith("the link docker0 belongs to Docker: bridge, up")
    assert after != before  # a table that nobody knows may refuse anything
    assert gate.digest() == before


def test_ufw_that_was_let_loose_is_told_with_all_it_does(gate: Router) -> None:
    before = gate.look()
    gate.sh("systemctl unmask ufw; ufw --force enable; systemctl start ufw")
    seen = gate.since(before)
    ours, theirs = gate.drift(), gate.drift(ours=False)
    gate.sh("ufw --force disable; systemctl stop ufw; systemctl mask ufw")
    gate.sh("nft delete table ip filter; nft delete table ip6 filter")
    gate.sh("/lib/systemd/systemd-sysctl /etc/sysctl.d/90-bailiwick.conf")

    assert ("other rules", "chain ip filter INPUT") in seen
    assert ("units", "ufw.service") in seen
    assert (
        "units",
        "ufw.service",
        "the unit ufw.service is running, and should be stopped, as the generation says",
    ) in ours
    assert {sentence.partition(":")[0] for _, _, sentence in theirs} == {
        "table ip filter belongs to ufw",
        "table ip6 filter belongs to ufw",
    }
    assert gate.since(before) == []


def test_a_listing_is_what_audit_reads(gate: Router, tmp_path: Path) -> None:
    texts = gate.listing()
    paths = [tmp_path / name for name in texts if recognise(texts[name]) is not None]
    for path in paths:
        path.write_text(texts[path.name])
    loaded = load(paths)
    forms = {name: recognise(text) for name, text in texts.items() if name.endswith(".json")}
    draft = Draft()
    read_links(draft, "addresses", texts["addresses.json"])
    read_vlans(draft, "vlans", texts["vlans.json"])
    read_sysctl(draft, {"sysctl": texts["sysctl.txt"]})
    for version in (4, 6):
        read_routes(draft, "routes", texts[f"routes-v{version}.json"], family=version)
        read_rules(draft, "rules", texts[f"rules-v{version}.json"], version)
    read = device(draft, "gate")

    assert forms["ruleset.json"] is Form.NFT_JSON
    assert forms["addresses.json"] is Form.LINKS
    assert forms["routes-v4.json"] is Form.ROUTES
    assert forms["rules-v4.json"] is Form.RULES
    assert read.tally.unknown == ()
    assert len(loaded) == 1
    assert loaded[0].assumed == ()
    assert [rule.priority for rule in loaded[0].device.routing.rules if rule.family == 4] == [
        *(0, 1000, 1100, 1100, 1200, 32766, 32767)
    ]
    assert [str(address) for address in read.interfaces["eth1"].addresses] == ["192.168.40.1/24"]
    assert read.settings["net.ipv4.ip_forward"] == "1"
    assert any(route.table == "22837" and route.kind == "unreachable" for route in read.routing.routes)
